// Operators that work element by element.
#include <fmt/format.h>

#include <cmath>

#include <kiln/compiler/onnx/operators.hpp>
#include <kiln/dsl/ops/batch_norm.hpp>
#include <kiln/dsl/ops/clip.hpp>
#include <kiln/dsl/ops/elu.hpp>
#include <kiln/dsl/ops/hard_sigmoid.hpp>
#include <kiln/dsl/ops/leaky_relu.hpp>
#include <kiln/dsl/ops/local_response_norm.hpp>
#include <kiln/runtime/tensor.hpp>

namespace kiln::onnx {
namespace {

/// A function of each element: also of a row flattened in ONNX's order, which stays one.
template <class Attributes>
value map(importer& to, const node_view& n, op kind, const Attributes& a) {
    const value& x = n.input(0);
    if (x.is_known()) throw refusal{"input 0 is a constant"};
    value y = to.apply(kind, a, {x.node}, n);
    y.flattened = x.flattened;
    return y;
}

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

value negated(importer& to, const node_view& n, const value& x) {
    const auto channels = static_cast<std::size_t>(to.sample(x).channels());
    return affine(to, n, x, std::vector<float>(channels, -1.0F), std::vector<float>(channels, 0.0F));
}

/// One value for each channel of `x` where the constant, broadcast as ONNX does, has the same one for all positions.
std::optional<std::vector<float>> per_channel(const tensor& c, const value& x, std::size_t channels) {
    if (c.values.size() == 1 && c.shape.size() <= x.shape.size()) return std::vector<float>(channels, c.values[0]);
    if (c.shape.size() > x.shape.size()) return std::nullopt;
    const std::size_t missing = x.shape.size() - c.shape.size();
    for (std::size_t axis = 0; axis < c.shape.size(); ++axis) {
        const bool is_channel = axis + missing == 1;
        if (c.shape[axis] != (is_channel ? static_cast<std::int64_t>(channels) : 1)) return std::nullopt;
    }
    return c.values.size() == channels ? std::optional(c.values) : std::nullopt;
}

/// A constant of the shape of one sample, channels last.
ir::node_id whole_sample(importer& to, const node_view& n, const tensor& c, const value& x) {
    tensor sample = c;
    if (sample.shape.size() == x.shape.size() && sample.shape[0] == 1) sample.shape.erase(sample.shape.begin());
    if (!std::equal(sample.shape.begin(), sample.shape.end(), x.shape.begin() + 1, x.shape.end()))
        throw refusal{
            fmt::format("broadcasting {} over {} is not supported", shape_text(c.shape), shape_text(x.shape))};
    std::vector<std::size_t> order;
    for (std::size_t axis = 1; axis < sample.shape.size(); ++axis) order.push_back(axis);
    order.push_back(0);
    return to.constant_node(fmt::format("{}.constant", n.proto().outputs.at(0)), transposed(sample, order));
}

struct arithmetic {
    op kind;                   // on two activations of one shape
    bool multiplies;           // or adds
    float (*constant)(float);  // what becomes of a constant second operand
    bool swaps;                // whether the constant may come first
};

float same(float v) { return v; }
float negative(float v) { return -v; }
float inverse(float v) { return 1 / v; }

value with_constant(importer& to, const node_view& n, const value& x, const tensor& c, const arithmetic& how) {
    tensor changed = c;
    for (float& v : changed.values) {
        v = how.constant(v);
        if (!std::isfinite(v)) throw refusal{"its constant is not finite"};
    }
    const auto channels = static_cast<std::size_t>(to.sample(x).channels());
    if (const auto vector = per_channel(changed, x, channels)) {
        const std::vector<float> neutral(channels, how.multiplies ? 0.0F : 1.0F);
        return how.multiplies ? affine(to, n, x, *vector, neutral) : affine(to, n, x, neutral, *vector);
    }
    return to.apply(how.kind, {x.node, whole_sample(to, n, changed, x)}, n);
}

value combine(importer& to, const node_view& n, const arithmetic& how) {
    if (n.integer("broadcast", 0) != 0) throw refusal{"the broadcast attribute of operator sets below 7 is not taken"};
    if (n.input(1).is_known()) return with_constant(to, n, n.activation(0), *n.known(1).value, how);
    if (n.input(0).is_known()) {
        if (!how.swaps) throw refusal{"a constant first operand is not supported"};
        return with_constant(to, n, n.activation(1), *n.known(0).value, how);
    }
    const value &x = n.activation(0), &y = n.activation(1);
    if (how.constant == inverse) throw refusal{"division by something computed is not supported"};
    if (x.shape != y.shape)
        throw refusal{fmt::format("broadcasting {} and {} is not supported", shape_text(x.shape), shape_text(y.shape))};
    if (how.constant == same) return to.apply(how.kind, {x.node, y.node}, n);
    return to.apply(how.kind, {x.node, negated(to, n, y).node}, n);
}

}  // namespace

value import_relu(importer& to, const node_view& n) { return map(to, n, op::relu, no_attributes{}); }
value import_sigmoid(importer& to, const node_view& n) { return map(to, n, op::sigmoid, no_attributes{}); }
value import_tanh(importer& to, const node_view& n) { return map(to, n, op::tanh, no_attributes{}); }
value import_leaky_relu(importer& to, const node_view& n) {
    return map(to, n, op::leaky_relu, ops::leaky_relu::attributes{n.number("alpha", 0.01F)});
}

value import_elu(importer& to, const node_view& n) {
    return map(to, n, op::elu, ops::elu::attributes{n.number("alpha", 1)});
}
value import_selu(importer& to, const node_view& n) {
    // Kiln's has the constants of the paper, which are ONNX's defaults.
    if (std::abs(n.number("alpha", 1.6732632F) - 1.6732632F) > 1e-5F ||
        std::abs(n.number("gamma", 1.0507010F) - 1.0507010F) > 1e-5F)
        throw refusal{"other values of alpha and gamma than the usual ones are not supported"};
    return map(to, n, op::selu, no_attributes{});
}
value import_gelu(importer& to, const node_view& n) {
    if (n.text("approximate", "none") != "none") throw refusal{"only the exact form is supported"};
    return map(to, n, op::gelu, no_attributes{});
}
value import_hard_sigmoid(importer& to, const node_view& n) {
    return map(to, n, op::hard_sigmoid, ops::hard_sigmoid::attributes{n.number("alpha", 0.2F), n.number("beta", 0.5F)});
}
value import_hard_swish(importer& to, const node_view& n) { return map(to, n, op::hard_swish, no_attributes{}); }

value import_clip(importer& to, const node_view& n) {
    ops::clip::attributes a;
    const auto bound = [&](std::size_t input, std::string_view attribute, float otherwise) {
        if (n.opset() < 11) return n.number(attribute, otherwise);
        if (!n.has_input(input)) return otherwise;
        const tensor& given = *n.known(input).value;
        if (given.values.size() != 1) throw refusal{"a bound must be one number"};
        return given.values[0];
    };
    a.low = bound(1, "min", a.low);
    a.high = bound(2, "max", a.high);
    return map(to, n, op::clip, a);
}

value import_prelu(importer& to, const node_view& n) {
    const value& x = n.activation(0);
    const tensor& slope = *n.known(1).value;
    const auto channels = static_cast<std::size_t>(to.sample(x).channels());
    // Before operator set 7 a vector meant channels.
    const bool vector = n.opset() < 7 && slope.shape.size() == 1 && slope.values.size() == channels;
    const auto slopes = vector ? std::optional(slope.values) : per_channel(slope, x, channels);
    if (!slopes)
        throw refusal{
            fmt::format("slopes of {} for {} are not one a channel", shape_text(slope.shape), shape_text(x.shape))};
    const tensor values{{static_cast<std::int64_t>(channels)}, *slopes};
    return to.apply(op::prelu, {x.node, to.parameter(n, 1, role::slope, 1, values)}, n);
}

value import_local_response_norm(importer& to, const node_view& n) {
    ops::local_response_norm::attributes a;
    const std::int64_t size = n.integer("size", 0);
    if (size < 1 || size > (1 << 20)) throw refusal{fmt::format("a size of {} is not possible", size)};
    a.size = static_cast<std::int32_t>(size);
    a.alpha = n.number("alpha", a.alpha);
    a.beta = n.number("beta", a.beta);
    a.bias = n.number("bias", a.bias);
    return to.apply(op::local_response_norm, a, {n.activation(0).node}, n);
}

value import_add(importer& to, const node_view& n) { return combine(to, n, {op::add, false, same, true}); }
value import_sub(importer& to, const node_view& n) { return combine(to, n, {op::add, false, negative, false}); }
value import_mul(importer& to, const node_view& n) { return combine(to, n, {op::multiply, true, same, true}); }
value import_div(importer& to, const node_view& n) { return combine(to, n, {op::multiply, true, inverse, false}); }

value import_neg(importer& to, const node_view& n) { return negated(to, n, n.activation(0)); }

value import_sum(importer& to, const node_view& n) {
    value total = n.activation(0);
    for (std::size_t i = 1; i < n.inputs(); ++i) {
        const value& next = n.activation(i);
        if (next.shape != total.shape)
            throw refusal{fmt::format("broadcasting {} and {} is not supported", shape_text(total.shape),
                                      shape_text(next.shape))};
        total = to.apply(op::add, {total.node, next.node}, n);
    }
    return total;
}

value import_batch_norm(importer& to, const node_view& n) {
    if (n.integer("training_mode", 0) != 0) throw refusal{"training_mode 1 is not supported"};
    if (n.opset() < 9 && n.integer("spatial", 1) != 1) throw refusal{"spatial 0 is not supported"};
    constexpr std::array roles = {role::scale, role::shift, role::mean, role::variance};
    std::vector<ir::node_id> operands{n.activation(0).node};
    for (std::size_t i = 0; i < roles.size(); ++i)
        operands.push_back(to.parameter(n, i + 1, roles[i], 1, *n.known(i + 1).value));
    return to.apply(op::batch_norm, ops::batch_norm::attributes{n.number("epsilon", 1e-5F)}, operands, n);
}

value import_softmax(importer& to, const node_view& n) {
    const value& x = n.activation(0);
    const bool flattens = n.opset() < 13;  // over all axes from `axis` on
    const std::int64_t axis = n.axis_of(n.integer("axis", flattens ? 1 : -1), x.rank());
    const bool positions = to.sample(x).volume() != to.sample(x).channels();
    if (axis != 1 || (flattens && positions))
        throw refusal{"softmax over other axes than the channels is not supported"};
    return to.apply(op::softmax, {x.node}, n);
}

}  // namespace kiln::onnx
