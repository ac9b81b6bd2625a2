#include <fmt/format.h>
#include <algorithm>
#include <kiln/compiler/extents.hpp>
#include <kiln/compiler/ops/operator.hpp>
#include <kiln/compiler/ops/reference.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::compiler {

namespace {

/// For every node, the last node that reads it; outputs are read by nobody last.
std::vector<ir::node_id> last_users(const ir::graph& g) {
    std::vector<ir::node_id> last(g.nodes.size(), -1);
    for (ir::node_id id = 0; id < g.size(); ++id)
        for (const ir::node_id operand : g[id].operands) last[static_cast<std::size_t>(operand)] = id;
    for (const ir::output& o : g.outputs) last[static_cast<std::size_t>(o.node)] = g.size();
    return last;
}

/// Sample `sample` of a tensor of `batch` samples.
tensor sample_of(const tensor& t, std::int64_t sample, std::int64_t batch) {
    tensor one{{t.shape.begin() + 1, t.shape.end()}, {}, t.type, {}};
    const auto each = static_cast<std::ptrdiff_t>(t.size()) / batch;
    if (t.type == element::float32)
        one.values.assign(t.values.begin() + sample * each, t.values.begin() + (sample + 1) * each);
    else
        one.integers.assign(t.integers.begin() + sample * each, t.integers.begin() + (sample + 1) * each);
    return one;
}

void append(tensor& to, const tensor& part) {
    to.values.insert(to.values.end(), part.values.begin(), part.values.end());
    to.integers.insert(to.integers.end(), part.integers.begin(), part.integers.end());
}

/// An operator of the graph on the tensors of its operands, sample by sample where there is a batch.
tensor evaluate_node(const ir::graph& g, const ir::node& n, const std::vector<const tensor*>& in) {
    // These two change what a sample is, and move nothing.
    if (n.kind == op::merge_batch || n.kind == op::split_batch) {
        tensor same = *in[0];
        same.shape = extents_of(n.shape);
        return same;
    }
    if (!ir::has_batch(n)) return evaluate(n.kind, n.attributes, in, n.shape, n.type);
    tensor whole{extents_of(n.shape), {}, n.type, {}};
    for (std::int32_t sample = 0; sample < n.shape[0]; ++sample) {
        std::vector<tensor> samples;
        samples.reserve(in.size());
        std::vector<const tensor*> operands = in;
        for (std::size_t i = 0; i < in.size(); ++i)
            if (ir::has_batch(g[n.operands[i]])) {
                samples.push_back(sample_of(*in[i], sample, n.shape[0]));
                operands[i] = &samples.back();
            }
        append(whole, evaluate(n.kind, n.attributes, operands, ir::sample_dims(n), n.type));
    }
    return whole;
}

void check_inputs(const ir::graph& g, const std::vector<tensor>& inputs) {
    const std::vector<ir::node_id> expected = g.inputs();
    if (inputs.size() != expected.size())
        throw error(fmt::format("graph '{}' takes {} inputs, {} were given", g.name, expected.size(), inputs.size()));
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const ir::node& n = g[expected[i]];
        expect_consistent(inputs[i], fmt::format("input '{}' of graph '{}'", n.name, g.name));
        if (inputs[i].type != n.type)
            throw error(fmt::format("input '{}' of graph '{}' is of {}, but {} was given", n.name, g.name,
                                    name_of(n.type), name_of(inputs[i].type)));
        if (inputs[i].shape != extents_of(n.shape))
            throw error(fmt::format("input '{}' of graph '{}' has shape {}, but {} was given", n.name, g.name,
                                    ir::text_of(n.shape), shape_text(inputs[i].shape)));
    }
}

}  // namespace

tensor evaluate(op kind, const attribute_words& words, std::span<const tensor* const> in, const dims& shape,
                element type) {
    tensor out = zeros(extents_of(shape), type);
    const operator_row& row = row_of(kind);
    if (row.any_type) {
        row.any_type(words, in, out);
        return out;
    }
    std::vector<operand_values> operands;
    for (const tensor* t : in) operands.push_back({dims_of(t->shape), t->values.data()});
    row.reference(words, operands, shape, out.values.data());
    return out;
}

std::vector<tensor> run_reference(const ir::graph& g, const std::vector<tensor>& inputs) {
    check_inputs(g, inputs);
    const std::vector<ir::node_id> last = last_users(g);
    std::vector<tensor> computed(g.nodes.size());  // activations; released after their last user
    const auto values_of = [&](ir::node_id id) -> const tensor& {
        const ir::node& n = g[id];
        if (!ir::is_weight(n)) return computed[static_cast<std::size_t>(id)];
        if (!n.value) throw error(fmt::format("graph '{}': parameter '{}' has no values yet", g.name, n.name));
        return *n.value;
    };

    std::size_t next_input = 0;
    for (ir::node_id id = 0; id < g.size(); ++id) {
        const ir::node& n = g[id];
        if (ir::is_weight(n)) continue;
        tensor& out = computed[static_cast<std::size_t>(id)];
        if (n.kind == op::input) {
            out = inputs[next_input++];
            continue;
        }
        std::vector<const tensor*> in;
        for (const ir::node_id operand : n.operands) in.push_back(&values_of(operand));
        out = evaluate_node(g, n, in);
        for (const ir::node_id operand : n.operands)
            if (last[static_cast<std::size_t>(operand)] == id) computed[static_cast<std::size_t>(operand)] = {};
    }

    std::vector<tensor> outputs;
    for (const ir::output& o : g.outputs) outputs.push_back(values_of(o.node));
    return outputs;
}

}  // namespace kiln::compiler
