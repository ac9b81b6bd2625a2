// Element-wise product of two tensors of one shape.
#pragma once

#include <kiln/dsl/ops/elementwise.hpp>
#include <kiln/dsl/pointwise.hpp>

namespace kiln::ops {

struct multiply : elementwise<2, 1> {
    static constexpr std::optional<element> type(const attributes&, std::span<const element> in) {
        return common_number(in);
    }
};

}  // namespace kiln::ops

namespace kiln::dsl {

/// x * y, x * 0.5, or multiply(x, y, ...): element by element. Extents of 1 serve the whole axis.
template <class X, class Y, class... More>
constexpr auto multiply(const X& x, const Y& y, const More&... more) {
    if constexpr (sizeof...(More) == 0)
        return pointwise<ops::multiply>(x, y);
    else
        return multiply(pointwise<ops::multiply>(x, y), more...);
}

KILN_INFIX(*, pointwise<ops::multiply>)

}  // namespace kiln::dsl
