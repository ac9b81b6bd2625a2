// Fully connected layers.
#include <fmt/format.h>

#include <optional>

#include <kiln/compiler/onnx/operators.hpp>
#include <kiln/dsl/ops/dense.hpp>
#include <kiln/runtime/tensor.hpp>

namespace kiln::onnx {
namespace {

const value& row_of(const node_view& n) {
    const value& x = n.input(0);
    if (x.is_known()) throw refusal{"input 0 is a constant"};
    if (x.rank() != 2) throw refusal{fmt::format("input 0, {}, is no row for each sample", shape_text(x.shape))};
    return x;
}

/// Rows of {inputs, units} from the order of a row flattened channels first into that of one flattened channels last.
tensor reordered(const tensor& w, const std::vector<std::int64_t>& flattened) {
    if (flattened.empty()) return w;
    tensor split{flattened, w.values};
    split.shape.push_back(w.shape[1]);
    std::vector<std::size_t> order;
    for (std::size_t axis = 1; axis < flattened.size(); ++axis) order.push_back(axis);
    order.insert(order.end(), {0, flattened.size()});
    return {w.shape, transposed(split, order).values};
}

value dense(importer& to, const node_view& n, const value& x, tensor w, std::optional<tensor> bias) {
    if (w.shape.size() != 2 || w.shape[0] != x.shape[1])
        throw refusal{fmt::format("weights of {} do not fit rows of {}", shape_text(w.shape), x.shape[1])};
    ops::dense::attributes a{static_cast<std::int32_t>(w.shape[1])};
    const auto fan_in = static_cast<int>(w.shape[0]);
    std::vector<ir::node_id> operands{x.node, to.parameter(n, 1, role::weight, fan_in, reordered(w, x.flattened))};
    if (bias) operands.push_back(to.parameter(n, 2, role::bias, 1, std::move(*bias)));
    return to.apply(op::dense, a, std::move(operands), n);
}

tensor scaled(tensor t, float factor) {
    if (factor != 1)
        for (float& v : t.values) v *= factor;
    return t;
}

}  // namespace

value import_gemm(importer& to, const node_view& n) {
    if (n.integer("transA", 0) != 0) throw refusal{"transA 1 is not supported"};
    const value& x = row_of(n);
    tensor w = *n.known(1).value;
    if (w.shape.size() == 2 && n.integer("transB", 0) != 0) w = transposed(w, {1, 0});
    std::optional<tensor> bias;
    if (n.has_input(2)) {
        tensor b = scaled(*n.known(2).value, n.number("beta", 1));
        const std::int64_t units = w.shape.size() == 2 ? w.shape[1] : 0;
        if (b.values.size() == 1) b.values.assign(static_cast<std::size_t>(units), b.values[0]);
        const bool one_row = b.shape.size() < 2 || b.shape[0] == 1;
        if (static_cast<std::int64_t>(b.values.size()) != units || !one_row)
            throw refusal{fmt::format("an addend of {} is not supported", shape_text(b.shape))};
        b.shape = {units};
        bias = std::move(b);
    }
    return dense(to, n, x, scaled(std::move(w), n.number("alpha", 1)), std::move(bias));
}

value import_matmul(importer& to, const node_view& n) {
    return dense(to, n, row_of(n), *n.known(1).value, std::nullopt);
}

}  // namespace kiln::onnx
