// Fully connected layers.
#include <fmt/format.h>

#include <optional>

#include <kiln/compiler/onnx/build.hpp>
#include <kiln/compiler/onnx/operators.hpp>
#include <kiln/dsl/ops/dense.hpp>
#include <kiln/runtime/tensor.hpp>

namespace kiln::onnx {
namespace {

/// The rows, one for each sample: as an image, or flattened from one.
value row_of(const node_view& n) {
    const value& x = n.input(0);
    if (x.rank() != 2) throw refusal{fmt::format("input 0, {}, is no row for each sample", shape_text(x.shape))};
    return x.flattened >= 0 ? x : n.activation(0);
}

/// Rows of {inputs, units} from the order of a row flattened channels first into that of one flattened channels last.
tensor reordered(const importer& to, const tensor& w, ir::node_id image) {
    if (image < 0) return w;
    std::vector<std::int64_t> flattened = channels_first(to.graph()[image].shape);
    flattened.erase(flattened.begin());
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
    std::vector<ir::node_id> operands{x.node, to.parameter(n, 1, role::weight, fan_in, reordered(to, w, x.flattened))};
    if (bias) operands.push_back(to.parameter(n, 2, role::bias, 1, std::move(*bias)));
    return to.apply(op::dense, a, std::move(operands), n);
}

tensor scaled(tensor t, float factor) {
    if (factor != 1)
        for (float& v : t.values) v *= factor;
    return t;
}

}  // namespace

namespace {

/// alpha x y + beta z of computed matrices.
value general_gemm(importer& to, const node_view& n) {
    expression_builder b(to, n);
    const auto matrix = [&](std::size_t i, std::string_view transposes) {
        const ir::node_id m = n.plain(i);
        if (b.shape_of(m).size() != 2) throw refusal{fmt::format("input {} is no matrix", i)};
        return n.integer(transposes, 0) != 0 ? b.transpose(m, {1, 0}) : m;
    };
    ir::node_id y = to.plain(to.apply(op::matmul, {matrix(0, "transA"), matrix(1, "transB")}, n));
    if (const float alpha = n.number("alpha", 1); alpha != 1) y = b.multiply(y, b.number(alpha));
    if (!n.has_input(2)) return b.value_of(y);
    ir::node_id z = n.plain(2);
    if (const float beta = n.number("beta", 1); beta != 1) z = b.multiply(z, b.number(beta));
    return b.value_of(b.add(y, z));
}

/// Whether `x` is rows that a dense layer takes.
bool is_rows(const value& x) { return !x.is_known() && x.rank() == 2; }

}  // namespace

results import_gemm(importer& to, const node_view& n) {
    const bool constant = n.input(1).is_known() && (!n.has_input(2) || n.input(2).is_known());
    if (n.integer("transA", 0) != 0 || !constant || !is_rows(n.input(0))) return general_gemm(to, n);
    tensor w = n.known_floats(1);
    if (w.shape.size() == 2 && n.integer("transB", 0) != 0) w = transposed(w, {1, 0});
    std::optional<tensor> bias;
    if (n.has_input(2)) {
        tensor b = scaled(n.known_floats(2), n.number("beta", 1));
        const std::int64_t units = w.shape.size() == 2 ? w.shape[1] : 0;
        if (b.values.size() == 1) b.values.assign(static_cast<std::size_t>(units), b.values[0]);
        const bool one_row = b.shape.size() < 2 || b.shape[0] == 1;
        if (static_cast<std::int64_t>(b.values.size()) != units || !one_row) return general_gemm(to, n);
        b.shape = {units};
        bias = std::move(b);
    }
    return dense(to, n, row_of(n), scaled(std::move(w), n.number("alpha", 1)), std::move(bias));
}

results import_matmul(importer& to, const node_view& n) {
    const value &x = n.input(0), &y = n.input(1);
    if (is_rows(x) && y.is_known() && y.rank() == 2) return dense(to, n, row_of(n), n.known_floats(1), std::nullopt);
    // A vector is a matrix of one row, or one column, whose axis goes again.
    expression_builder b(to, n);
    if (x.rank() == 0 || y.rank() == 0) throw refusal{"it multiplies a number"};
    const ir::node_id left = x.rank() == 1 ? b.unsqueeze(n.plain(0), 0) : n.plain(0);
    const ir::node_id right = y.rank() == 1 ? b.unsqueeze(n.plain(1), 1) : n.plain(1);
    ir::node_id product = to.plain(to.apply(op::matmul, {left, right}, n));
    if (y.rank() == 1) product = b.squeeze(product, b.shape_of(product).size() - 1);
    if (x.rank() == 1) product = b.squeeze(product, b.shape_of(product).size() - (y.rank() == 1 ? 1 : 2));
    return b.value_of(product);
}

}  // namespace kiln::onnx
