// What a shape rule takes and returns, and how operator attributes are stored: plain integers only, so that the same
// constexpr function serves the DSL (which makes a type of the answer) and the verifier of imported graphs.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

#include <kiln/dsl/dims.hpp>
#include <kiln/dsl/element.hpp>

namespace kiln {

/// The operators of dsl/ops/ops.def, after the three leaves a graph starts from.
enum class op : std::int32_t {
    input,      // a tensor the caller brings
    parameter,  // a named tensor that is learned or loaded
    constant,   // a tensor whose values are part of the graph
#define KILN_OPERATOR(stem) stem,
#include <kiln/dsl/ops/ops.def>
#undef KILN_OPERATOR
};

inline constexpr std::array operator_names = {
    std::string_view("input"),
    std::string_view("parameter"),
    std::string_view("constant"),
#define KILN_OPERATOR(stem) std::string_view(#stem),
#include <kiln/dsl/ops/ops.def>
#undef KILN_OPERATOR
};
inline constexpr int operator_count = static_cast<int>(operator_names.size());

constexpr std::string_view name_of(op o) { return operator_names[static_cast<std::size_t>(o)]; }
constexpr bool is_leaf(op o) { return o == op::input || o == op::parameter || o == op::constant; }

enum class fault : std::int32_t {
    none,
#define KILN_FAULT(id, sentence) id,
#include <kiln/dsl/faults.def>
#undef KILN_FAULT
};

constexpr std::string_view sentence_of(fault f) {
    constexpr std::array sentences = {
        std::string_view("no fault"),
#define KILN_FAULT(id, sentence) std::string_view(sentence),
#include <kiln/dsl/faults.def>
#undef KILN_FAULT
    };
    return sentences[static_cast<std::size_t>(f)];
}

/// A shape rule's answer: the output's dims, or why there is none.
struct inferred {
    dims shape;
    fault why = fault::none;
    constexpr explicit operator bool() const { return why == fault::none; }
};
constexpr inferred refuse(fault why) { return {{}, why}; }

/// What one evaluation on one sample costs.
struct cost {
    std::int64_t multiply_adds = 0;  // the figure papers print: convolution and dense only, bias not counted
    std::int64_t operations = 0;     // every scalar operation; above zero for every operator
};

/// Up to three values for the spatial axes, in the order of the input's spatial extents; unused ones hold the neutral
/// value (1 for windows, strides, dilations and factors, 0 for padding).
using triple = std::array<std::int32_t, 3>;

/// An operator's attributes as stored in a node: its attribute struct (int32 and float members only), word by word.
using attribute_words = std::array<std::int32_t, 24>;

template <class Attributes>
constexpr attribute_words pack(const Attributes& attributes) {
    static_assert(std::is_trivially_copyable_v<Attributes> && sizeof(Attributes) <= sizeof(attribute_words));
    attribute_words words{};
    if constexpr (!std::is_empty_v<Attributes>) {
        const auto raw = std::bit_cast<std::array<std::int32_t, sizeof(Attributes) / 4>>(attributes);
        for (std::size_t i = 0; i < raw.size(); ++i) words[i] = raw[i];
    }
    return words;
}

template <class Attributes>
constexpr Attributes unpack(const attribute_words& words) {
    if constexpr (std::is_empty_v<Attributes>) {
        return {};
    } else {
        std::array<std::int32_t, sizeof(Attributes) / 4> raw{};
        for (std::size_t i = 0; i < raw.size(); ++i) raw[i] = words[i];
        return std::bit_cast<Attributes>(raw);
    }
}

/// For operators without attributes.
struct no_attributes {};

/// How a parameter starts its life when no weights are given.
enum class role : std::int32_t { weight, bias, scale, shift, mean, variance, slope };
inline constexpr std::int32_t role_count = static_cast<std::int32_t>(role::slope) + 1;

/// Attributes of op::parameter. `fan_in`: inputs summed into one output, for He initialisation.
struct parameter_attributes {
    role kind = role::weight;
    std::int32_t fan_in = 1;
};

}  // namespace kiln
