// pointwise<Rules, attributes>(x, y, ...): element-wise operators on tensors, of which some may be numbers: 0.5, 2 or
// 2_c. A number serves every element.
#pragma once

#include <kiln/dsl/combine.hpp>

#include <tuple>

namespace kiln::dsl {

/// A tensor of given values. `values` are read while this is called.
template <class Shape>
constexpr tensor_of<Shape> given(recorder* graph, const std::array<float, Shape::value.volume()>& values) {
    return {graph->constant(Shape::value, {values.data(), static_cast<std::int32_t>(values.size())}), graph};
}

template <class X>
constexpr auto operand_on(recorder* graph, const X& x) {
    if constexpr (number<X>)
        return given<shape<1>>(graph, {static_cast<float>(x)});
    else
        return x;
}

/// The recorder of the first tensor among these.
template <class First, class... Rest>
constexpr recorder* recorder_among(const First& first, const Rest&... rest) {
    if constexpr (is_tensor<First>)
        return first.graph;
    else
        return recorder_among(rest...);
}

template <class X>
inline constexpr bool refused_before = std::is_same_v<X, tensor_of<unknown>>;

template <class Rules, typename Rules::attributes With = typename Rules::attributes{}, class... X>
constexpr auto pointwise(const X&... x) {
    constexpr bool meet = ((is_tensor<X> || number<X>)&&...) && (is_tensor<X> || ...) && !(is_tensor<X> && ...);
    if constexpr (!meet) {
        return combine<Rules, With>(x...);
    } else if constexpr ((refused_before<X> || ...)) {
        return tensor_of<unknown>{0, recorder_among(x...)};
    } else {
        // In braces, so that numbers are recorded from left to right.
        recorder* graph = recorder_among(x...);
        const std::tuple<decltype(operand_on(graph, x))...> operands{operand_on(graph, x)...};
        return std::apply([](const auto&... y) { return combine<Rules, With>(y...); }, operands);
    }
}

/// An operator sign between a tensor and a tensor or number, on either side: `how(x, y)`. By value, so that Hana's
/// operators on constants are no better match for x / 2_c.
#define KILN_INFIX(sign, how)                               \
    template <class Shape, class Y>                         \
    constexpr auto operator sign(tensor_of<Shape> x, Y y) { \
        return how(x, y);                                   \
    }                                                       \
    template <class X, class Shape>                         \
    requires(!is_tensor<X>) constexpr auto operator sign(X x, tensor_of<Shape> y) { return how(x, y); }

}  // namespace kiln::dsl
