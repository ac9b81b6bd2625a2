// The networks that ship with Kiln: plug-ins built from examples/*.cpp when Kiln is, one file for each source.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <kiln/compiler/ir/graph.hpp>

namespace kiln::frontend {

struct shipped_network {
    std::string name;    // "resnet50"
    std::string inputs;  // "224x224x3"
    std::string label;   // the name; "NAME@SHAPE" where one name has several shapes
    std::filesystem::path plugin;
};

/// Sorted by name, numbers in names by value.
std::vector<shipped_network> shipped_networks();

struct shipped_graph {
    ir::graph graph;
    std::filesystem::path plugin;
};

/// Empty if no shipped network is called so. Where it lacks an output called `with_output`, the network beside it that
/// has one, if there is any.
std::optional<shipped_graph> load_shipped(const std::string& name, int batch, const std::string& with_output = {});

}  // namespace kiln::frontend
