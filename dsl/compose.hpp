// Blocks made of blocks: seq(a, b, c), repeat(3_c, block), conv_bn(...). A block is any callable from a tensor to a
// tensor: a layer, a lambda, another composition.
#pragma once

#include <kiln/dsl/ops/batch_norm.hpp>
#include <kiln/dsl/ops/conv.hpp>

namespace kiln::dsl {

/// A chain rather than a tuple: a compiler's message about the third block shows the third block's line, not a
/// library's.
template <class... Block>
struct sequence {
    template <class X>
    constexpr auto operator()(X x) const {
        return x;
    }
};
template <class First, class... Rest>
struct sequence<First, Rest...> {
    First first;
    sequence<Rest...> rest;

    template <class X>
    constexpr auto operator()(X x) const {
        return rest(x | first);
    }
};

/// seq(a, b, c): x | seq(a, b, c) is x | a | b | c.
constexpr sequence<> seq() { return {}; }
template <class First, class... Rest>
constexpr sequence<First, Rest...> seq(const First& first, const Rest&... rest) {
    return {first, seq(rest...)};
}

/// Whether the recorder refuses more nodes: then there is no point in going on.
template <class X>
constexpr bool overflown(const X& x) {
    if constexpr (is_tensor<X>)
        return x.graph->overflown();
    else
        return false;
}

template <std::int32_t Times, class Block>
struct repeated {
    Block block;

    template <class X>
    constexpr auto operator()(X x) const {
        return again<Times>(x);
    }

private:
    template <std::int32_t Left, class X>
    constexpr auto again(X x) const {
        if constexpr (Left <= 0) {
            return x;
        } else {
            auto y = x | block;
            if constexpr (std::is_same_v<decltype(y), X>) {  // the shape stays: a loop, for the compiler's sake
                for (std::int32_t left = Left - 1; left > 0 && !overflown(y); --left) y = y | block;
                return y;
            } else {
                return again<Left - 1>(y);
            }
        }
    }
};

/// repeat(3_c, block): x | repeat(3_c, block) is x | block | block | block, each time with weights of its own.
template <class Times, class Block>
constexpr auto repeat(const Times&, const Block& block) {
    if constexpr (any_refused<Times, Block>) {
        return refused_value{};
    } else if constexpr (!constant<Times>) {
        report<mistaken<mistake::not_a_constant, Times>>();
        return refused_value{};
    } else {
        return repeated<value_of<Times>, Block>{block};
    }
}

template <class Convolution>
struct normalised {
    Convolution convolution;

    template <class X>
    constexpr auto operator()(X x) const {
        return batch_norm(convolution(x));
    }
};

/// conv_bn(filters, window, options...): a convolution without bias, then batch normalisation.
template <class... Arguments>
constexpr auto conv_bn(const Arguments&... arguments) {
    const auto convolution = conv(arguments..., no_bias);
    return normalised<std::remove_const_t<decltype(convolution)>>{convolution};
}

}  // namespace kiln::dsl
