// Batch normalisation with fixed statistics, per channel c:
//   y = (x - mean[c]) / sqrt(variance[c] + epsilon) * scale[c] + shift[c]
// (Ioffe and Szegedy 2015, arXiv:1502.03167, algorithm 2.)
#pragma once

#include <kiln/dsl/layer.hpp>
#include <kiln/dsl/rule.hpp>

namespace kiln::ops {

struct batch_norm {
    struct attributes {
        float epsilon = 1e-5F;
    };

    /// Operands: x, scale, shift, mean, variance.
    static constexpr inferred infer(const attributes&, std::span<const dims> in) {
        if (in.size() != 5) return refuse(fault::operand_count);
        if (in[0].rank < 1 || in[0].volume() < 1) return refuse(fault::empty_extent);
        for (std::size_t i = 1; i < 5; ++i)
            if (!(in[i] == dims::of(in[0].channels()))) return refuse(fault::channel_vector);
        return {in[0]};
    }

    static constexpr kiln::cost cost(const attributes&, std::span<const dims>, const dims& out) {
        return {0, 2 * out.volume()};
    }
};

}  // namespace kiln::ops

namespace kiln::dsl {

/// x | batch_norm, or with another epsilon x | batch_norm(1e-3). Brings scale, shift, mean and variance along.
struct batch_norm_layer : layer<batch_norm_layer> {
    using rules = ops::batch_norm;
    using layer<batch_norm_layer>::operator();
    float epsilon = ops::batch_norm::attributes{}.epsilon;

    static constexpr ops::batch_norm::attributes attributes_on(const dims&) { return {}; }
    constexpr ops::batch_norm::attributes complete() const { return {epsilon}; }
    static constexpr bag<operand> operands_on(const dims& x) {
        bag<operand> brought;
        for (const role kind : {role::scale, role::shift, role::mean, role::variance})
            brought.put({kind, dims::of(x.channels()), 1});
        return brought;
    }

    constexpr batch_norm_layer operator()(number auto other_epsilon) const {
        batch_norm_layer changed;
        changed.epsilon = static_cast<float>(other_epsilon);
        return changed;
    }
};
inline constexpr batch_norm_layer batch_norm{};

}  // namespace kiln::dsl
