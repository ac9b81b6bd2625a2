// A DSL plug-in in memory: the graphs a shared object exports through kiln_plugin_graphs (dsl/export.hpp).
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <kiln/compiler/ir/graph.hpp>
#include <kiln/dsl/graph_view.hpp>

namespace kiln::frontend {

class plugin {
public:
    /// Loads the shared object. `what` names it in messages. Throws kiln::error when it is no plug-in of this Kiln.
    plugin(const std::filesystem::path& object, const std::string& what);

    /// Valid while the plug-in lives.
    std::span<const graph_view* const> graphs() const { return graphs_; }

    /// The graph called `which`, for `batch` samples: a name, or NAME@SHAPE,... where one name has several shapes. With
    /// an empty `which`: the only graph, or the one called `stem`. Throws kiln::error that lists the graphs.
    ir::graph choose(const std::string& which, const std::string& stem, int batch) const;

    /// The graph that has an output called `output`; of several, STEM_OUTPUT. Empty where none has one. Throws
    /// kiln::error that lists them where none of several is called so.
    std::optional<ir::graph> choose_with_output(const std::string& output, const std::string& stem, int batch) const;

private:
    std::shared_ptr<void> handle_;
    std::span<const graph_view* const> graphs_;
    std::string what_;
};

/// "28x28x1" or "96x96x3,96x96x3": the shapes of a graph's inputs.
std::string input_shapes(const ir::graph& g);

}  // namespace kiln::frontend
