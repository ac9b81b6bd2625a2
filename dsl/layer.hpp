// Layers: an operator with its options, waiting for a tensor. `x | layer` and `layer(x)` mean the same.
//
// A layer derives from layer<Itself> and says, as constexpr functions of its input's dims:
//   using rules                          the operator's rules, ops::STEM
//   mistake misuse(dims)                 mistake::none, or what is wrong before the shape rule is asked
//   attributes attributes_on(dims)       what the shape rule takes
//   bag<operand> operands_on(dims)       the tensors it brings along, in the order of the rule's operands
// and, where it has them, as members of the value:
//   attributes complete()                the attributes with what does not decide shapes (a slope, an epsilon)
//   fault refusal()                      why the rule refuses the completed attributes, if they can be wrong; what a
//                                        value says is known when the network is recorded, and network<> reports it
//   given_values given()                 the values of the operands that are not learned
#pragma once

#include <kiln/dsl/constant.hpp>
#include <kiln/dsl/tensor.hpp>

#include <span>

namespace kiln::ops {
#define KILN_OPERATOR(stem) struct stem;
#include <kiln/dsl/ops/ops.def>
#undef KILN_OPERATOR
}  // namespace kiln::ops

namespace kiln::dsl {

/// The enumerator of an operator's rules.
template <class Rules>
inline constexpr op op_of = op::input;
#define KILN_OPERATOR(stem) \
    template <>             \
    inline constexpr op op_of<ops::stem> = op::stem;
#include <kiln/dsl/ops/ops.def>
#undef KILN_OPERATOR

/// What may stand where a layer takes a real value: 0.5, 1 or 1_c.
template <class T>
concept number = std::is_arithmetic_v<T> || constant<T>;

/// What a spelling with sizes makes: sized<Made>(5_c, 3_c) is Made<5, 3>. Anything but constants is refused where it is
/// written.
template <template <std::int32_t...> class Made, class... Size>
constexpr auto sized(const Size&...) {
    if constexpr (any_refused<Size...>) {
        return refused_value{};
    } else if constexpr ((constant<Size> && ...)) {
        return Made<value_of<Size>...>{};
    } else {
        report<mistaken<mistake::not_a_constant, Size...>>();
        return refused_value{};
    }
}

/// The same with exactly one.
template <template <std::int32_t> class Made, class Size>
constexpr auto one_size(const Size&) {
    if constexpr (any_refused<Size>) {
        return refused_value{};
    } else if constexpr (constant<Size>) {
        return Made<value_of<Size>>{};
    } else {
        report<mistaken<mistake::not_a_constant, Size>>();
        return refused_value{};
    }
}

/// All that is known of a layer on an input of some shape.
struct plan {
    mistake misuse = mistake::none;
    inferred output;
    attribute_words attributes{};
    bag<operand> brought;
};

template <class Layer>
constexpr plan plan_for(const dims& x) {
    plan made;
    made.misuse = Layer::misuse(x);
    if (made.misuse != mistake::none) return made;
    made.brought = Layer::operands_on(x);
    std::array<dims, 5> operands{x};
    for (std::int32_t i = 0; i < made.brought.size; ++i)
        operands[static_cast<std::size_t>(i + 1)] = made.brought.items[static_cast<std::size_t>(i)].shape;
    const auto attributes = Layer::attributes_on(x);
    made.output =
        Layer::rules::infer(attributes, std::span(operands).first(static_cast<std::size_t>(made.brought.size + 1)));
    made.attributes = pack(attributes);
    return made;
}

/// A variable template, not a local constant: clang evaluates those anew at every call.
template <class Layer, class Shape>
inline constexpr plan planned = plan_for<Layer>(Shape::value);

template <class Layer, class Shape>
constexpr auto output_of() {
    constexpr dims output = planned<Layer, Shape>.output.shape;
    return tensor_of<shape_of<output>>{};
}

template <class Layer>
constexpr fault refusal_of(const Layer& layer) {
    if constexpr (requires { layer.refusal(); })
        return layer.refusal();
    else
        return fault::none;
}

/// Checks `layer` on `x`, records it and returns its output.
template <class Layer, class Shape>
constexpr auto apply(const Layer& layer, tensor_of<Shape> x) {
    if constexpr (!Shape::known) {
        return tensor_of<unknown>{0, x.graph};
    } else if constexpr (planned<Layer, Shape>.misuse != mistake::none) {
        report<mistaken<planned<Layer, Shape>.misuse, Layer, Shape>>();
        return tensor_of<unknown>{0, x.graph};
    } else if constexpr (planned<Layer, Shape>.output.why != fault::none) {
        report<refused<planned<Layer, Shape>.output.why, Layer, Shape>>();
        return tensor_of<unknown>{0, x.graph};
    } else {
        const plan& p = planned<Layer, Shape>;
        const op kind = op_of<typename Layer::rules>;
        std::int32_t id = 0;
        if constexpr (requires { layer.given(); })
            id = x.graph->layer(kind, p.attributes, p.output.shape, x.id, p.brought, layer.given());
        else if constexpr (requires { layer.complete(); })
            id = x.graph->layer(kind, pack(layer.complete()), p.output.shape, x.id, p.brought, nothing_given,
                                refusal_of(layer));
        else
            id = x.graph->layer(kind, p.attributes, p.output.shape, x.id, p.brought, nothing_given);
        return decltype(output_of<Layer, Shape>()){id, x.graph};
    }
}

/// Every layer's way of being called.
template <class Itself>
struct layer {
    static constexpr mistake misuse(const dims&) { return mistake::none; }
    static constexpr bag<operand> operands_on(const dims&) { return {}; }

    template <class... X>
    constexpr auto operator()(const X&... x) const {
        if constexpr (sizeof...(X) == 1 && (is_tensor<X> && ...)) {
            return apply(static_cast<const Itself&>(*this), x...);
        } else {
            report<mistaken<mistake::one_tensor, Itself, X...>>();
            return tensor_of<unknown>{};
        }
    }
};

/// A layer without attributes or operands of its own, such as relu.
template <class Rules>
struct plain_layer : layer<plain_layer<Rules>> {
    using rules = Rules;
    static constexpr no_attributes attributes_on(const dims&) { return {}; }
};

template <class T>
concept is_layer = std::is_base_of_v<layer<T>, T>;

template <class Shape, class Block>
constexpr auto operator|(tensor_of<Shape> x, const Block& block) {
    if constexpr (std::is_same_v<Block, tensor_of<unknown>>) {
        return tensor_of<unknown>{0, x.graph};  // a layer that was refused when it was written
    } else if constexpr (is_tensor<Block>) {
        report<mistaken<mistake::not_a_layer, Block>>();
        return tensor_of<unknown>{0, x.graph};
    } else if constexpr (std::is_class_v<Block> || std::is_function_v<Block> || std::is_pointer_v<Block>) {
        return block(x);
    } else {
        report<mistaken<mistake::not_a_layer, Block>>();
        return tensor_of<unknown>{0, x.graph};
    }
}

}  // namespace kiln::dsl
