// Element-wise sum of two tensors of one shape: the residual connection.
#pragma once

#include <kiln/dsl/combine.hpp>
#include <kiln/dsl/ops/elementwise.hpp>

namespace kiln::ops {

struct add : elementwise<2, 1> {
    static constexpr std::optional<element> type(const attributes&, std::span<const element> in) {
        return common_number(in);
    }
};

}  // namespace kiln::ops

namespace kiln::dsl {

/// x + y, or add(x, y, ...): tensors of one shape.
template <class X, class Y, class... More>
constexpr auto add(const X& x, const Y& y, const More&... more) {
    if constexpr (sizeof...(More) == 0)
        return combine<ops::add>(x, y);
    else
        return add(combine<ops::add>(x, y), more...);
}

template <class X, class Y>
requires(is_tensor<X> || is_tensor<Y>) constexpr auto operator+(const X& x, const Y& y) {
    return combine<ops::add>(x, y);
}

}  // namespace kiln::dsl
