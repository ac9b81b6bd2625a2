#include <kiln/compiler/train/class_labels.hpp>

#include <fmt/format.h>

#include <algorithm>

#include <kiln/dsl/ops/binary.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::train {
namespace {

/// Whether the node is the constant 0, 1, 2, ..., at least two of them.
bool counts(const ir::node& n) {
    if (n.kind != op::constant || n.type != element::float32 || n.value->values.size() < 2) return false;
    for (std::size_t i = 0; i < n.value->values.size(); ++i)
        if (n.value->values[i] != static_cast<float>(i)) return false;
    return true;
}

}  // namespace

std::vector<class_label> class_labels(const ir::graph& g) {
    std::vector<class_label> found;
    const std::vector<ir::node_id> inputs = g.inputs();
    for (const ir::node& n : g.nodes) {
        if (n.kind != op::binary || ir::attributes_of<ops::binary::attributes>(n).function != binary_function::equal)
            continue;
        const auto input = std::ranges::find(inputs, n.operands[0]);
        if (input == inputs.end() || !counts(g[n.operands[1]])) continue;
        found.push_back({static_cast<int>(input - inputs.begin()), g[n.operands[0]].name,
                         static_cast<int>(g[n.operands[1]].shape.volume())});
    }
    return found;
}

void expect_classes(std::span<const class_label> labels, std::span<const tensor> inputs) {
    for (const class_label& l : labels) {
        const tensor& t = inputs[static_cast<std::size_t>(l.input)];
        for (std::size_t i = 0; i < t.values.size(); ++i) {
            const float label = t.values[i];
            const bool known = label >= 0 && label < static_cast<float>(l.classes) &&
                               label == static_cast<float>(static_cast<std::int64_t>(label));
            if (!known)
                throw error(
                    fmt::format("{} holds label {} (sample {} of the batch), which is none of the network's {} "
                                "classes: they are 0 to {}",
                                l.name, label, i * static_cast<std::size_t>(t.shape[0]) / t.values.size(), l.classes,
                                l.classes - 1));
        }
    }
}

}  // namespace kiln::train
