// What max_pool and average_pool share in the DSL: their layers over a window, and over the whole input.
#pragma once

#include <kiln/dsl/ops/pool.hpp>
#include <kiln/dsl/sliding.hpp>
#include <kiln/dsl/spelled.hpp>

namespace kiln::dsl {

template <class Rules, class... Options>
struct pool_layer : layer<pool_layer<Rules, Options...>> {
    using rules = Rules;
    static constexpr settings said = settings_of<Options...>();

    static constexpr mistake misuse(const dims& x) { return check_ranks(said, x); }
    static constexpr ops::pool_attributes attributes_on(const dims& x) {
        return {window_on(said, x, true), said.count_padding};
    }
};

/// Its window is the whole input, so every spatial extent becomes 1.
template <class Rules>
struct global_pool_layer : layer<global_pool_layer<Rules>> {
    using rules = Rules;

    static constexpr ops::pool_attributes attributes_on(const dims& x) {
        ops::pool_attributes a;
        for (int axis = 0; axis < x.spatial_rank() && axis < 3; ++axis)
            a.slide.extent[static_cast<std::size_t>(axis)] = x[axis];
        return a;
    }
};

template <class Rules>
struct spelled_pool {
    static constexpr std::array all = {topic::extent, topic::stride, topic::dilation,     topic::padding,
                                       topic::before, topic::after,  topic::count_padding};
    static constexpr std::span<const topic> taken{all.data(), all.size() - (op_of<Rules> == op::average_pool ? 0 : 1)};
    template <class... Options>
    using with = pool_layer<Rules, Options...>;
};

}  // namespace kiln::dsl
