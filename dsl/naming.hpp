// named("stem"_n, block) and shared("tower"_n, block): scopes for names.
//
// Layers inside a block are called "stem.conv1", ...; a single layer is called "stem" itself. A named scope may be used
// once; a shared one may be entered again, and then finds the same parameters: the same name is the same weights.
#pragma once

#include <kiln/dsl/layer.hpp>
#include <kiln/dsl/name.hpp>

namespace kiln::dsl {

template <class Name, bool Shared, class Block>
struct scoped {
    Block block;
    std::int32_t line = 0;

    template <class... X>
    constexpr auto operator()(const X&... x) const {
        if constexpr (sizeof...(X) == 0 || !(is_tensor<X> && ...)) {
            report<mistaken<mistake::not_a_tensor, Name, X...>>();
            return tensor_of<unknown>{};
        } else if constexpr (!all_known<X...>) {
            return tensor_of<unknown>{0, std::array{x.graph...}[0]};
        } else {
            recorder* graph = std::array{x.graph...}[0];
            graph->enter(Name::text, Shared, is_layer<Block>, line);
            const auto y = block(x...);
            graph->leave();
            return y;
        }
    }
};

template <bool Shared, class Name, class Block>
constexpr auto make_scope(const Block& block, int line) {
    if constexpr (any_refused<Block>) {
        return refused_value{};
    } else if constexpr (!is_a_name<Name>) {
        report<mistaken<mistake::not_a_name, Name>>();
        return refused_value{};
    } else if constexpr (!std::is_class_v<Block> && !std::is_pointer_v<Block>) {
        report<mistaken<mistake::not_a_layer, Block>>();
        return refused_value{};
    } else {
        return scoped<Name, Shared, Block>{block, line};
    }
}

template <class Name, class Block>
constexpr auto named(const Name&, Block block, int line = __builtin_LINE()) {
    return make_scope<false, Name>(block, line);
}

template <class Name, class Block>
constexpr auto shared(const Name&, Block block, int line = __builtin_LINE()) {
    return make_scope<true, Name>(block, line);
}

}  // namespace kiln::dsl
