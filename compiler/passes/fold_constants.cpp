#include <kiln/compiler/passes/fold_constants.hpp>

#include <fmt/format.h>

#include <algorithm>

#include <kiln/compiler/ops/folding.hpp>
#include <kiln/compiler/ops/reference.hpp>
#include <kiln/compiler/passes/rewriter.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::passes {

ir::graph fold_constants(ir::graph g) {
    rewriter r(g);
    std::vector<std::shared_ptr<const tensor>> folded(g.nodes.size());
    const auto value_of = [&](ir::node_id id) {
        const auto& known = folded[static_cast<std::size_t>(id)];
        return known ? known : g[id].value;
    };
    compiler::folding_allowance allowance;
    for (const ir::node& n : g.nodes)
        if (n.value) allowance.grant(n.value->size() * sizeof(float));
    for (ir::node_id id = 0; id < g.size(); ++id) {
        const ir::node& n = g[id];
        // Constants have no batch, so split_batch of one stays.
        const bool foldable = !is_leaf(n.kind) && !ir::has_batch(n) &&
                              std::ranges::all_of(n.operands, [&](ir::node_id o) { return value_of(o) != nullptr; });
        if (!foldable) {
            r.carry(id);
            continue;
        }
        std::vector<const tensor*> in;
        std::vector<dims> shapes;
        for (const ir::node_id o : n.operands) {
            in.push_back(value_of(o).get());
            shapes.push_back(ir::sample_dims(g[o]));
        }
        if (!allowance.take(compiler::folding_work(n.kind, n.attributes, shapes, n.shape)))
            throw error(fmt::format("graph '{}', node {} '{}': what it makes of constants, {}, is too large for so few",
                                    g.name, id, n.name, ir::text_of(n.shape)));
        folded[static_cast<std::size_t>(id)] =
            std::make_shared<const tensor>(compiler::evaluate(n.kind, n.attributes, in, n.shape, n.type));
        ir::node constant{op::constant, {}, {}, n.shape, n.name, folded[static_cast<std::size_t>(id)], n.type};
        r.replace(id, r.add(std::move(constant)));
    }
    return r.finish();
}

}  // namespace kiln::passes
