// The ordered table of graph passes. Each entry names a pass, its function, what it requires to have run before it
// and what it ensures; the order is checked against that when the table is built, and the graph is verified after
// every pass.
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include <kiln/compiler/ir/graph.hpp>

namespace kiln::passes {

struct pass {
    std::string_view name;
    ir::graph (*run)(ir::graph);
    std::span<const std::string_view> after;  // names of passes that must come earlier
};

std::span<const pass> pipeline();

/// The pass of that name. Throws kiln::error that lists the names there are.
const pass& pass_named(std::string_view name);

/// Throws std::logic_error unless names are distinct and every pass comes after those it requires.
void check_order(std::span<const pass> table);

struct observer {
    std::function<void(const pass&, const ir::graph&)> after_pass;  // may be empty
    std::function<void(const pass&, double milliseconds)> timed;    // may be empty
};

/// Runs the table in order, verifying after each pass.
ir::graph run_pipeline(ir::graph g, const observer& o = {});

}  // namespace kiln::passes
