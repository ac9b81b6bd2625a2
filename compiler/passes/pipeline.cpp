#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <chrono>
#include <kiln/compiler/ir/verify.hpp>
#include <kiln/compiler/passes/flatten_into_dense.hpp>
#include <kiln/compiler/passes/fold_batch_norm.hpp>
#include <kiln/compiler/passes/fold_constants.hpp>
#include <kiln/compiler/passes/pipeline.hpp>
#include <kiln/compiler/passes/remove_dead_nodes.hpp>
#include <kiln/compiler/passes/remove_single_concat.hpp>
#include <kiln/runtime/error.hpp>
#include <stdexcept>
#include <utility>

namespace kiln::passes {

namespace {

// A dead reader, or a concat of one in between, would keep a batch norm from being its layer's only reader.
constexpr std::string_view before_folding[] = {"remove_dead_nodes", "remove_single_concat"};
constexpr std::string_view after_dead_nodes[] = {"remove_dead_nodes"};

constexpr std::array table = {
    pass{"remove_dead_nodes", remove_dead_nodes, {}},
    pass{"fold_constants", fold_constants, after_dead_nodes},
    pass{"remove_single_concat", remove_single_concat, after_dead_nodes},
    pass{"flatten_into_dense", flatten_into_dense, {}},
    pass{"fold_batch_norm", fold_batch_norm, before_folding},
};

void verify_after(const pass& p, const ir::graph& g) {
    try {
        ir::verify(g);
    } catch (const error& broken) {
        throw std::logic_error(fmt::format("pass {} broke the graph: {}", p.name, broken.what()));
    }
}

}  // namespace

void check_order(std::span<const pass> passes) {
    for (std::size_t i = 0; i < passes.size(); ++i) {
        const auto earlier = passes.first(i);
        if (std::ranges::find(earlier, passes[i].name, &pass::name) != earlier.end())
            throw std::logic_error(fmt::format("two passes are called {}", passes[i].name));
        for (const std::string_view required : passes[i].after)
            if (std::ranges::find(earlier, required, &pass::name) == earlier.end())
                throw std::logic_error(fmt::format("pass {} must come after {}", passes[i].name, required));
    }
}

std::span<const pass> pipeline() {
    static const bool checked = (check_order(table), true);
    (void)checked;
    return table;
}

const pass& pass_named(std::string_view name) {
    const auto found = std::ranges::find(table, name, &pass::name);
    if (found != table.end()) return *found;
    std::string names;
    for (const pass& p : pipeline()) names += fmt::format("{}{}", names.empty() ? "" : ", ", p.name);
    throw error(fmt::format("unknown pass '{}'; the passes are {}", name, names));
}

ir::graph run_pipeline(ir::graph g, const observer& o) {
    for (const pass& p : pipeline()) {
        const auto start = std::chrono::steady_clock::now();
        g = p.run(std::move(g));
        const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - start;
        verify_after(p, g);
        if (o.timed) o.timed(p, spent.count());
        if (o.after_pass) o.after_pass(p, g);
    }
    return g;
}

}  // namespace kiln::passes
