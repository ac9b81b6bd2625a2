// Typed values of a network's inputs and outputs: float32 arrays whose shape is part of the type.
//
//   kiln::array<shape<28, 28, 1>> image;      // zeros
//   image(14, 14, 0) = 1;
//   std::span<const float, 784> pixels = image;
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <kiln/compiler/extents.hpp>
#include <kiln/dsl/name.hpp>
#include <kiln/dsl/shape.hpp>
#include <kiln/runtime/tensor.hpp>

namespace kiln {

template <class Shape>
class array {
public:
    static constexpr dims extents = Shape::value;
    static constexpr std::size_t size() { return static_cast<std::size_t>(extents.volume()); }

    array() : values_(size()) {}
    explicit array(std::span<const float, static_cast<std::size_t>(Shape::value.volume())> values)
        : values_(values.begin(), values.end()) {}

    /// The element at these indices, one for each extent. Not checked.
    template <class... Index>
    requires(sizeof...(Index) == static_cast<std::size_t>(Shape::value.rank)) float& operator()(Index... index) {
        return values_[offset(index...)];
    }
    template <class... Index>
    requires(sizeof...(Index) == static_cast<std::size_t>(Shape::value.rank)) float operator()(Index... index) const {
        return values_[offset(index...)];
    }

    /// In memory's order, the last extent contiguous.
    float& operator[](std::size_t i) { return values_[i]; }
    float operator[](std::size_t i) const { return values_[i]; }
    float* data() { return values_.data(); }
    const float* data() const { return values_.data(); }
    auto begin() { return values_.begin(); }
    auto end() { return values_.end(); }
    auto begin() const { return values_.begin(); }
    auto end() const { return values_.end(); }

    operator std::span<const float, static_cast<std::size_t>(Shape::value.volume())>() const {
        return std::span<const float, size()>(values_.data(), size());
    }

    /// The same values with the shape at run time, for writing files.
    tensor to_tensor() const { return {extents_of(extents), values_}; }

private:
    template <class... Index>
    static std::size_t offset(Index... index) {
        std::size_t at = 0;
        int axis = 0;
        ((at = at * static_cast<std::size_t>(extents[axis++]) + static_cast<std::size_t>(index)), ...);
        return at;
    }

    std::vector<float> values_;
};

/// One array by its name.
template <class Name, class Shape>
struct named_array {
    using name_type = Name;
    using shape_type = Shape;
};

/// The outputs of a network that names them: result["features"_n], or auto [a, p, n] = result.
template <class... Named>
class named_arrays {
public:
    using all = std::tuple<array<typename Named::shape_type>...>;

    template <class Name>
    auto& operator[](Name) {
        return std::get<index_of<Name>()>(arrays);
    }
    template <class Name>
    const auto& operator[](Name) const {
        return std::get<index_of<Name>()>(arrays);
    }

    template <std::size_t I>
    auto& get() & {
        return std::get<I>(arrays);
    }
    template <std::size_t I>
    const auto& get() const& {
        return std::get<I>(arrays);
    }
    template <std::size_t I>
    auto&& get() && {
        return std::get<I>(std::move(arrays));
    }

    all arrays;  // in the network's order

private:
    template <class Name>
    static constexpr std::size_t index_of() {
        constexpr std::array names{Named::name_type::text...};
        constexpr std::ptrdiff_t found = std::ranges::find(names, Name::text) - names.begin();
        static_assert(found < std::ssize(names), "the network has no output of this name");
        return static_cast<std::size_t>(found);
    }
};

}  // namespace kiln

template <class... Named>
struct std::tuple_size<kiln::named_arrays<Named...>> : std::integral_constant<std::size_t, sizeof...(Named)> {};
template <std::size_t I, class... Named>
struct std::tuple_element<I, kiln::named_arrays<Named...>> {
    using type = std::tuple_element_t<I, typename kiln::named_arrays<Named...>::all>;
};
