// Stretches a tensor to a shape, as element-wise operators stretch their operands. A view.
#pragma once

#include <kiln/dsl/layer.hpp>
#include <kiln/dsl/ops/arrangement.hpp>
#include <kiln/dsl/ops/elementwise.hpp>

namespace kiln::ops {

struct broadcast_to {
    struct attributes {
        std::int32_t rank = 0;
        per_axis extents{};
    };

    /// The common shape of the operand and {extents}: extents of 1 keep the operand's.
    static constexpr inferred infer(const attributes& a, std::span<const dims> in) {
        if (in.size() != 1) return refuse(fault::operand_count);
        if (in[0].rank > most_axes) return refuse(fault::too_many_axes);
        const inferred wanted = shape_of_extents(a.rank, a.extents);
        if (!wanted) return wanted;
        const std::array both = {in[0], wanted.shape};
        return broadcast_shape(both);
    }
    static constexpr std::optional<element> type(const attributes&, std::span<const element> in) { return in[0]; }
    static constexpr kiln::cost cost(const attributes&, std::span<const dims>, const dims& out) {
        return arrangement::moved(out);
    }
};

}  // namespace kiln::ops

namespace kiln::dsl {

template <std::int32_t... Extents>
struct broadcast_to_layer : layer<broadcast_to_layer<Extents...>> {
    using rules = ops::broadcast_to;
    static constexpr ops::broadcast_to::attributes attributes_on(const dims&) {
        return {static_cast<std::int32_t>(sizeof...(Extents)), ops::first_axes<Extents...>()};
    }
};

/// broadcast_to(8_c, 8_c, 1_c): stretched as element-wise operators stretch their operands; an extent of 1 keeps x's.
template <class... Extent>
constexpr auto broadcast_to(const Extent&... extent) {
    return sized<broadcast_to_layer>(extent...);
}

}  // namespace kiln::dsl
