// Arithmetic, comparisons and functions of elements.
#include <fmt/format.h>

#include <cmath>

#include <kiln/compiler/onnx/build.hpp>
#include <kiln/compiler/onnx/elementwise.hpp>
#include <kiln/compiler/onnx/operators.hpp>
#include <kiln/dsl/ops/ops.hpp>
#include <kiln/runtime/tensor.hpp>

namespace kiln::onnx {

std::optional<std::vector<float>> per_channel(importer& to, const tensor& c, const value& x, std::size_t channels) {
    const auto spend = [&] { to.spend(static_cast<std::int64_t>(channels)); };
    if (c.values.size() == 1 && c.shape.size() <= x.shape.size())
        return spend(), std::vector<float>(channels, c.values[0]);
    if (c.shape.size() > x.shape.size()) return std::nullopt;
    const std::size_t missing = x.shape.size() - c.shape.size();
    for (std::size_t axis = 0; axis < c.shape.size(); ++axis) {
        const bool is_channel = axis + missing == 1;
        if (c.shape[axis] != (is_channel ? static_cast<std::int64_t>(channels) : 1)) return std::nullopt;
    }
    if (c.values.size() != channels) return std::nullopt;
    return spend(), c.values;
}

namespace {

/// x * scale + shift for each channel, as a batch normalisation, which folds into the layer before.
value affine(importer& to, const node_view& n, const value& x, std::vector<float> scale, std::vector<float> shift) {
    const auto channels = static_cast<std::int64_t>(scale.size());
    const auto vector = [&](std::string_view what, std::vector<float> values) {
        return to.constant_node(fmt::format("{}.{}", n.proto().outputs.at(0), what),
                                tensor{{channels}, std::move(values)});
    };
    const std::vector<ir::node_id> operands{
        x.node, vector("scale", std::move(scale)), vector("shift", std::move(shift)),
        vector("mean", std::vector<float>(static_cast<std::size_t>(channels), 0.0F)),
        vector("variance", std::vector<float>(static_cast<std::size_t>(channels), 1.0F))};
    return to.apply(op::batch_norm, ops::batch_norm::attributes{0.0F}, operands, n);
}

/// A constant, broadcast over values of `rank` axes, as an operand of images: channels last and without a batch.
/// Nothing where it differs from sample to sample.
std::optional<ir::node_id> beside_images(importer& to, const node_view& n, const tensor& c, std::size_t rank) {
    to.spend(static_cast<std::int64_t>(c.size()));
    tensor t = c;
    while (t.shape.size() < rank) t.shape.insert(t.shape.begin(), 1);
    if (t.shape.size() != rank || t.shape[0] != 1) return std::nullopt;
    t.shape.erase(t.shape.begin());
    std::vector<std::size_t> order;
    for (std::size_t axis = 1; axis < t.shape.size(); ++axis) order.push_back(axis);
    order.push_back(0);
    return to.constant_node(fmt::format("{}.constant", n.proto().outputs.at(0)), transposed(t, order));
}

/// The operands of an element-wise operator in one form: as images where they all are, or constants beside one.
std::vector<ir::node_id> operands_of(importer& to, const node_view& n) {
    std::size_t rank = 0;
    for (std::size_t i = 0; i < n.inputs(); ++i) rank = std::max(rank, n.input(i).shape.size());
    std::vector<ir::node_id> images;
    std::int32_t batch = 0;
    bool any = false;
    for (std::size_t i = 0; i < n.inputs() && images.size() == i; ++i) {
        const value& x = n.input(i);
        if (x.is_known()) {
            if (const auto constant = rank < 2 ? std::nullopt : beside_images(to, n, *x.known->value, rank))
                images.push_back(*constant);
        } else if (x.node >= 0 && x.flattened < 0 && x.shape.size() == rank) {
            const std::int32_t own = to.graph()[x.node].shape[0];
            if (any && own != batch) break;
            batch = own;
            any = true;
            images.push_back(x.node);
        }
    }
    if (any && images.size() == n.inputs()) return images;
    std::vector<ir::node_id> plain;
    for (std::size_t i = 0; i < n.inputs(); ++i) plain.push_back(n.plain(i));
    return plain;
}

void expect_no_old_broadcast(const node_view& n) {
    if (n.integer("broadcast", 0) != 0) throw refusal{"the broadcast attribute of operator sets below 7 is not taken"};
}

/// x + c or x * c with a constant that has one value for each channel: it folds into the layer before.
std::optional<value> per_channel_affine(importer& to, const node_view& n, bool multiplies, float (*change)(float)) {
    for (const std::size_t c : {std::size_t{1}, std::size_t{0}}) {
        const value& x = n.input(1 - c);
        if (!n.input(c).is_known() || x.node < 0 || x.flattened >= 0 || n.input(c).known->integral()) continue;
        if (c == 0 && change(2) != 2) continue;  // c - x and c / x are something else
        const auto channels = static_cast<std::size_t>(to.sample(x).channels());
        auto vector = per_channel(to, *n.input(c).known->value, x, channels);
        if (!vector) continue;
        for (float& v : *vector) {
            v = change(v);
            if (!std::isfinite(v)) return std::nullopt;
        }
        const std::vector<float> neutral(channels, multiplies ? 0.0F : 1.0F);
        return multiplies ? affine(to, n, x, *vector, neutral) : affine(to, n, x, neutral, *vector);
    }
    return std::nullopt;
}

float same(float v) { return v; }
float negative(float v) { return -v; }
float inverse(float v) { return 1 / v; }

value binary(importer& to, const node_view& n, binary_function f) {
    expect_no_old_broadcast(n);
    return to.apply(op::binary, ops::binary::attributes{f}, operands_of(to, n), n);
}

value unary(importer& to, const node_view& n, unary_function f) {
    return map(to, n, op::unary, ops::unary::attributes{f});
}

/// A function of two elements, over any number of inputs.
template <class Step>
value fold_inputs(importer& to, const node_view& n, Step step) {
    if (n.inputs() == 0) throw refusal{"it has no inputs"};
    const std::vector<ir::node_id> operands = operands_of(to, n);
    if (operands.size() == 1) return n.input(0);
    value so_far = step(operands[0], operands[1]);
    for (std::size_t i = 2; i < operands.size(); ++i)
        so_far = step(so_far.node >= 0 ? so_far.node : to.plain(so_far), operands[i]);
    return so_far;
}

}  // namespace

results import_add(importer& to, const node_view& n) {
    expect_no_old_broadcast(n);
    if (auto folded = per_channel_affine(to, n, false, same)) return *folded;
    return to.apply(op::add, operands_of(to, n), n);
}
results import_sub(importer& to, const node_view& n) {
    expect_no_old_broadcast(n);
    if (auto folded = per_channel_affine(to, n, false, negative)) return *folded;
    return binary(to, n, binary_function::subtract);
}
results import_mul(importer& to, const node_view& n) {
    expect_no_old_broadcast(n);
    if (auto folded = per_channel_affine(to, n, true, same)) return *folded;
    return to.apply(op::multiply, operands_of(to, n), n);
}
results import_div(importer& to, const node_view& n) {
    expect_no_old_broadcast(n);
    if (auto folded = per_channel_affine(to, n, true, inverse)) return *folded;
    return binary(to, n, binary_function::divide);
}

results import_pow(importer& to, const node_view& n) {
    expect_no_old_broadcast(n);
    std::vector<ir::node_id> operands = operands_of(to, n);
    if (operands.size() != 2) throw refusal{fmt::format("it has {} inputs, not 2", operands.size())};
    const element type = to.graph()[operands[0]].type;
    if (to.graph()[operands[1]].type != type) {  // ONNX lets the exponent have another type
        const value exponent = to.apply(op::cast, ops::cast::attributes{type}, {operands[1]}, n);
        operands[1] = exponent.node >= 0 ? exponent.node : to.plain(exponent);
    }
    return to.apply(op::binary, ops::binary::attributes{binary_function::power}, operands, n);
}
results import_mod(importer& to, const node_view& n) {
    return binary(to, n, n.integer("fmod", 0) != 0 ? binary_function::remainder : binary_function::modulo);
}
results import_equal(importer& to, const node_view& n) { return binary(to, n, binary_function::equal); }
results import_less(importer& to, const node_view& n) { return binary(to, n, binary_function::less); }
results import_less_or_equal(importer& to, const node_view& n) { return binary(to, n, binary_function::less_or_equal); }
results import_greater(importer& to, const node_view& n) { return binary(to, n, binary_function::greater); }
results import_greater_or_equal(importer& to, const node_view& n) {
    return binary(to, n, binary_function::greater_or_equal);
}
results import_and(importer& to, const node_view& n) { return binary(to, n, binary_function::logical_and); }
results import_or(importer& to, const node_view& n) { return binary(to, n, binary_function::logical_or); }
results import_xor(importer& to, const node_view& n) { return binary(to, n, binary_function::logical_xor); }

results import_where(importer& to, const node_view& n) { return to.apply(op::select, operands_of(to, n), n); }

results import_sum(importer& to, const node_view& n) {
    return fold_inputs(to, n, [&](auto a, auto b) { return to.apply(op::add, {a, b}, n); });
}
results import_max(importer& to, const node_view& n) {
    return fold_inputs(to, n, [&](auto a, auto b) {
        return to.apply(op::binary, ops::binary::attributes{binary_function::maximum}, {a, b}, n);
    });
}
results import_min(importer& to, const node_view& n) {
    return fold_inputs(to, n, [&](auto a, auto b) {
        return to.apply(op::binary, ops::binary::attributes{binary_function::minimum}, {a, b}, n);
    });
}
results import_mean(importer& to, const node_view& n) {
    expression_builder b(to, n);
    const value sum = fold_inputs(to, n, [&](auto x, auto y) { return to.apply(op::add, {x, y}, n); });
    return b.value_of(b.multiply(to.plain(sum), b.number(1.0F / static_cast<float>(n.inputs()))));
}

results import_neg(importer& to, const node_view& n) { return unary(to, n, unary_function::negate); }
results import_abs(importer& to, const node_view& n) { return unary(to, n, unary_function::absolute); }
results import_sign(importer& to, const node_view& n) { return unary(to, n, unary_function::sign); }
results import_reciprocal(importer& to, const node_view& n) { return unary(to, n, unary_function::reciprocal); }
results import_exp(importer& to, const node_view& n) { return unary(to, n, unary_function::exponential); }
results import_log(importer& to, const node_view& n) { return unary(to, n, unary_function::logarithm); }
results import_sqrt(importer& to, const node_view& n) { return unary(to, n, unary_function::square_root); }
results import_floor(importer& to, const node_view& n) { return unary(to, n, unary_function::floor); }
results import_ceil(importer& to, const node_view& n) { return unary(to, n, unary_function::ceiling); }
results import_round(importer& to, const node_view& n) { return unary(to, n, unary_function::round); }
results import_sin(importer& to, const node_view& n) { return unary(to, n, unary_function::sine); }
results import_cos(importer& to, const node_view& n) { return unary(to, n, unary_function::cosine); }
results import_tan(importer& to, const node_view& n) { return unary(to, n, unary_function::tangent); }
results import_asin(importer& to, const node_view& n) { return unary(to, n, unary_function::arcsine); }
results import_acos(importer& to, const node_view& n) { return unary(to, n, unary_function::arccosine); }
results import_atan(importer& to, const node_view& n) { return unary(to, n, unary_function::arctangent); }
results import_sinh(importer& to, const node_view& n) { return unary(to, n, unary_function::hyperbolic_sine); }
results import_cosh(importer& to, const node_view& n) { return unary(to, n, unary_function::hyperbolic_cosine); }
results import_asinh(importer& to, const node_view& n) { return unary(to, n, unary_function::inverse_hyperbolic_sine); }
results import_acosh(importer& to, const node_view& n) {
    return unary(to, n, unary_function::inverse_hyperbolic_cosine);
}
results import_atanh(importer& to, const node_view& n) {
    return unary(to, n, unary_function::inverse_hyperbolic_tangent);
}
results import_erf(importer& to, const node_view& n) { return unary(to, n, unary_function::error_function); }
results import_softplus(importer& to, const node_view& n) { return unary(to, n, unary_function::softplus); }
results import_softsign(importer& to, const node_view& n) { return unary(to, n, unary_function::softsign); }
results import_not(importer& to, const node_view& n) { return unary(to, n, unary_function::logical_not); }
results import_is_nan(importer& to, const node_view& n) { return unary(to, n, unary_function::is_not_a_number); }
results import_is_inf(importer& to, const node_view& n) {
    const bool positive = n.integer("detect_positive", 1) != 0, negative = n.integer("detect_negative", 1) != 0;
    if (!positive && !negative) throw refusal{"it detects neither sign"};
    if (!positive || !negative)
        return unary(to, n, positive ? unary_function::is_positive_infinity : unary_function::is_negative_infinity);
    expression_builder b(to, n);
    const ir::node_id x = n.plain(0);
    return b.value_of(b.binary(binary_function::logical_or, b.unary(unary_function::is_positive_infinity, x),
                               b.unary(unary_function::is_negative_infinity, x)));
}

}  // namespace kiln::onnx
