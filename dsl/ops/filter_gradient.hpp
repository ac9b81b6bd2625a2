// How a cost changes with a convolution's filter, from the layer's input x and the cost's gradient dy at its output:
//
//   dw[k, c, f] = sum over samples n and outputs o of  x[n, o * stride + k * dilation - pad_before, g(f) * C/groups +
//   c]
//                                                      * dy[n, o, f]
//
// with x zero outside its extents and g(f) the filter's group: the derivative of the sum in conv.hpp. With `flip` the
// filter is the turned one. Without spatial axes it is a dense layer's: dw[c, f] = sum over n of x[n, c] * dy[n, f].
#pragma once

#include <kiln/dsl/ops/conv.hpp>

namespace kiln::ops {

struct filter_gradient {
    using attributes = conv::attributes;

    /// How many spatial axes an operand with samples in front has.
    static constexpr int spatial_rank(const dims& x) { return x.rank - 2; }

    /// One sample of `x`, as the convolution sees it: with a spatial axis at least.
    static constexpr dims sample_of(const dims& x) { return x.rank == 2 ? dims::of(1, x.channels()) : drop_first(x); }

    /// Operands: x and dy, neither with a batch, their samples along the first axis.
    static constexpr inferred infer(const attributes& a, std::span<const dims> in) {
        if (in.size() != 2) return refuse(fault::operand_count);
        const dims &x = in[0], &dy = in[1];
        if (x.rank < 2 || x.rank > 5) return refuse(fault::rank);
        const dims sample = sample_of(x);
        const inferred out = kiln::ops::slide(sample, a.slide, a.filters);
        if (!out) return out;
        if (a.groups < 1) return refuse(fault::window_below_one);
        if (x.channels() % a.groups != 0 || a.filters % a.groups != 0) return refuse(fault::groups_do_not_divide);
        const dims one = x.rank == 2 ? dims::of(a.filters) : out.shape;
        if (!(dy == prepend(x[0], one))) return refuse(fault::output_gradient);
        const dims filter = conv::weight(a, sample);
        if (filter.volume() > std::numeric_limits<std::int32_t>::max()) return refuse(fault::too_large);
        return {x.rank == 2 ? drop_first(filter) : filter};
    }

    static constexpr kiln::cost cost(const attributes& a, std::span<const dims> in, const dims& out) {
        const std::int64_t products = out.volume() * (in[1].volume() / a.filters);
        return {products, 2 * products};
    }
};

}  // namespace kiln::ops
