// Nearest-neighbour enlargement by whole factors: y[o, c] = x[floor(o / factor), c] on every spatial axis.
#pragma once

#include <kiln/dsl/constant.hpp>
#include <kiln/dsl/layer.hpp>
#include <kiln/dsl/options.hpp>
#include <kiln/dsl/rule.hpp>

namespace kiln::ops {

struct upsample {
    struct attributes {
        triple factor{1, 1, 1};
    };

    static constexpr inferred infer(const attributes& a, std::span<const dims> in) {
        if (in.size() != 1) return refuse(fault::operand_count);
        if (in[0].rank < 2 || in[0].rank > 4) return refuse(fault::rank);
        if (in[0].volume() < 1) return refuse(fault::empty_extent);
        dims out = in[0];
        for (int axis = 0; axis < out.spatial_rank(); ++axis) {
            if (a.factor[axis] < 1) return refuse(fault::window_below_one);
            const std::int64_t extent = std::int64_t(out[axis]) * a.factor[axis];
            if (extent > std::numeric_limits<std::int32_t>::max()) return refuse(fault::too_large);
            out[axis] = static_cast<std::int32_t>(extent);
        }
        if (out.volume() > std::numeric_limits<std::int32_t>::max()) return refuse(fault::too_large);
        return {out};
    }

    static constexpr kiln::cost cost(const attributes&, std::span<const dims>, const dims& out) {
        return {0, out.volume()};
    }
};

}  // namespace kiln::ops

namespace kiln::dsl {

template <std::int32_t... Factors>
struct upsample_layer : layer<upsample_layer<Factors...>> {
    using rules = ops::upsample;
    static constexpr per_axis factors = values_per_axis<Factors...>();

    static constexpr mistake misuse(const dims& x) {
        if (sizeof...(Factors) == 0) return mistake::no_factor;
        return fits(factors, x) ? mistake::none : mistake::option_rank;
    }
    static constexpr ops::upsample::attributes attributes_on(const dims& x) {
        ops::upsample::attributes a;
        for (int axis = 0; axis < x.spatial_rank() && axis < 3; ++axis)
            a.factor[static_cast<std::size_t>(axis)] = factors.on(axis, 1);
        return a;
    }
};

/// upsample(2_c) on every spatial axis, upsample(2_c, 3_c) axis by axis.
template <class... Factor>
constexpr auto upsample(const Factor&... factor) {
    return sized<upsample_layer>(factor...);
}

}  // namespace kiln::dsl
