#include <algorithm>
#include <cmath>
#include <kiln/compiler/passes/fold_batch_norm.hpp>
#include <kiln/compiler/passes/rewriter.hpp>
#include <kiln/dsl/ops/batch_norm.hpp>
#include <map>
#include <utility>

namespace kiln::passes {

namespace {

using ir::node_id;

/// What a batch norm does to each channel: y = x * factor + offset.
struct affine {
    std::vector<double> factor, offset;
};

affine affine_of(const ir::graph& g, const ir::node& norm, const tensor* bias) {
    const double epsilon = ir::attributes_of<ops::batch_norm::attributes>(norm).epsilon;
    const auto operand = [&](std::size_t i, std::size_t c) -> double { return g[norm.operands[i]].value->values[c]; };
    affine a;
    for (std::size_t c = 0; c < static_cast<std::size_t>(norm.shape.channels()); ++c) {
        const double scale = operand(1, c), shift = operand(2, c), mean = operand(3, c), variance = operand(4, c);
        a.factor.push_back(scale / std::sqrt(variance + epsilon));
        a.offset.push_back(((bias ? bias->values[c] : 0.0) - mean) * a.factor[c] + shift);
    }
    return a;
}

ir::node constant(std::string name, const dims& shape, tensor value) {
    return {op::constant, {}, {}, shape, std::move(name), std::make_shared<const tensor>(std::move(value))};
}

ir::node scaled_weight(const ir::graph& g, const ir::node& layer, const affine& a) {
    const ir::node& weight = g[layer.operands[1]];
    tensor folded = *weight.value;
    const std::size_t filters = a.factor.size();
    for (std::size_t i = 0; i < folded.values.size(); i += filters)
        for (std::size_t f = 0; f < filters; ++f)
            folded.values[i + f] = static_cast<float>(folded.values[i + f] * a.factor[f]);
    return constant(layer.name + ".weight (folded)", weight.shape, std::move(folded));
}

ir::node folded_bias(const ir::node& layer, const affine& a) {
    const dims shape = dims::of(a.offset.size());
    tensor folded{{shape[0]}, {}};
    for (const double offset : a.offset) folded.values.push_back(static_cast<float>(offset));
    return constant(layer.name + ".bias (folded)", shape, std::move(folded));
}

bool have_values(const ir::graph& g, const ir::node& n) {
    return std::all_of(n.operands.begin() + 1, n.operands.end(), [&](node_id id) { return g[id].value != nullptr; });
}

/// For every node, the batch norm it can take in, or -1.
std::vector<node_id> foldable(const ir::graph& g) {
    const auto users = g.users();
    std::vector<node_id> norm_of(g.nodes.size(), -1);
    for (node_id id = 0; id < g.size(); ++id) {
        const ir::node& n = g[id];
        const auto& readers = users[static_cast<std::size_t>(id)];
        if ((n.kind != op::conv && n.kind != op::dense) || readers.size() != 1) continue;
        const ir::node& norm = g[readers[0]];
        const bool is_output = std::ranges::any_of(g.outputs, [&](const ir::output& o) { return o.node == id; });
        if (norm.kind == op::batch_norm && !is_output && have_values(g, n) && have_values(g, norm))
            norm_of[static_cast<std::size_t>(id)] = readers[0];
    }
    return norm_of;
}

/// Everything the folded weights depend on: equal keys, equal weights.
std::vector<std::int32_t> key_of(const ir::node& layer, const ir::node& norm) {
    std::vector<std::int32_t> key(layer.operands.begin() + 1, layer.operands.end());
    key.push_back(-1);
    key.insert(key.end(), norm.operands.begin() + 1, norm.operands.end());
    key.push_back(norm.attributes[0]);
    return key;
}

/// Folds the batch norms that `norm_of` gives to layers.
ir::graph folded_once(const ir::graph& g, const std::vector<node_id>& norm_of) {
    std::map<std::vector<std::int32_t>, std::pair<node_id, node_id>> folded;  // key -> new weight and bias
    rewriter r(g);
    for (node_id id = 0; id < g.size(); ++id) {
        if (r.at(id) >= 0) continue;  // a batch norm that its layer took in
        if (norm_of[static_cast<std::size_t>(id)] < 0) {
            r.carry(id);
            continue;
        }
        const ir::node& layer = g[id];
        const ir::node& norm = g[norm_of[static_cast<std::size_t>(id)]];
        const auto key = key_of(layer, norm);
        auto found = folded.find(key);
        if (found == folded.end()) {
            const affine a =
                affine_of(g, norm, layer.operands.size() == 3 ? g[layer.operands[2]].value.get() : nullptr);
            const node_id weight = r.add(scaled_weight(g, layer, a)), bias = r.add(folded_bias(layer, a));
            found = folded.emplace(key, std::pair(weight, bias)).first;
        }
        ir::node merged = layer;
        merged.operands = {r.at(layer.operands[0]), found->second.first, found->second.second};
        const node_id now = r.add(std::move(merged));
        r.replace(id, now);
        r.replace(norm_of[static_cast<std::size_t>(id)], now);
    }
    return r.finish();
}

}  // namespace

ir::graph fold_batch_norm(ir::graph g) {
    // A batch norm after a batch norm comes within reach once the first is folded.
    for (;;) {
        const std::vector<node_id> norm_of = foldable(g);
        if (std::ranges::all_of(norm_of, [](node_id norm) { return norm < 0; })) return g;
        g = folded_once(g, norm_of);
    }
}

}  // namespace kiln::passes
