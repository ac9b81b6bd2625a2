#include <fmt/format.h>
#include <algorithm>
#include <kiln/compiler/ops/operator.hpp>
#include <kiln/compiler/ops/reference.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::compiler {

namespace {

std::vector<std::int64_t> extents_of(const dims& d) { return {d.extent.begin(), d.extent.begin() + d.rank}; }

/// For every node, the last node that reads it; outputs are read by nobody last.
std::vector<ir::node_id> last_users(const ir::graph& g) {
    std::vector<ir::node_id> last(g.nodes.size(), -1);
    for (ir::node_id id = 0; id < g.size(); ++id)
        for (const ir::node_id operand : g[id].operands) last[static_cast<std::size_t>(operand)] = id;
    for (const ir::output& o : g.outputs) last[static_cast<std::size_t>(o.node)] = g.size();
    return last;
}

/// The values of sample `sample` of a node: a weight has the same ones for all.
operand_values sample_of(const ir::node& n, const std::vector<float>& values, std::int64_t sample) {
    const dims shape = ir::sample_dims(n);
    return {shape, values.data() + (ir::is_weight(n) ? 0 : sample * shape.volume())};
}

void check_inputs(const ir::graph& g, const std::vector<tensor>& inputs) {
    const std::vector<ir::node_id> expected = g.inputs();
    if (inputs.size() != expected.size())
        throw error(fmt::format("graph '{}' takes {} inputs, {} were given", g.name, expected.size(), inputs.size()));
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const ir::node& n = g[expected[i]];
        expect_consistent(inputs[i], fmt::format("input '{}' of graph '{}'", n.name, g.name));
        if (inputs[i].shape != extents_of(n.shape))
            throw error(fmt::format("input '{}' of graph '{}' has shape {}, but {} was given", n.name, g.name,
                                    ir::text_of(n.shape), shape_text(inputs[i].shape)));
    }
}

}  // namespace

std::vector<tensor> run_reference(const ir::graph& g, const std::vector<tensor>& inputs) {
    check_inputs(g, inputs);
    const std::vector<ir::node_id> last = last_users(g);
    std::vector<std::vector<float>> computed(g.nodes.size());  // activations; released after their last user
    const auto values_of = [&](ir::node_id id) -> const std::vector<float>& {
        const ir::node& n = g[id];
        if (!ir::is_weight(n)) return computed[static_cast<std::size_t>(id)];
        if (!n.value) throw error(fmt::format("graph '{}': parameter '{}' has no values yet", g.name, n.name));
        return n.value->values;
    };

    std::size_t next_input = 0;
    for (ir::node_id id = 0; id < g.size(); ++id) {
        const ir::node& n = g[id];
        if (ir::is_weight(n)) continue;
        std::vector<float>& out = computed[static_cast<std::size_t>(id)];
        if (n.kind == op::input) {
            out = inputs[next_input++].values;
            continue;
        }
        const dims out_shape = ir::sample_dims(n);
        out.resize(static_cast<std::size_t>(n.shape.volume()));
        for (std::int64_t sample = 0; sample < g.batch; ++sample) {
            std::vector<operand_values> in;
            for (const ir::node_id operand : n.operands)
                in.push_back(sample_of(g[operand], values_of(operand), sample));
            row_of(n.kind).reference(n.attributes, in, out_shape, out.data() + sample * out_shape.volume());
        }
        for (const ir::node_id operand : n.operands)
            if (last[static_cast<std::size_t>(operand)] == id)
                std::vector<float>().swap(computed[static_cast<std::size_t>(operand)]);
    }

    std::vector<tensor> outputs;
    for (const ir::output& o : g.outputs)
        outputs.push_back({extents_of(g[o.node].shape), computed[static_cast<std::size_t>(o.node)]});
    return outputs;
}

}  // namespace kiln::compiler
