// The way back from max pooling: every cell gets the sum of the values whose place it is (max_pool_place), and 0 where
// it is nobody's:
//
//   y[i, c] = sum of x[o, c] over the windows o that hold cell i and have places[o, c] = number of i
//
// Max pooling's gradient.
#pragma once

#include <kiln/dsl/ops/window.hpp>

namespace kiln::ops {

struct max_unpool {
    struct attributes {
        window slide;             // of the pooling
        triple extents{1, 1, 1};  // of what was pooled
    };

    /// The dims of what was pooled, for an operand with its channels.
    static constexpr dims pooled(const attributes& a, const dims& x) {
        dims d = x;
        for (int axis = 0; axis < x.spatial_rank() && axis < 3; ++axis) d[axis] = a.extents[axis];
        return d;
    }
    /// How many windows on an axis a cell can be in.
    static constexpr std::int32_t windows(const window& w, std::size_t axis) {
        return (dilated(w.extent[axis], w.dilation[axis]) - 1) / w.stride[axis] + 1;
    }

    /// And on all of them.
    static constexpr std::int64_t windows(const attributes& a) {
        return std::int64_t{windows(a.slide, 0)} * windows(a.slide, 1) * windows(a.slide, 2);
    }

    /// Operands: x, places.
    static constexpr inferred infer(const attributes& a, std::span<const dims> in) {
        if (in.size() != 2) return refuse(fault::operand_count);
        const dims out = pooled(a, in[0]);
        const inferred again = kiln::ops::slide(out, a.slide, out.channels());
        if (!again) return again;
        if (!(again.shape == in[0] && again.shape == in[1])) return refuse(fault::places_differ);
        return {out};
    }
    static constexpr std::optional<element> type(const attributes&, std::span<const element> in) {
        const bool fits = in.size() == 2 && in[0] == element::float32 && in[1] == element::int32;
        return fits ? std::optional(element::float32) : std::nullopt;
    }
    static constexpr kiln::cost cost(const attributes& a, std::span<const dims>, const dims& out) {
        return {0, windows(a) * out.volume()};
    }
};

}  // namespace kiln::ops
