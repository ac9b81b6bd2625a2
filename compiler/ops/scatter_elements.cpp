#include <algorithm>

#include <kiln/compiler/ops/elementwise_reference.hpp>
#include <kiln/compiler/ops/moves.hpp>
#include <kiln/compiler/ops/rows.hpp>
#include <kiln/dsl/ops/scatter_elements.hpp>

namespace kiln::compiler {
namespace {

template <class T>
T joined(scatter_function f, T old, T update) {
    switch (f) {
        case scatter_function::add: return old + update;
        case scatter_function::multiply: return old * update;
        case scatter_function::maximum: return std::max(old, update);
        case scatter_function::minimum: return std::min(old, update);
        case scatter_function::replace: break;
    }
    return update;
}

std::int64_t joined_whole(scatter_function f, std::int64_t old, std::int64_t update) {
    const auto a = static_cast<std::uint64_t>(old), b = static_cast<std::uint64_t>(update);
    if (f == scatter_function::add) return static_cast<std::int64_t>(a + b);
    if (f == scatter_function::multiply) return static_cast<std::int64_t>(a * b);
    return joined(f, old, update);
}

void reference(const attribute_words& words, std::span<const tensor* const> in, tensor& out) {
    const auto a = unpack<ops::scatter_elements::attributes>(words);
    const auto axis = static_cast<std::size_t>(a.axis);
    const tensor &x = *in[0], &indices = *in[1], &updates = *in[2];
    for (std::size_t i = 0; i < out.size(); ++i) copy_element(x, i, out, i);
    for (std::size_t i = 0; i < updates.size(); ++i) {
        position at = position_of(i, updates.shape);
        const std::int64_t index = indices.integers[i], extent = x.shape[axis];
        at[axis] = std::clamp<std::int64_t>(index < 0 ? index + extent : index, 0, extent - 1);
        const std::size_t to = index_of(at, out.shape);
        if (out.type == element::float32)
            out.values[to] = joined(a.function, out.values[to], updates.values[i]);
        else
            out.integers[to] = wrapped(out.type, joined_whole(a.function, out.integers[to], updates.integers[i]));
    }
}

}  // namespace

operator_row scatter_elements_row() { return {.any_type = reference}; }

}  // namespace kiln::compiler
