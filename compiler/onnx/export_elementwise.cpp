// Operators that work element by element. They keep the order of their operands.
#include <fmt/format.h>

#include <algorithm>
#include <numbers>

#include <fmt/format.h>

#include <kiln/compiler/onnx/exports.hpp>
#include <kiln/dsl/ops/ops.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::onnx {
namespace {

void map(exporter& to, const ir::node& n, std::string_view operation, std::vector<attribute_record> attributes = {}) {
    const axis_order order = to.order_of(n.operands[0]);
    to.define(operation, {to.in_order(n.operands[0], order)}, std::move(attributes), order);
}

void combine(exporter& to, const ir::node& n, std::string_view operation,
             std::vector<attribute_record> attributes = {}) {
    const auto [order, operands] = to.aligned_operands(n);
    to.define(operation, operands, std::move(attributes), order);
}

/// Kiln divides whole numbers by 0, ONNX may not: 1 where the divisor is 0, and where that is.
struct safe_divisor {
    std::string value, zero;  // zero: empty where the divisor is known to have none
};

safe_divisor guarded(exporter& to, const ir::node& divisor, const std::string& name) {
    if (divisor.value && std::ranges::find(divisor.value->integers, 0) == divisor.value->integers.end())
        return {name, {}};
    const std::string zero = to.emit("Equal", {name, to.number(0, divisor.type)});
    return {to.emit("Where", {zero, to.number(1, divisor.type), name}), zero};
}

void export_divide(exporter& to, const ir::node& n) {
    if (n.type == element::float32) return combine(to, n, "Div");
    const auto [order, operands] = to.aligned_operands(n);
    const auto [divisor, zero] = guarded(to, to[n.operands[1]], operands[1]);
    if (zero.empty()) return to.define("Div", operands, {}, order);
    to.define("Where", {zero, to.number(0, n.type), to.emit("Div", {operands[0], divisor})}, {}, order);
}

/// To Kiln 0 to a negative power is 0 among whole numbers, to ONNX it is nothing: as 0 to the power of 1.
void export_power(exporter& to, const ir::node& n) {
    const auto [order, operands] = to.aligned_operands(n);
    const std::string &base = operands[0], &exponent = operands[1];
    const std::shared_ptr<const tensor>& known = to[n.operands[1]].value;
    const bool negative = !known || std::ranges::any_of(known->integers, [](std::int64_t i) { return i < 0; });
    if (n.type == element::float32 || !negative) return to.define("Pow", operands, {}, order);
    const std::string zero = to.number(0, n.type);
    const std::string nothing = to.emit("And", {to.emit("Equal", {base, zero}), to.emit("Less", {exponent, zero})});
    to.define("Pow", {base, to.emit("Where", {nothing, to.number(1, n.type), exponent})}, {}, order);
}

/// What is left of whole multiples of b: with the sign of b (modulo), or of a.
void export_rest(exporter& to, const ir::node& n, bool modulo) {
    const auto [order, operands] = to.aligned_operands(n);
    const std::string &a = operands[0], &b = operands[1];
    if (n.type != element::float32)
        return to.define("Mod", {a, guarded(to, to[n.operands[1]], b).value}, {{"fmod", modulo ? 0 : 1}}, order);
    if (!modulo) return to.define("Mod", {a, b}, {{"fmod", 1}}, order);
    const std::string rest = to.emit("Mod", {a, b}, {{"fmod", 1}}), zero = to.number(0);
    const std::string differ = to.emit("Xor", {to.emit("Less", {rest, zero}), to.emit("Less", {b, zero})});
    const std::string wrong = to.emit("And", {differ, to.emit("Not", {to.emit("Equal", {rest, zero})})});
    to.define("Where", {wrong, to.emit("Add", {rest, b}), rest}, {}, order);
}

}  // namespace

void export_relu(exporter& to, const ir::node& n) { map(to, n, "Relu"); }
void export_sigmoid(exporter& to, const ir::node& n) { map(to, n, "Sigmoid"); }
void export_tanh(exporter& to, const ir::node& n) { map(to, n, "Tanh"); }
void export_selu(exporter& to, const ir::node& n) { map(to, n, "Selu"); }
void export_hard_swish(exporter& to, const ir::node& n) { map(to, n, "HardSwish"); }
void export_leaky_relu(exporter& to, const ir::node& n) {
    map(to, n, "LeakyRelu", {{"alpha", ir::attributes_of<ops::leaky_relu::attributes>(n).slope}});
}
void export_elu(exporter& to, const ir::node& n) {
    map(to, n, "Elu", {{"alpha", ir::attributes_of<ops::elu::attributes>(n).alpha}});
}
void export_hard_sigmoid(exporter& to, const ir::node& n) {
    const auto a = ir::attributes_of<ops::hard_sigmoid::attributes>(n);
    map(to, n, "HardSigmoid", {{"alpha", a.alpha}, {"beta", a.beta}});
}

void export_silu(exporter& to, const ir::node& n) {
    const axis_order order = to.order_of(n.operands[0]);
    const std::string x = to.in_order(n.operands[0], order);
    to.define("Mul", {x, to.emit("Sigmoid", {x})}, {}, order);
}

/// x / 2 * (1 + erf(x / sqrt(2))): ONNX has an operator for it only from set 20 on.
void export_gelu(exporter& to, const ir::node& n) {
    const axis_order order = to.order_of(n.operands[0]);
    const std::string x = to.in_order(n.operands[0], order);
    const std::string error = to.emit("Erf", {to.emit("Mul", {x, to.number(std::numbers::sqrt2 / 2)})});
    const std::string half = to.emit("Mul", {x, to.number(0.5)});
    to.define("Mul", {half, to.emit("Add", {error, to.number(1)})}, {}, order);
}

void export_clip(exporter& to, const ir::node& n) {
    const auto a = ir::attributes_of<ops::clip::attributes>(n);
    const axis_order order = to.order_of(n.operands[0]);
    to.define("Clip", {to.in_order(n.operands[0], order), to.number(a.low), to.number(a.high)}, {}, order);
}

void export_dropout(exporter& to, const ir::node& n) {
    const axis_order order = to.order_of(n.operands[0]);
    const std::string rate = to.number(static_cast<double>(ir::attributes_of<ops::dropout::attributes>(n).rate));
    to.define("Dropout", {to.in_order(n.operands[0], order), rate}, {}, order);
}

void export_random(exporter&, const ir::node& n) {
    throw error(fmt::format("'{}' makes random numbers that ONNX has no operator for", n.name));
}

void export_cast(exporter& to, const ir::node& n) { map(to, n, "Cast", {{"to", onnx_type(n.type)}}); }

/// A slope for each channel, which ONNX stretches from the last axis on.
void export_prelu(exporter& to, const ir::node& n) {
    const axis_order order = to.order_of(n.operands[0]);
    const auto rank = static_cast<std::size_t>(n.shape.rank);
    to.define("PRelu", {to.in_order(n.operands[0], order), to.aligned(n.operands[1], rank, order)}, {}, order);
}

void export_add(exporter& to, const ir::node& n) { combine(to, n, "Add"); }
void export_multiply(exporter& to, const ir::node& n) { combine(to, n, "Mul"); }

void export_unary(exporter& to, const ir::node& n) {
    switch (ir::attributes_of<ops::unary::attributes>(n).function) {
        case unary_function::negate: return map(to, n, "Neg");
        case unary_function::absolute: return map(to, n, "Abs");
        case unary_function::sign: return map(to, n, "Sign");
        case unary_function::reciprocal: return map(to, n, "Reciprocal");
        case unary_function::exponential: return map(to, n, "Exp");
        case unary_function::logarithm: return map(to, n, "Log");
        case unary_function::square_root: return map(to, n, "Sqrt");
        case unary_function::floor: return map(to, n, "Floor");
        case unary_function::ceiling: return map(to, n, "Ceil");
        case unary_function::round: return map(to, n, "Round");
        case unary_function::sine: return map(to, n, "Sin");
        case unary_function::cosine: return map(to, n, "Cos");
        case unary_function::tangent: return map(to, n, "Tan");
        case unary_function::arcsine: return map(to, n, "Asin");
        case unary_function::arccosine: return map(to, n, "Acos");
        case unary_function::arctangent: return map(to, n, "Atan");
        case unary_function::hyperbolic_sine: return map(to, n, "Sinh");
        case unary_function::hyperbolic_cosine: return map(to, n, "Cosh");
        case unary_function::inverse_hyperbolic_sine: return map(to, n, "Asinh");
        case unary_function::inverse_hyperbolic_cosine: return map(to, n, "Acosh");
        case unary_function::inverse_hyperbolic_tangent: return map(to, n, "Atanh");
        case unary_function::error_function: return map(to, n, "Erf");
        case unary_function::softplus: return map(to, n, "Softplus");
        case unary_function::softsign: return map(to, n, "Softsign");
        case unary_function::is_not_a_number: return map(to, n, "IsNaN");
        case unary_function::is_positive_infinity: return map(to, n, "IsInf", {{"detect_negative", 0}});
        case unary_function::is_negative_infinity: return map(to, n, "IsInf", {{"detect_positive", 0}});
        case unary_function::logical_not: return map(to, n, "Not");
    }
}

void export_binary(exporter& to, const ir::node& n) {
    switch (ir::attributes_of<ops::binary::attributes>(n).function) {
        case binary_function::subtract: return combine(to, n, "Sub");
        case binary_function::divide: return export_divide(to, n);
        case binary_function::power: return export_power(to, n);
        case binary_function::minimum: return combine(to, n, "Min");
        case binary_function::maximum: return combine(to, n, "Max");
        case binary_function::modulo: return export_rest(to, n, true);
        case binary_function::remainder: return export_rest(to, n, false);
        case binary_function::equal: return combine(to, n, "Equal");
        case binary_function::less: return combine(to, n, "Less");
        case binary_function::less_or_equal: return combine(to, n, "LessOrEqual");
        case binary_function::greater: return combine(to, n, "Greater");
        case binary_function::greater_or_equal: return combine(to, n, "GreaterOrEqual");
        case binary_function::logical_and: return combine(to, n, "And");
        case binary_function::logical_or: return combine(to, n, "Or");
        case binary_function::logical_xor: return combine(to, n, "Xor");
    }
}

/// ONNX Runtime has no Where of truth values: (condition and a) or (not condition and b).
void export_select(exporter& to, const ir::node& n) {
    if (n.type != element::boolean) return combine(to, n, "Where");
    const auto [order, operands] = to.aligned_operands(n);
    const std::string chosen = to.emit("And", {operands[0], operands[1]});
    to.define("Or", {chosen, to.emit("And", {to.emit("Not", {operands[0]}), operands[2]})}, {}, order);
}

}  // namespace kiln::onnx
