// The same values, in memory order, in another shape.
#pragma once

#include <kiln/dsl/layer.hpp>
#include <kiln/dsl/ops/arrangement.hpp>

namespace kiln::ops {

struct reshape {
    struct attributes {
        std::int32_t rank = 0;
        per_axis extents{};
    };

    static constexpr inferred infer(const attributes& a, std::span<const dims> in) {
        if (in.size() != 1) return refuse(fault::operand_count);
        const inferred out = shape_of_extents(a.rank, a.extents);
        if (out && out.shape.volume() != in[0].volume()) return refuse(fault::reshape_volume);
        return out;
    }
    static constexpr std::optional<element> type(const attributes&, std::span<const element> in) { return in[0]; }
    static constexpr kiln::cost cost(const attributes&, std::span<const dims>, const dims& out) {
        return arrangement::moved(out);
    }
};

}  // namespace kiln::ops

namespace kiln::dsl {

template <std::int32_t... Extents>
struct reshape_layer : layer<reshape_layer<Extents...>> {
    using rules = ops::reshape;
    static constexpr ops::reshape::attributes attributes_on(const dims&) {
        return {static_cast<std::int32_t>(sizeof...(Extents)), ops::first_axes<Extents...>()};
    }
};

/// reshape(16_c, 25_c): the same values, in memory order, in another shape.
template <class... Extent>
constexpr auto reshape(const Extent&... extent) {
    return sized<reshape_layer>(extent...);
}

}  // namespace kiln::dsl
