#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <kiln/compiler/ops/elementwise_reference.hpp>
#include <kiln/compiler/ops/moves.hpp>
#include <kiln/compiler/ops/rows.hpp>
#include <kiln/dsl/ops/reduce.hpp>

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

}  // namespace

operator_row reduce_row() { return {nullptr, nullptr, reference}; }

}  // namespace kiln::compiler
