// Element-wise product of two tensors of one shape.
#pragma once

#include <kiln/dsl/combine.hpp>
#include <kiln/dsl/ops/elementwise.hpp>

namespace kiln::ops {

struct multiply : elementwise<2, 1> {
    static constexpr std::optional<element> type(const attributes&, std::span<const element> in) {
        return common_number(in);
    }
};

}  // namespace kiln::ops

namespace kiln::dsl {

/// x * y, or multiply(x, y, ...): tensors of one shape, element by element.
template <class X, class Y, class... More>
constexpr auto multiply(const X& x, const Y& y, const More&... more) {
    if constexpr (sizeof...(More) == 0)
        return combine<ops::multiply>(x, y);
    else
        return multiply(combine<ops::multiply>(x, y), more...);
}

template <class X, class Y>
requires(is_tensor<X> || is_tensor<Y>) constexpr auto operator*(const X& x, const Y& y) {
    return combine<ops::multiply>(x, y);
}

}  // namespace kiln::dsl
