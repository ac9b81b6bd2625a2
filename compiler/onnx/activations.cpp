// Activation functions, and what layers are normalised by.
#include <fmt/format.h>

#include <cmath>

#include <kiln/compiler/onnx/build.hpp>
#include <kiln/compiler/onnx/elementwise.hpp>
#include <kiln/compiler/onnx/operators.hpp>
#include <kiln/dsl/ops/ops.hpp>
#include <kiln/runtime/tensor.hpp>

namespace kiln::onnx {

results import_relu(importer& to, const node_view& n) { return map(to, n, op::relu, no_attributes{}); }
results import_sigmoid(importer& to, const node_view& n) { return map(to, n, op::sigmoid, no_attributes{}); }
results import_tanh(importer& to, const node_view& n) { return map(to, n, op::tanh, no_attributes{}); }
results import_leaky_relu(importer& to, const node_view& n) {
    return map(to, n, op::leaky_relu, ops::leaky_relu::attributes{n.number("alpha", 0.01F)});
}

results import_elu(importer& to, const node_view& n) {
    return map(to, n, op::elu, ops::elu::attributes{n.number("alpha", 1)});
}
results import_selu(importer& to, const node_view& n) {
    // Kiln's has the constants of the paper, which are ONNX's defaults.
    const float alpha = n.number("alpha", 1.6732632F), gamma = n.number("gamma", 1.0507010F);
    if (std::abs(alpha - 1.6732632F) <= 1e-5F && std::abs(gamma - 1.0507010F) <= 1e-5F)
        return map(to, n, op::selu, no_attributes{});
    expression_builder b(to, n);
    const value bent = map(to, n, op::elu, ops::elu::attributes{alpha});
    return b.value_of(b.multiply(to.plain(bent), b.number(gamma)));
}
results import_gelu(importer& to, const node_view& n) {
    if (n.text("approximate", "none") != "none") throw refusal{"only the exact form is supported"};
    return map(to, n, op::gelu, no_attributes{});
}
results import_hard_sigmoid(importer& to, const node_view& n) {
    return map(to, n, op::hard_sigmoid, ops::hard_sigmoid::attributes{n.number("alpha", 0.2F), n.number("beta", 0.5F)});
}
results import_hard_swish(importer& to, const node_view& n) { return map(to, n, op::hard_swish, no_attributes{}); }

results import_clip(importer& to, const node_view& n) {
    const bool inputs = n.opset() >= 11;
    const auto known = [&](std::size_t i) { return !n.has_input(i) || n.input(i).is_known(); };
    if (inputs && (!known(1) || !known(2) || to.type_of(n.input(0)) != element::float32)) {
        expression_builder b(to, n);
        ir::node_id x = n.plain(0);
        if (n.has_input(1)) x = b.binary(binary_function::maximum, x, n.plain(1));
        if (n.has_input(2)) x = b.binary(binary_function::minimum, x, n.plain(2));
        return b.value_of(x);
    }
    ops::clip::attributes a;
    if (!inputs) {
        a.low = n.number("min", a.low);
        a.high = n.number("max", a.high);
    } else {
        if (n.has_input(1)) a.low = n.known_number(1);
        if (n.has_input(2)) a.high = n.known_number(2);
    }
    return map(to, n, op::clip, a);
}

results import_prelu(importer& to, const node_view& n) {
    const value& x = n.input(0);
    if (n.input(1).is_known() && x.node >= 0 && x.flattened < 0) {
        const tensor& slope = n.known_floats(1);
        const auto channels = static_cast<std::size_t>(to.sample(x).channels());
        // Before operator set 7 a vector meant channels.
        const bool vector = n.opset() < 7 && slope.shape.size() == 1 && slope.values.size() == channels;
        if (const auto slopes = vector ? std::optional(slope.values) : per_channel(to, slope, x, channels)) {
            const tensor values{{static_cast<std::int64_t>(channels)}, *slopes};
            return to.apply(op::prelu, {x.node, to.parameter(n, 1, role::slope, 1, values)}, n);
        }
    }
    // max(x, 0) + slope * min(x, 0)
    expression_builder b(to, n);
    ir::node_id slope = n.plain(1);
    const std::vector<std::int64_t>& s = n.input(1).shape;
    if (n.opset() < 7 && s.size() == 1 && x.rank() > 2 && s[0] == x.shape[1] && s[0] > 1) {
        std::vector<std::int64_t> along(x.shape.size() - 1, 1);
        along[0] = s[0];
        slope = b.reshape(slope, along);
    }
    const ir::node_id whole = n.plain(0), zero = b.number(0);
    const ir::node_id below = b.multiply(b.binary(binary_function::minimum, whole, zero), slope);
    return b.value_of(b.add(b.binary(binary_function::maximum, whole, zero), below));
}

results import_local_response_norm(importer& to, const node_view& n) {
    ops::local_response_norm::attributes a;
    const std::int64_t size = n.integer("size", 0);
    if (size < 1 || size > (1 << 20)) throw refusal{fmt::format("a size of {} is not possible", size)};
    a.size = static_cast<std::int32_t>(size);
    a.alpha = n.number("alpha", a.alpha);
    a.beta = n.number("beta", a.beta);
    a.bias = n.number("bias", a.bias);
    return to.apply(op::local_response_norm, a, {n.activation(0).node}, n);
}

results import_thresholded_relu(importer& to, const node_view& n) {
    expression_builder b(to, n);
    const ir::node_id x = n.plain(0);
    const ir::node_id above = b.binary(binary_function::greater, x, b.number(n.number("alpha", 1)));
    return b.value_of(b.select(above, x, b.number(0)));
}

results import_shrink(importer& to, const node_view& n) {
    expression_builder b(to, n);
    const float bias = n.number("bias", 0), lambda = n.number("lambd", 0.5F);
    const ir::node_id x = n.plain(0);
    const ir::node_id below = b.binary(binary_function::less, x, b.number(-lambda));
    const ir::node_id above = b.binary(binary_function::greater, x, b.number(lambda));
    const ir::node_id high = b.select(above, b.add(x, b.number(-bias)), b.number(0));
    return b.value_of(b.select(below, b.add(x, b.number(bias)), high));
}

results import_celu(importer& to, const node_view& n) {
    // alpha * elu(x / alpha)
    expression_builder b(to, n);
    const float alpha = n.number("alpha", 1);
    if (!(alpha != 0) || !std::isfinite(alpha)) throw refusal{"alpha must be a finite number other than 0"};
    const ir::node_id scaled = b.multiply(n.plain(0), b.number(1 / alpha));
    const value bent = to.apply(op::elu, ops::elu::attributes{1.0F}, {scaled}, n);
    return b.value_of(b.multiply(to.plain(bent), b.number(alpha)));
}

results import_batch_norm(importer& to, const node_view& n) {
    if (n.integer("training_mode", 0) != 0) throw refusal{"training_mode 1 is not supported"};
    if (n.opset() < 9 && n.integer("spatial", 1) != 1) throw refusal{"spatial 0 is not supported"};
    const value x = n.activation(0);
    constexpr std::array roles = {role::scale, role::shift, role::mean, role::variance};
    std::vector<ir::node_id> operands{x.node};
    for (std::size_t i = 0; i < roles.size(); ++i)
        operands.push_back(to.parameter(n, i + 1, roles[i], 1, n.known_floats(i + 1)));
    return to.apply(op::batch_norm, ops::batch_norm::attributes{n.number("epsilon", 1e-5F)}, operands, n);
}

namespace {

value softmax(importer& to, const node_view& n) {
    const value& x = n.input(0);
    const bool flattens = n.opset() < 13;  // over all axes from `axis` on
    const std::int64_t axis = n.axis_of(n.integer("axis", flattens ? 1 : -1), x.rank());
    if (x.node >= 0 && x.flattened < 0 && axis == 1) {
        const bool positions = to.sample(x).volume() != to.sample(x).channels();
        if (!flattens || !positions) return to.apply(op::softmax, {x.node}, n);
    }
    if (flattens && axis + 1 < x.rank()) {
        ops::reshape::attributes row{2, {1, 1}}, back{static_cast<std::int32_t>(x.rank()), {}};
        if (x.rank() > ops::most_axes) throw refusal{"it has too many axes"};
        for (std::int64_t i = 0; i < x.rank(); ++i) {
            const auto extent = static_cast<std::int32_t>(x.extent(i));
            row.extents[i < axis ? 0 : 1] *= extent;
            back.extents[static_cast<std::size_t>(i)] = extent;
        }
        const value flat = to.apply(op::reshape, row, {n.plain(0)}, n);
        const value shares = to.apply(op::softmax, {to.plain(flat)}, n);
        return to.apply(op::reshape, back, {to.plain(shares)}, n);
    }
    if (axis + 1 == x.rank()) return to.apply(op::softmax, {n.plain(0)}, n);
    if (x.rank() > ops::most_axes) throw refusal{"it has too many axes"};
    ops::transpose::attributes swap;  // its own way back
    for (std::size_t i = 0; i < x.shape.size(); ++i) swap.order[i] = static_cast<std::int32_t>(i);
    std::swap(swap.order[static_cast<std::size_t>(axis)], swap.order[x.shape.size() - 1]);
    const value turned = to.apply(op::transpose, swap, {n.plain(0)}, n);
    const value shares = to.apply(op::softmax, {to.plain(turned)}, n);
    return to.apply(op::transpose, swap, {to.plain(shares)}, n);
}

}  // namespace

results import_softmax(importer& to, const node_view& n) { return softmax(to, n); }

results import_log_softmax(importer& to, const node_view& n) {
    // x - log(sum(exp(x)))
    const value& x = n.input(0);
    const std::int64_t axis = n.axis_of(n.integer("axis", n.opset() < 13 ? 1 : -1), x.rank());
    if (x.rank() > ops::most_axes) throw refusal{"it has too many axes"};
    ops::reduce::attributes a{reduce_function::log_sum_exp, 1 << axis};
    if (n.opset() < 13)
        for (std::int64_t i = axis; i < x.rank(); ++i) a.axes |= 1 << i;
    const value total = to.apply(op::reduce, a, {n.plain(0)}, n);
    return to.apply(op::binary, ops::binary::attributes{binary_function::subtract}, {n.plain(0), to.plain(total)}, n);
}

}  // namespace kiln::onnx
