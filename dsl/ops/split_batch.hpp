// Makes the first axis of a whole tensor the batch, so that operators work on each sample. A view.
#pragma once

#include <kiln/dsl/ops/arrangement.hpp>

namespace kiln::ops {

struct split_batch {
    using attributes = no_attributes;

    /// The dims of one sample.
    static constexpr inferred infer(const attributes&, std::span<const dims> in) {
        if (in.size() != 1) return refuse(fault::operand_count);
        if (in[0].rank < 2) return refuse(fault::empty_extent);
        return {drop_first(in[0])};
    }
    static constexpr std::optional<element> type(const attributes&, std::span<const element> in) { return in[0]; }
    static constexpr kiln::cost cost(const attributes&, std::span<const dims>, const dims& out) {
        return arrangement::moved(out);
    }
};

}  // namespace kiln::ops
