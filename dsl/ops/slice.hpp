// Part of a tensor: element i of the result along an axis is element begin + i * step of the operand, i < extent. A
// negative step runs backwards. A view: nothing is moved until a kernel needs it otherwise.
#pragma once

#include <kiln/dsl/ops/arrangement.hpp>

namespace kiln::ops {

struct slice {
    /// Values for each axis of the operand, in its order.
    struct attributes {
        per_axis begin{}, step{}, extent{};
    };

    static constexpr inferred infer(const attributes& a, std::span<const dims> in) {
        if (in.size() != 1) return refuse(fault::operand_count);
        if (in[0].rank > most_axes) return refuse(fault::too_many_axes);
        dims out = in[0];
        for (int axis = 0; axis < out.rank; ++axis) {
            const auto i = static_cast<std::size_t>(axis);
            if (a.extent[i] < 1) return refuse(fault::empty_extent);
            const std::int64_t last = a.begin[i] + std::int64_t{a.extent[i] - 1} * a.step[i];
            if (a.begin[i] < 0 || a.begin[i] >= in[0][axis] || last < 0 || last >= in[0][axis])
                return refuse(fault::slice_outside);
            out[axis] = a.extent[i];
        }
        return {out};
    }
    static constexpr std::optional<element> type(const attributes&, std::span<const element> in) { return in[0]; }
    static constexpr kiln::cost cost(const attributes&, std::span<const dims>, const dims& out) {
        return arrangement::moved(out);
    }
};

}  // namespace kiln::ops
