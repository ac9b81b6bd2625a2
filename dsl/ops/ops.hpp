// Every operator's rules. The assertion below names the operator whose stem lacks one.
#pragma once

#include <kiln/dsl/ops/add.hpp>
#include <kiln/dsl/ops/average_pool.hpp>
#include <kiln/dsl/ops/batch_norm.hpp>
#include <kiln/dsl/ops/binary.hpp>
#include <kiln/dsl/ops/broadcast_to.hpp>
#include <kiln/dsl/ops/cast.hpp>
#include <kiln/dsl/ops/clip.hpp>
#include <kiln/dsl/ops/concat.hpp>
#include <kiln/dsl/ops/conv.hpp>
#include <kiln/dsl/ops/dense.hpp>
#include <kiln/dsl/ops/dropout.hpp>
#include <kiln/dsl/ops/elu.hpp>
#include <kiln/dsl/ops/filter_gradient.hpp>
#include <kiln/dsl/ops/flatten.hpp>
#include <kiln/dsl/ops/gather.hpp>
#include <kiln/dsl/ops/gather_elements.hpp>
#include <kiln/dsl/ops/gelu.hpp>
#include <kiln/dsl/ops/hard_sigmoid.hpp>
#include <kiln/dsl/ops/hard_swish.hpp>
#include <kiln/dsl/ops/leaky_relu.hpp>
#include <kiln/dsl/ops/local_response_norm.hpp>
#include <kiln/dsl/ops/matmul.hpp>
#include <kiln/dsl/ops/max_pool.hpp>
#include <kiln/dsl/ops/max_pool_place.hpp>
#include <kiln/dsl/ops/max_unpool.hpp>
#include <kiln/dsl/ops/merge_batch.hpp>
#include <kiln/dsl/ops/multiply.hpp>
#include <kiln/dsl/ops/prelu.hpp>
#include <kiln/dsl/ops/random.hpp>
#include <kiln/dsl/ops/ranking.hpp>
#include <kiln/dsl/ops/reduce.hpp>
#include <kiln/dsl/ops/relu.hpp>
#include <kiln/dsl/ops/reshape.hpp>
#include <kiln/dsl/ops/scatter_elements.hpp>
#include <kiln/dsl/ops/select.hpp>
#include <kiln/dsl/ops/selu.hpp>
#include <kiln/dsl/ops/sigmoid.hpp>
#include <kiln/dsl/ops/silu.hpp>
#include <kiln/dsl/ops/slice.hpp>
#include <kiln/dsl/ops/softmax.hpp>
#include <kiln/dsl/ops/split_batch.hpp>
#include <kiln/dsl/ops/tanh.hpp>
#include <kiln/dsl/ops/transpose.hpp>
#include <kiln/dsl/ops/unary.hpp>
#include <kiln/dsl/ops/upsample.hpp>

#include <concepts>

namespace kiln {

/// What a stem must provide.
template <class Rules>
concept operator_rules = requires(const typename Rules::attributes& a, std::span<const dims> in, const dims& out) {
    { Rules::infer(a, in) } -> std::same_as<inferred>;
    { Rules::cost(a, in, out) } -> std::same_as<cost>;
};

#define KILN_OPERATOR(stem)                  \
    static_assert(operator_rules<ops::stem>, \
                  "operator " #stem ": dsl/ops/" #stem ".hpp lacks attributes, infer or cost");
#include <kiln/dsl/ops/ops.def>
#undef KILN_OPERATOR

/// Calls `visitor.template operator()<Rules>()` for operator `o`'s rules; `otherwise` for leaves.
template <class Result, class Visitor>
constexpr Result visit_rules(op o, Result otherwise, Visitor visitor) {
    switch (o) {
#define KILN_OPERATOR(stem) \
    case op::stem:          \
        return visitor.template operator()<ops::stem>();
#include <kiln/dsl/ops/ops.def>
#undef KILN_OPERATOR
        default: return otherwise;
    }
}

/// The shape rule of operator `o` on packed attributes.
constexpr inferred infer(op o, const attribute_words& words, std::span<const dims> in) {
    return visit_rules(o, refuse(fault::operand_count),
                       [&]<class Rules>() { return Rules::infer(unpack<typename Rules::attributes>(words), in); });
}

/// The element type of operator `o`'s output; nothing where it does not take operands of these types. An operator that
/// takes more than float32 has a function `type` beside its shape rule.
constexpr std::optional<element> type_of(op o, const attribute_words& words, std::span<const element> in) {
    return visit_rules(o, std::optional<element>(), [&]<class Rules>() -> std::optional<element> {
        using attributes = typename Rules::attributes;
        if constexpr (requires(const attributes& a) { Rules::type(a, in); }) {
            return Rules::type(unpack<attributes>(words), in);
        } else {
            for (const element e : in)
                if (e != element::float32) return std::nullopt;
            return element::float32;
        }
    });
}

/// The cost of operator `o` on one sample.
constexpr cost cost_of(op o, const attribute_words& words, std::span<const dims> in, const dims& out) {
    return visit_rules(o, cost{},
                       [&]<class Rules>() { return Rules::cost(unpack<typename Rules::attributes>(words), in, out); });
}

}  // namespace kiln
