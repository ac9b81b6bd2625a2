// Costs: what training makes small. A cost compares tensors of the network with each other or with what they should be,
// and is a tensor of shape<1> for each sample; J is its mean over the batch. Costs are added and scaled like all
// tensors.
//
// A word that makes one derives from cost_word<Itself, Tensors> and has
//   mistake misuse(dims...)    mistake::none, or what is wrong with tensors of these shapes
//   auto of(tensors...)        what it makes of tensors that were found right
#pragma once

#include <kiln/dsl/composition.hpp>

namespace kiln::dsl {

template <class Itself, std::size_t Tensors>
struct cost_word {
    template <class... X>
    constexpr auto operator()(const X&... x) const {
        if constexpr (sizeof...(X) != Tensors || !(is_tensor<X> && ...)) {
            report<mistaken<mistake::cost_operands, Itself, X...>>();
            return tensor_of<unknown>{};
        } else if constexpr (!all_known<X...>) {
            return tensor_of<unknown>{0, recorder_among(x...)};
        } else if constexpr (Itself::misuse(X::extents...) != mistake::none) {
            report<mistaken<Itself::misuse(X::extents...), Itself, typename X::shape_type...>>();
            return tensor_of<unknown>{0, recorder_among(x...)};
        } else {
            return static_cast<const Itself&>(*this).of(x...);
        }
    }
};

/// The usual rule: all tensors have one shape.
constexpr mistake same_shapes(const dims& x, const dims& y) { return x == y ? mistake::none : mistake::cost_shapes; }

/// One number for each sample.
template <class X>
constexpr auto summed(const X& x) {
    return reshaped<dims::of(1)>(reduce_layer<reduce_function::sum>{}(x));
}

/// The sum of the squares of x - y.
template <class X, class Y>
constexpr auto squared_distance(const X& x, const Y& y) {
    const auto difference = x - y;
    return summed(difference * difference);
}

}  // namespace kiln::dsl
