// Names of scopes, shared weights and outputs: "tower"_n is a value whose type holds the text.
#pragma once

#include <kiln/dsl/diagnose.hpp>

#include <cstddef>
#include <string_view>
#include <utility>

namespace kiln::dsl {

/// A string literal as a template argument.
template <std::size_t Size>
struct fixed_string {
    char characters[Size]{};

    constexpr fixed_string() = default;
    constexpr fixed_string(const char (&literal)[Size]) {
        for (std::size_t i = 0; i < Size; ++i) characters[i] = literal[i];
    }
    constexpr std::string_view view() const { return {characters, Size - 1}; }
};

/// A text as a fact of a diagnostic: letter by letter for clang, which would print numbers.
#ifdef __clang__
template <char... Letter>
struct text;
template <fixed_string Text, std::size_t... I>
constexpr text<Text.characters[I]...>* text_along(std::index_sequence<I...>) {
    return nullptr;
}
template <fixed_string Text>
using text_fact = std::remove_pointer_t<decltype(text_along<Text>(std::make_index_sequence<Text.view().size()>()))>;
#else
template <fixed_string Text>
struct text;
template <fixed_string Text>
using text_fact = text<Text>;
#endif

constexpr bool is_name(std::string_view text) {
    for (const char c : text) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '_' && c != '-') return false;
    }
    return !text.empty();
}

/// A value under a name: an output.
template <class Name, class Value>
struct binding {
    using name_type = Name;
    using value_type = Value;
    Value value;
};

template <fixed_string Text>
struct name {
    static constexpr std::string_view text = Text.view();
    using fact = text_fact<Text>;

    /// "features"_n = x
    template <class Value>
    constexpr binding<name, Value> operator=(const Value& value) const {
        return {value};
    }
};

template <class T>
inline constexpr bool is_a_name = false;
template <fixed_string Text>
inline constexpr bool is_a_name<name<Text>> = true;

}  // namespace kiln::dsl

namespace kiln::literals {

template <dsl::fixed_string Text>
constexpr dsl::name<Text> operator""_n() {
    if constexpr (!dsl::is_name(Text.view())) dsl::report<dsl::mistaken<dsl::mistake::bad_name, dsl::name<Text>>>();
    return {};
}

}  // namespace kiln::literals
