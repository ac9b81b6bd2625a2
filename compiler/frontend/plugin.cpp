#include <kiln/compiler/frontend/plugin.hpp>

#include <dlfcn.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include <kiln/compiler/ir/from_view.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::frontend {
namespace {

using entry_point = const graph_view* const* (*)(int*);

/// A view of other headers has another layout: nothing but its first two members may be read.
void expect_our_version(const graph_view& view, const std::string& what) {
    if (view.version != graph_view_version || view.node_bytes != sizeof(node))
        throw error(
            fmt::format("{} was built with other Kiln headers (graph version {}, this Kiln's is {}): build it again",
                        what, view.version, graph_view_version));
}

}  // namespace

plugin::plugin(const std::filesystem::path& object, const std::string& what) : what_(what) {
    handle_ = std::shared_ptr<void>(dlopen(object.c_str(), RTLD_NOW | RTLD_LOCAL), [](void* handle) {
        if (handle) dlclose(handle);
    });
    if (!handle_) throw error(fmt::format("{}: cannot load the network: {}", what, dlerror()));
    const auto entry = reinterpret_cast<entry_point>(dlsym(handle_.get(), "kiln_plugin_graphs"));
    if (!entry)
        throw error(fmt::format(
            "{} exports no network: include <kiln/dsl/dsl.hpp> and add a line KILN_EXPORT(NAME, shape<...>);", what));
    int count = 0;
    const graph_view* const* graphs = entry(&count);
    if (count < 1 || !graphs)
        throw error(fmt::format("{} exports no network: add a line KILN_EXPORT(NAME, shape<...>);", what));
    graphs_ = {graphs, static_cast<std::size_t>(count)};
    for (const graph_view* view : graphs_) {
        if (!view) throw error(fmt::format("{} exports a null graph", what));
        expect_our_version(*view, what);
    }
}

std::string input_shapes(const ir::graph& g) {
    std::vector<std::string> shapes;
    for (const ir::node_id id : g.inputs()) shapes.push_back(ir::text_of(ir::sample_dims(g[id])));
    return fmt::format("{}", fmt::join(shapes, ","));
}

ir::graph plugin::choose(const std::string& which, const std::string& stem, int batch) const {
    const std::string wanted = which.empty() ? stem : which;
    std::vector<ir::graph> matching;
    std::vector<std::string> labels;
    for (const graph_view* view : graphs_) {
        ir::graph g = ir::from_view(*view, batch);
        labels.push_back(fmt::format("{}@{}", g.name, input_shapes(g)));
        if (g.name == wanted || labels.back() == wanted) matching.push_back(std::move(g));
    }
    if (matching.size() == 1) return std::move(matching.front());
    if (which.empty() && graphs_.size() == 1) return ir::from_view(*graphs_[0], batch);
    const std::string list = fmt::format("{}", fmt::join(labels, ", "));
    if (!matching.empty())
        throw error(fmt::format("{} exports {} for several shapes: choose one as {}:NAME@SHAPE of {}", what_, wanted,
                                what_, list));
    if (which.empty())
        throw error(fmt::format("{} exports several networks: choose one as {}:NAME of {}", what_, what_, list));
    throw error(fmt::format("{} exports no network '{}': it has {}", what_, which, list));
}

std::optional<ir::graph> plugin::choose_with_output(const std::string& output, const std::string& stem,
                                                    int batch) const {
    std::vector<ir::graph> matching;
    std::vector<std::string> names;
    for (const graph_view* view : graphs_) {
        ir::graph g = ir::from_view(*view, batch);
        if (std::ranges::find(g.outputs, output, &ir::output::name) == g.outputs.end()) continue;
        if (g.name == stem + "_" + output) return g;
        names.push_back(g.name);
        matching.push_back(std::move(g));
    }
    if (matching.empty()) return std::nullopt;
    if (matching.size() == 1) return std::move(matching.front());
    throw error(fmt::format("{} exports several networks with an output '{}': choose one as {}:NAME of {}", what_,
                            output, what_, fmt::join(names, ", ")));
}

}  // namespace kiln::frontend
