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

/// The batch norms behind a layer, one behind the other.
using chain = std::vector<node_id>;

/// What a layer's bias and the batch norms behind it do to each channel of its sums: y = x * factor + offset.
struct affine {
    std::vector<double> factor, offset;
};

affine affine_of(const ir::graph& g, const chain& norms, const tensor* bias) {
    const auto channels = static_cast<std::size_t>(g[norms[0]].shape.channels());
    affine a{std::vector<double>(channels, 1), std::vector<double>(channels, 0)};
    if (bias) a.offset.assign(bias->values.begin(), bias->values.end());
    for (const node_id id : norms) {
        const ir::node& norm = g[id];
        const double epsilon = ir::attributes_of<ops::batch_norm::attributes>(norm).epsilon;
        const auto operand = [&](std::size_t i, std::size_t c) -> double {
            return g[norm.operands[i]].value->values[c];
        };
        for (std::size_t c = 0; c < channels; ++c) {
            const double scale = operand(1, c), shift = operand(2, c), mean = operand(3, c), variance = operand(4, c);
            const double factor = scale / std::sqrt(variance + epsilon);
            a.factor[c] *= factor;
            a.offset[c] = (a.offset[c] - mean) * factor + shift;
        }
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

/// For every layer, the batch norms it can take in; for all other nodes none.
std::vector<chain> foldable(const ir::graph& g) {
    const auto users = g.users();
    std::vector<bool> is_output(g.nodes.size());
    for (const ir::output& o : g.outputs) is_output[static_cast<std::size_t>(o.node)] = true;
    std::vector<chain> norms_of(g.nodes.size());
    for (node_id id = 0; id < g.size(); ++id) {
        const ir::node& n = g[id];
        if ((n.kind != op::conv && n.kind != op::dense) || !have_values(g, n)) continue;
        for (node_id last = id;;) {
            const auto& readers = users[static_cast<std::size_t>(last)];
            if (readers.size() != 1 || is_output[static_cast<std::size_t>(last)]) break;
            last = readers[0];
            if (g[last].kind != op::batch_norm || !have_values(g, g[last])) break;
            norms_of[static_cast<std::size_t>(id)].push_back(last);
        }
    }
    return norms_of;
}

/// Everything the folded weights depend on: equal keys, equal weights.
std::vector<std::int32_t> key_of(const ir::graph& g, const ir::node& layer, const chain& norms) {
    std::vector<std::int32_t> key(layer.operands.begin() + 1, layer.operands.end());
    key.push_back(-1);
    for (const node_id id : norms) {
        key.insert(key.end(), g[id].operands.begin() + 1, g[id].operands.end());
        key.push_back(g[id].attributes[0]);
    }
    return key;
}

}  // namespace

ir::graph fold_batch_norm(ir::graph g) {
    const std::vector<chain> norms_of = foldable(g);
    std::map<std::vector<std::int32_t>, std::pair<node_id, node_id>> folded;  // key -> new weight and bias
    rewriter r(g);
    for (node_id id = 0; id < g.size(); ++id) {
        if (r.at(id) >= 0) continue;  // a batch norm that its layer took in
        const chain& norms = norms_of[static_cast<std::size_t>(id)];
        if (norms.empty()) {
            r.carry(id);
            continue;
        }
        const ir::node& layer = g[id];
        const auto key = key_of(g, layer, norms);
        auto found = folded.find(key);
        if (found == folded.end()) {
            const affine a =
                affine_of(g, norms, layer.operands.size() == 3 ? g[layer.operands[2]].value.get() : nullptr);
            const node_id weight = r.add(scaled_weight(g, layer, a)), bias = r.add(folded_bias(layer, a));
            found = folded.emplace(key, std::pair(weight, bias)).first;
        }
        ir::node merged = layer;
        merged.operands = {r.at(layer.operands[0]), found->second.first, found->second.second};
        const node_id now = r.add(std::move(merged));
        r.replace(id, now);
        for (const node_id norm : norms) r.replace(norm, now);
    }
    return r.finish();
}

}  // namespace kiln::passes
