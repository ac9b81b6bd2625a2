// combine<Rules, attributes>(x, y, ...): operators whose operands are all tensors of the network, such as add and
// concat. Attributes that are not written are the operator's usual ones.
#pragma once

#include <kiln/dsl/layer.hpp>

namespace kiln::dsl {

/// The shape rule's answer; a variable template for the reason given in dsl/layer.hpp.
template <class Rules, typename Rules::attributes With, class... Shape>
inline constexpr inferred combined = [] {
    const std::array shapes = {Shape::value...};
    return Rules::infer(With, shapes);
}();

template <class Rules, typename Rules::attributes With, class... Shape>
constexpr auto combined_output() {
    constexpr dims output = combined<Rules, With, Shape...>.shape;
    return tensor_of<shape_of<output>>{};
}

template <class Rules, typename Rules::attributes With = typename Rules::attributes{}, class... X>
constexpr auto combine(const X&... x) {
    if constexpr (sizeof...(X) == 0 || !(is_tensor<X> && ...)) {
        report<mistaken<mistake::not_a_tensor, Rules, X...>>();
        return tensor_of<unknown>{};
    } else if constexpr (!all_known<X...>) {
        return tensor_of<unknown>{0, std::array{x.graph...}[0]};
    } else {
        recorder* graph = std::array{x.graph...}[0];
        if constexpr (combined<Rules, With, typename X::shape_type...>.why != fault::none) {
            report<refused<combined<Rules, With, typename X::shape_type...>.why, Rules, typename X::shape_type...>>();
            return tensor_of<unknown>{0, graph};
        } else {
            const std::array operands = {x.id...};
            const dims& output = combined<Rules, With, typename X::shape_type...>.shape;
            const std::int32_t id =
                graph->layer(op_of<Rules>, pack(With), output, operands.data(), static_cast<int>(sizeof...(X)));
            return decltype(combined_output<Rules, With, typename X::shape_type...>()){id, graph};
        }
    }
}

}  // namespace kiln::dsl
