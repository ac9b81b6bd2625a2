// outputs("a"_n = x, "b"_n = y): what a network returns when it has several outputs, or one with a name of its own.
#pragma once

#include <kiln/dsl/layer.hpp>
#include <kiln/dsl/name.hpp>

#include <boost/hana/tuple.hpp>
#include <boost/hana/unpack.hpp>

namespace kiln::dsl {

template <class... Binding>
struct output_list {
    boost::hana::tuple<Binding...> list;
};

template <class T>
inline constexpr bool is_output_list = false;
template <class... Binding>
inline constexpr bool is_output_list<output_list<Binding...>> = true;

/// What a list of outputs that was refused is.
struct refused_outputs {};

template <class T>
inline constexpr bool is_binding = false;
template <class Name, class Value>
inline constexpr bool is_binding<binding<Name, Value>> = true;

/// Whether two of the names are equal.
template <class... Name>
constexpr bool repeats_a_name() {
    constexpr std::array names = {Name::text...};
    for (std::size_t i = 0; i < names.size(); ++i)
        for (std::size_t k = 0; k < i; ++k)
            if (names[i] == names[k]) return true;
    return false;
}

template <class... Output>
constexpr auto outputs(const Output&... output) {
    if constexpr (sizeof...(Output) == 0 || !(is_binding<Output> && ...)) {
        report<mistaken<mistake::output_not_named, Output...>>();
        return refused_outputs{};
    } else if constexpr (!(is_tensor<typename Output::value_type> && ...)) {
        report<mistaken<mistake::output_not_a_tensor, Output...>>();
        return refused_outputs{};
    } else if constexpr (repeats_a_name<typename Output::name_type...>()) {
        report<mistaken<mistake::duplicate_output, typename Output::name_type::fact...>>();
        return refused_outputs{};
    } else if constexpr (!all_known<typename Output::value_type...>) {
        return refused_outputs{};
    } else {
        return output_list<Output...>{boost::hana::tuple<Output...>(output...)};
    }
}

}  // namespace kiln::dsl
