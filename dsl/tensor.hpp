// tensor_of<Shape>: a tensor inside a network's function. Its type says the shape and nothing else, so repeated blocks
// reuse their instantiations; its value is the number of a node and the recorder that holds it.
#pragma once

#include <kiln/dsl/recorder.hpp>
#include <kiln/dsl/shape.hpp>

namespace kiln::dsl {

template <class Shape>
struct tensor_of {
    using shape_type = Shape;
    /// The extents, and how many channels there are; both usable in `if constexpr` and as sizes of layers.
    static constexpr dims extents = Shape::value;
    static constexpr std::integral_constant<std::int32_t, Shape::known ? Shape::value.channels() : 1> channels{};

    std::int32_t id = 0;
    recorder* graph = nullptr;
};

template <class T>
inline constexpr bool is_tensor = false;
template <class Shape>
inline constexpr bool is_tensor<tensor_of<Shape>> = true;

/// A truth value for each element, from a comparison such as x > 0: what where(condition, a, b) chooses by.
template <class Shape>
struct condition_of {
    tensor_of<Shape> truth;
};

template <class T>
inline constexpr bool is_condition = false;
template <class Shape>
inline constexpr bool is_condition<condition_of<Shape>> = true;

/// Whether every one of `Tensors` has a shape, that is: nothing before was refused.
template <class... Tensors>
inline constexpr bool all_known = (Tensors::shape_type::known && ...);

/// What a refused option, filter or layer is: on it, and on what it is applied to, nothing more is checked.
struct refused_value {
    template <class Shape>
    constexpr tensor_of<unknown> operator()(tensor_of<Shape> x) const {
        return {0, x.graph};
    }
};

template <class... T>
inline constexpr bool any_refused = (std::is_same_v<T, refused_value> || ...);

}  // namespace kiln::dsl
