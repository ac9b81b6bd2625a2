// A fully connected layer: y[u] = bias[u] + sum over i of x[i] * w[i, u], the input read in memory order
// (spatial extents first, channels last), so no flatten is needed before it.
#pragma once

#include <kiln/dsl/rule.hpp>
#include <kiln/dsl/spelled.hpp>

namespace kiln::ops {

struct dense {
    struct attributes {
        std::int32_t units = 1;
    };

    static constexpr dims weight(const attributes& a, const dims& x) { return dims::of(x.volume(), a.units); }

    /// Operands: x, w[, bias].
    static constexpr inferred infer(const attributes& a, std::span<const dims> in) {
        if (in.size() != 2 && in.size() != 3) return refuse(fault::operand_count);
        if (a.units < 1) return refuse(fault::window_below_one);
        if (in[0].rank < 1 || in[0].volume() < 1) return refuse(fault::empty_extent);
        if (in[0].volume() > std::numeric_limits<std::int32_t>::max()) return refuse(fault::too_large);
        if (!(in[1] == weight(a, in[0]))) return refuse(fault::weight_shape);
        if (in.size() == 3 && !(in[2] == dims::of(a.units))) return refuse(fault::channel_vector);
        return {dims::of(a.units)};
    }

    static constexpr kiln::cost cost(const attributes& a, std::span<const dims> in, const dims&) {
        const std::int64_t products = in[0].volume() * a.units;
        return {products, 2 * products + (in.size() == 3 ? a.units : 0)};
    }
};

}  // namespace kiln::ops

namespace kiln::dsl {

template <std::int32_t Units, class... Options>
struct dense_layer : layer<dense_layer<Units, Options...>> {
    using rules = ops::dense;

    static constexpr ops::dense::attributes attributes_on(const dims&) { return {Units}; }
    static constexpr bag<operand> operands_on(const dims& x) {
        bag<operand> brought;
        const std::int32_t inputs = held_in_int32(x.volume());  // more is refused by the shape rule
        brought.put({role::weight, ops::dense::weight({Units}, x), inputs});
        if (settings_of<Options...>().bias) brought.put({role::bias, dims::of(Units), inputs});
        return brought;
    }
};

template <std::int32_t Units>
struct spelled_dense {
    static constexpr std::array taken = {topic::bias};
    template <class... Options>
    using with = dense_layer<Units, Options...>;
};

/// dense(120_c), dense(120_c, no_bias): fully connected to every value of its input.
template <class... Arguments>
constexpr auto dense(const Arguments&...) {
    return spell_sized<spelled_dense, mistake::no_units, Arguments...>();
}

}  // namespace kiln::dsl
