#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <kiln/compiler/ops/elementwise_reference.hpp>
#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/moves.hpp>
#include <kiln/compiler/ops/rows.hpp>
#include <kiln/dsl/ops/reduce.hpp>
#include <optional>

namespace kiln::compiler {
namespace {

template <class T>
using groups = std::vector<std::vector<T>>;

/// The elements that go into each element of the output, in order.
template <class T>
groups<T> gathered(const ops::reduce::attributes& a, const tensor& x, const std::vector<T>& values, const tensor& out) {
    groups<T> made(out.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        position at = position_of(i, x.shape);
        for (std::size_t axis = 0; axis < at.size(); ++axis)
            if (a.has(static_cast<int>(axis))) at[axis] = 0;
        made[index_of(at, out.shape)].push_back(values[i]);
    }
    return made;
}

double real(reduce_function f, const std::vector<float>& x) {
    const auto sum = [&](auto of) {
        double total = 0;
        for (const float v : x) total += of(static_cast<double>(v));
        return total;
    };
    const auto itself = [](double v) { return v; };
    switch (f) {
        case reduce_function::sum: return sum(itself);
        case reduce_function::mean: return sum(itself) / static_cast<double>(x.size());
        case reduce_function::maximum: return *std::max_element(x.begin(), x.end());
        case reduce_function::minimum: return *std::min_element(x.begin(), x.end());
        case reduce_function::product: {
            double product = 1;
            for (const float v : x) product *= v;
            return product;
        }
        case reduce_function::l1: return sum([](double v) { return std::abs(v); });
        case reduce_function::l2: return std::sqrt(sum([](double v) { return v * v; }));
        case reduce_function::sum_square: return sum([](double v) { return v * v; });
        case reduce_function::log_sum: return std::log(sum(itself));
        case reduce_function::log_sum_exp: {
            const double highest = *std::max_element(x.begin(), x.end());
            if (!std::isfinite(highest)) return highest;
            return highest + std::log(sum([&](double v) { return std::exp(v - highest); }));
        }
    }
    return 0;
}

std::int64_t whole(reduce_function f, const std::vector<std::int64_t>& x) {
    std::uint64_t total = f == reduce_function::product ? 1 : 0;
    switch (f) {
        case reduce_function::maximum: return *std::max_element(x.begin(), x.end());
        case reduce_function::minimum: return *std::min_element(x.begin(), x.end());
        case reduce_function::product:
            for (const std::int64_t v : x) total *= static_cast<std::uint64_t>(v);
            return static_cast<std::int64_t>(total);
        default:
            for (const std::int64_t v : x) total += static_cast<std::uint64_t>(v);
            return static_cast<std::int64_t>(total);
    }
}

void reference(const attribute_words& words, std::span<const tensor* const> in, tensor& out) {
    const auto a = unpack<ops::reduce::attributes>(words);
    const tensor& x = *in[0];
    if (x.type == element::float32) {
        const auto parts = gathered(a, x, x.values, out);
        for (std::size_t i = 0; i < parts.size(); ++i) out.values[i] = static_cast<float>(real(a.function, parts[i]));
    } else {
        const auto parts = gathered(a, x, x.integers, out);
        for (std::size_t i = 0; i < parts.size(); ++i) out.integers[i] = wrapped(out.type, whole(a.function, parts[i]));
    }
}

/// The product of the others in each group, also where some are 0.
ir::node_id product_of_others(gradient_context& c, std::int32_t axes) {
    const ir::node_id x = c.operand(0), zero = c.equal(x, c.number(0)), one = c.number(1);
    const ir::node_id rest = c.select(zero, one, x), zeros = c.cast(zero, element::float32);
    const ir::node_id product = c.reduce(reduce_function::product, rest, axes);
    const ir::node_id zeros_among_others = c.subtract(c.sum(zeros, axes), zeros);
    return c.select(c.equal(zeros_among_others, c.number(0)), c.divide(product, rest), c.number(0));
}

/// Elements that are equally large share the gradient.
ir::node_id share_of_extreme(gradient_context& c, std::int32_t axes) {
    const ir::node_id reached = c.cast(c.equal(c.operand(0), c.output()), element::float32);
    return c.divide(reached, c.sum(reached, axes));
}

/// The slope of each element's group by that element; none where it is 1.
std::optional<ir::node_id> slope_of(gradient_context& c, const ops::reduce::attributes& a) {
    const ir::node_id x = c.operand(0), y = c.output();
    switch (a.function) {
        case reduce_function::sum: return std::nullopt;
        case reduce_function::mean: {
            const auto each = static_cast<double>(c.sample(x).volume() / c.sample(y).volume());
            return c.number(1 / each);
        }
        case reduce_function::maximum:
        case reduce_function::minimum: return share_of_extreme(c, a.axes);
        case reduce_function::product: return product_of_others(c, a.axes);
        case reduce_function::l1: return c.unary(unary_function::sign, x);
        case reduce_function::l2: return c.select(c.greater(y, c.number(0)), c.divide(x, y), c.number(0));  // 0 at 0
        case reduce_function::sum_square: return c.scale(x, 2);
        case reduce_function::log_sum: return c.unary(unary_function::exponential, c.negate(y));
        case reduce_function::log_sum_exp: return c.unary(unary_function::exponential, c.subtract(x, y));
    }
    return std::nullopt;
}

void gradient(gradient_context& c) {
    const auto slope = slope_of(c, c.attributes<ops::reduce::attributes>());
    c.contribute(0, slope ? c.multiply(*slope, c.gradient()) : c.gradient());
}

}  // namespace

operator_row reduce_row() { return {.any_type = reference, .gradient = gradient}; }

}  // namespace kiln::compiler
