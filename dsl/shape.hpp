// shape<32, 32, 3>: the extents of one sample as a type, spatial extents first, channels last.
#pragma once

#include <kiln/dsl/dims.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>

namespace kiln::dsl {

template <std::int32_t... Extents>
struct shape {
    static_assert(sizeof...(Extents) <= max_rank, "a shape has at most 8 extents");
    static constexpr dims value = dims::of(Extents...);
    static constexpr bool known = true;
};

/// What follows a refused layer: nothing is checked on it any more.
struct unknown {
    static constexpr dims value{};
    static constexpr bool known = false;
};

template <class T>
inline constexpr bool is_shape = false;
template <std::int32_t... Extents>
inline constexpr bool is_shape<shape<Extents...>> = true;

template <dims Dims, std::size_t... Axis>
constexpr shape<Dims.extent[Axis]...> shape_along(std::index_sequence<Axis...>) {
    return {};
}

/// The shape type of a dims value.
template <dims Dims>
using shape_of = decltype(shape_along<Dims>(std::make_index_sequence<static_cast<std::size_t>(Dims.rank)>()));

}  // namespace kiln::dsl
