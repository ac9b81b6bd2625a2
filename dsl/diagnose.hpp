// How the DSL says no: refused<fault, facts...> and mistaken<mistake, facts...> are class templates whose
// instantiation is one static_assert with the sentence of faults.def or mistakes.def. The template arguments are the
// facts (layer, shapes, names), so the compiler prints them beside the user's line.
//
// After a refusal the DSL carries on with tensors of shape `unknown`, on which nothing is checked: one mistake, one
// error.
#pragma once

#include <kiln/dsl/rule.hpp>

namespace kiln::dsl {

enum class mistake : std::int32_t {
    none,
#define KILN_MISTAKE(id, sentence) id,
#include <kiln/dsl/mistakes.def>
#undef KILN_MISTAKE
};

/// False, but only once the facts are known.
template <class... Facts>
inline constexpr bool acceptable = false;

template <fault Why, class... Facts>
struct refused {};
#define KILN_FAULT(id, sentence)                       \
    template <class... Facts>                          \
    struct refused<fault::id, Facts...> {              \
        static_assert(acceptable<Facts...>, sentence); \
    };
#include <kiln/dsl/faults.def>
#undef KILN_FAULT

template <mistake What, class... Facts>
struct mistaken {};
#define KILN_MISTAKE(id, sentence)                     \
    template <class... Facts>                          \
    struct mistaken<mistake::id, Facts...> {           \
        static_assert(acceptable<Facts...>, sentence); \
    };
#include <kiln/dsl/mistakes.def>
#undef KILN_MISTAKE

/// Instantiates a refused<> or mistaken<> and with it the assertion. It needs the type only, so that for clang too the
/// calling function stays valid and is evaluated to the end.
template <class Refusal>
constexpr void report() {
    using told [[maybe_unused]] = decltype(sizeof(Refusal));
}

}  // namespace kiln::dsl
