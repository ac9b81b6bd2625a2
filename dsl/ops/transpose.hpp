// Axes in another order: axis i of the result is axis order[i] of the operand. A view: nothing is moved until a kernel
// needs it otherwise.
#pragma once

#include <kiln/dsl/axes.hpp>
#include <kiln/dsl/combine.hpp>
#include <kiln/dsl/ops/arrangement.hpp>

namespace kiln::ops {

struct transpose {
    struct attributes {
        per_axis order{};
    };

    static constexpr inferred infer(const attributes& a, std::span<const dims> in) {
        if (in.size() != 1) return refuse(fault::operand_count);
        if (in[0].rank > most_axes) return refuse(fault::too_many_axes);
        dims out = in[0];
        std::int32_t seen = 0;
        for (int axis = 0; axis < out.rank; ++axis) {
            const std::int32_t from = a.order[static_cast<std::size_t>(axis)];
            if (from < 0 || from >= out.rank || (seen >> from & 1) != 0) return refuse(fault::not_an_order);
            seen |= 1 << from;
            out[axis] = in[0][from];
        }
        return {out};
    }
    static constexpr std::optional<element> type(const attributes&, std::span<const element> in) { return in[0]; }
    static constexpr kiln::cost cost(const attributes&, std::span<const dims>, const dims& out) {
        return arrangement::moved(out);
    }
};

}  // namespace kiln::ops

namespace kiln::dsl {

template <std::int32_t... Order>
struct transpose_layer : layer<transpose_layer<Order...>> {
    using rules = ops::transpose;

    static constexpr ops::transpose::attributes attributes_on(const dims& x) {
        ops::transpose::attributes a;
        std::size_t axis = 0;
        // As many as there are axes, or an order that the rule refuses.
        for (const std::int32_t from : std::initializer_list<std::int32_t>{Order...})
            if (axis < a.order.size())
                a.order[axis++] = sizeof...(Order) == static_cast<std::size_t>(x.rank) ? axis_on(x, from) : max_rank;
        return a;
    }
};

/// transpose(1_c, 0_c, 2_c): axis i of the result is the i-th of these.
template <class... Axis>
constexpr auto transpose(const Axis&... axis) {
    return sized<transpose_layer>(axis...);
}

}  // namespace kiln::dsl
