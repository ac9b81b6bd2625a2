// Which parameters training leaves alone.
#pragma once

#include <set>
#include <string>
#include <vector>

#include <kiln/compiler/ir/graph.hpp>

namespace kiln::train {

class frozen_layers {
public:
    /// `names`: parameters, layers or scopes. Throws kiln::error, with the parameters there are, where one names none.
    frozen_layers(const ir::graph& g, const std::vector<std::string>& names);

    bool holds(const ir::node& parameter) const { return frozen_.contains(parameter.name); }

private:
    std::set<std::string, std::less<>> frozen_;
};

}  // namespace kiln::train
