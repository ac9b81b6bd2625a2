// Matrix products: out[.., i, j] = sum over k of x[.., i, k] * y[.., k, j]. Axes before the last two are stretched to
// one shape, as element-wise operators stretch theirs.
#pragma once

#include <kiln/dsl/combine.hpp>
#include <kiln/dsl/ops/arrangement.hpp>
#include <kiln/dsl/ops/elementwise.hpp>

namespace kiln::ops {

struct matmul {
    using attributes = no_attributes;

    static constexpr inferred infer(const attributes&, std::span<const dims> in) {
        if (in.size() != 2) return refuse(fault::operand_count);
        const dims &x = in[0], &y = in[1];
        if (x.rank < 2 || y.rank < 2 || x.rank > most_axes || y.rank > most_axes) return refuse(fault::no_such_axis);
        if (x[x.rank - 1] != y[y.rank - 2]) return refuse(fault::matmul_extents);
        const auto outer = [](dims d) {
            d.rank -= 2;
            return d;
        };
        const std::array outers = {outer(x), outer(y)};
        inferred out = broadcast_shape(outers);
        if (!out) return out;
        out.shape.rank += 2;
        out.shape[out.shape.rank - 2] = x[x.rank - 2];
        out.shape[out.shape.rank - 1] = y[y.rank - 1];
        if (out.shape.volume() > std::numeric_limits<std::int32_t>::max()) return refuse(fault::too_large);
        return out;
    }
    static constexpr kiln::cost cost(const attributes&, std::span<const dims> in, const dims& out) {
        const std::int64_t each = in[0].channels();
        return {each * out.volume(), 2 * each * out.volume()};
    }
};

}  // namespace kiln::ops

namespace kiln::dsl {

/// matmul(x, y): the matrix product over the last two axes.
template <class X, class Y>
constexpr auto matmul(const X& x, const Y& y) {
    return combine<ops::matmul>(x, y);
}

}  // namespace kiln::dsl
