#include <kiln/compiler/frontend/load_source.hpp>

#include <kiln/compiler/frontend/build_plugin.hpp>
#include <kiln/compiler/frontend/plugin.hpp>

namespace kiln::frontend {

loaded_model load_source(const std::filesystem::path& file, const std::string& name, const load_options& options) {
    expect_fixed_ports(options);
    const plugin_file built = build_plugin(file, options.use_cache, options.cache_folder);
    struct removal {
        const plugin_file& built;
        ~removal() {
            std::error_code ignored;
            if (built.temporary) std::filesystem::remove(built.object, ignored);
        }
    } const remove_at_end{built};
    const plugin loaded(built.object, file.string());
    if (name.empty() && !options.with_output.empty())
        if (auto found = loaded.choose_with_output(options.with_output, file.stem().string(), options.batch))
            return {std::move(*found), built.sources};
    return {loaded.choose(name, file.stem().string(), options.batch), built.sources};
}

}  // namespace kiln::frontend
