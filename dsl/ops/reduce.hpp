// Reduces axes to extent 1 by a function of the table dsl/ops/reduce.def. The axes stay: a reshape removes them.
#pragma once

#include <kiln/dsl/axes.hpp>
#include <kiln/dsl/layer.hpp>
#include <kiln/dsl/ops/arrangement.hpp>

namespace kiln {

enum class reduce_function : std::int32_t {
#define KILN_REDUCE(name, integers) name,
#include <kiln/dsl/ops/reduce.def>
#undef KILN_REDUCE
};

inline constexpr std::array reduce_names = {
#define KILN_REDUCE(name, integers) std::string_view(#name),
#include <kiln/dsl/ops/reduce.def>
#undef KILN_REDUCE
};

}  // namespace kiln

namespace kiln::ops {

struct reduce {
    struct attributes {
        reduce_function function = reduce_function::sum;
        std::int32_t axes = 0;  // bit i: axis i of the operand

        constexpr bool has(int axis) const { return (axes >> axis & 1) != 0; }
    };

    static constexpr bool known(const attributes& a) {
        const auto index = static_cast<std::int32_t>(a.function);
        return index >= 0 && index < static_cast<std::int32_t>(reduce_names.size());
    }

    static constexpr inferred infer(const attributes& a, std::span<const dims> in) {
        if (in.size() != 1) return refuse(fault::operand_count);
        if (!known(a)) return refuse(fault::function_unknown);
        if (in[0].rank > most_axes) return refuse(fault::too_many_axes);
        if (a.axes < 0 || a.axes >> in[0].rank != 0) return refuse(fault::no_such_axis);
        if (in[0].volume() < 1) return refuse(fault::empty_extent);
        dims out = in[0];
        for (int axis = 0; axis < out.rank; ++axis)
            if (a.has(axis)) out[axis] = 1;
        return {out};
    }
    static constexpr std::optional<element> type(const attributes& a, std::span<const element> in) {
        constexpr std::array integers = {
#define KILN_REDUCE(name, takes_integers) takes_integers,
#include <kiln/dsl/ops/reduce.def>
#undef KILN_REDUCE
        };
        if (!known(a) || in[0] == element::boolean) return std::nullopt;
        if (in[0] != element::float32 && !integers[static_cast<std::size_t>(a.function)]) return std::nullopt;
        return in[0];
    }
    static constexpr kiln::cost cost(const attributes&, std::span<const dims> in, const dims& out) {
        return {0, in[0].volume() + out.volume()};
    }
};

}  // namespace kiln::ops

namespace kiln::dsl {

template <reduce_function F, std::int32_t... Axes>
struct reduce_layer : layer<reduce_layer<F, Axes...>> {
    using rules = ops::reduce;

    static constexpr ops::reduce::attributes attributes_on(const dims& x) {
        std::int32_t bits = sizeof...(Axes) == 0 ? (1 << x.rank) - 1 : 0;
        for (const std::int32_t axis : std::initializer_list<std::int32_t>{Axes...})
            if (axis == every_spatial_axis)
                bits |= (1 << x.spatial_rank()) - 1;
            else
                bits |= 1 << axis_on(x, axis);
        return {F, bits};
    }
};

/// mean_over(spatial), sum_over(0_c, -1_c): one number of many along these axes, which stay with extent 1; axes below 0
/// are counted from the end, where the channels are. Without any, over all.
#define KILN_REDUCTION(spelling, function)                    \
    template <std::int32_t... Axes>                           \
    using spelling##_layer = reduce_layer<function, Axes...>; \
    template <class... Axis>                                  \
    constexpr auto spelling(const Axis&... axis) {            \
        return sized<spelling##_layer>(axis...);              \
    }
KILN_REDUCTION(sum_over, reduce_function::sum)
KILN_REDUCTION(mean_over, reduce_function::mean)
KILN_REDUCTION(max_over, reduce_function::maximum)
KILN_REDUCTION(min_over, reduce_function::minimum)
KILN_REDUCTION(product_over, reduce_function::product)
KILN_REDUCTION(norm_over, reduce_function::l2)
#undef KILN_REDUCTION

}  // namespace kiln::dsl
