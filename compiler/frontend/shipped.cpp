#include <kiln/compiler/frontend/shipped.hpp>

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>
#include <cstring>
#include <map>

#include <kiln/compiler/frontend/installation.hpp>
#include <kiln/compiler/frontend/plugin.hpp>
#include <kiln/compiler/ir/from_view.hpp>

namespace kiln::frontend {
namespace fs = std::filesystem;
namespace {

std::vector<fs::path> plugin_files() {
    std::vector<fs::path> files;
    const fs::path folder = networks_folder();
    if (folder.empty()) return files;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder))
        if (entry.path().extension() == ".so") files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

}  // namespace

std::vector<shipped_network> shipped_networks() {
    std::vector<shipped_network> networks;
    std::map<std::string, int> count;
    for (const fs::path& file : plugin_files()) {
        const plugin loaded(file, file.stem().string());
        for (const graph_view* view : loaded.graphs()) {
            const ir::graph g = ir::from_view(*view);
            // A cost is what a network beside it learns from.
            if (std::ranges::find(g.outputs, "cost", &ir::output::name) != g.outputs.end()) continue;
            const shipped_network found{g.name, input_shapes(g), g.name, file};
            // A network may also have a file of its own: it is the same one.
            if (std::ranges::any_of(networks, [&](const shipped_network& n) {
                    return n.name == found.name && n.inputs == found.inputs;
                }))
                continue;
            networks.push_back(found);
            ++count[g.name];
        }
    }
    for (shipped_network& n : networks)
        if (count[n.name] > 1) n.label = fmt::format("{}@{}", n.name, n.inputs);
    std::ranges::sort(networks, [](const shipped_network& a, const shipped_network& b) {
        return strverscmp(a.label.c_str(), b.label.c_str()) < 0;
    });
    return networks;
}

namespace {

ir::graph choose(const plugin& loaded, const std::string& name, int batch, const std::string& with_output) {
    ir::graph g = loaded.choose(name, {}, batch);
    const auto wanted = [&](const ir::output& o) { return o.name == with_output; };
    if (with_output.empty() || std::ranges::any_of(g.outputs, wanted)) return g;
    auto beside = loaded.choose_with_output(with_output, g.name, batch);
    return beside ? std::move(*beside) : std::move(g);
}

}  // namespace

std::optional<shipped_graph> load_shipped(const std::string& name, int batch, const std::string& with_output) {
    const std::string bare = name.substr(0, name.find('@'));
    std::vector<fs::path> files = plugin_files();
    // Most networks live in a file of their own name: try that one first.
    std::ranges::stable_partition(files, [&](const fs::path& file) { return file.stem() == bare; });
    for (const fs::path& file : files) {
        const plugin loaded(file, file.stem().string());
        for (const graph_view* view : loaded.graphs())
            if (view->name && view->name == bare) return shipped_graph{choose(loaded, name, batch, with_output), file};
    }
    return std::nullopt;
}

}  // namespace kiln::frontend
