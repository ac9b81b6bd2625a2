#include <kiln/compiler/train/frozen_layers.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>

#include <kiln/runtime/error.hpp>

namespace kiln::train {
namespace {

/// Whether `name` is the parameter or layer `of`, or lies in the scope of that name.
bool is_within(std::string_view name, std::string_view of) {
    return name.starts_with(of) && (name.size() == of.size() || name[of.size()] == '.');
}

}  // namespace

frozen_layers::frozen_layers(const ir::graph& g, const std::vector<std::string>& names) {
    std::vector<std::string_view> parameters;
    for (const ir::node& n : g.nodes)
        if (n.kind == op::parameter) parameters.push_back(n.name);
    for (const std::string& name : names) {
        bool found = false;
        for (const std::string_view parameter : parameters)
            if (is_within(parameter, name)) found = frozen_.insert(std::string(parameter)).second || found;
        if (!found)
            throw error(fmt::format("no layer called '{}' can be frozen: the parameters of network '{}' are {}", name,
                                    g.name, fmt::join(parameters, ", ")));
    }
}

}  // namespace kiln::train
