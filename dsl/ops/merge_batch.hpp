// Makes the batch the first axis of one whole tensor, so that operators reach across samples. A view.
#pragma once

#include <kiln/dsl/ops/arrangement.hpp>

namespace kiln::ops {

struct merge_batch {
    struct attributes {
        std::int32_t batch = 1;  // the operand's
    };

    static constexpr inferred infer(const attributes& a, std::span<const dims> in) {
        if (in.size() != 1) return refuse(fault::operand_count);
        if (a.batch < 1) return refuse(fault::empty_extent);
        if (in[0].rank >= most_axes) return refuse(fault::too_many_axes);
        const dims out = prepend(a.batch, in[0]);
        if (out.volume() > std::numeric_limits<std::int32_t>::max()) return refuse(fault::too_large);
        return {out};
    }
    static constexpr std::optional<element> type(const attributes&, std::span<const element> in) { return in[0]; }
    static constexpr kiln::cost cost(const attributes&, std::span<const dims>, const dims& out) {
        return arrangement::moved(out);
    }
};

}  // namespace kiln::ops
