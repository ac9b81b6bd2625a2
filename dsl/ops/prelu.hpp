// Parametric rectified linear unit: y = x where x > 0, slope[c] * x elsewhere, with a learned slope for each channel c.
// (He et al. 2015, arXiv:1502.01852, equation 1.)
#pragma once

#include <kiln/dsl/layer.hpp>
#include <kiln/dsl/rule.hpp>

namespace kiln::ops {

struct prelu {
    using attributes = no_attributes;

    /// Operands: x, slope.
    static constexpr inferred infer(const attributes&, std::span<const dims> in) {
        if (in.size() != 2) return refuse(fault::operand_count);
        if (in[0].rank < 1 || in[0].volume() < 1) return refuse(fault::empty_extent);
        if (!(in[1] == dims::of(in[0].channels()))) return refuse(fault::channel_vector);
        return {in[0]};
    }

    static constexpr kiln::cost cost(const attributes&, std::span<const dims>, const dims& out) {
        return {0, 2 * out.volume()};
    }
};

}  // namespace kiln::ops

namespace kiln::dsl {

/// x | prelu. Brings its slopes along.
struct prelu_layer : layer<prelu_layer> {
    using rules = ops::prelu;

    static constexpr no_attributes attributes_on(const dims&) { return {}; }
    static constexpr bag<operand> operands_on(const dims& x) {
        bag<operand> brought;
        brought.put({role::slope, dims::of(x.channels()), 1});
        return brought;
    }
};
inline constexpr prelu_layer prelu{};

}  // namespace kiln::dsl
