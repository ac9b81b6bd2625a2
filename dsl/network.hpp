// network<net, shape<28, 28, 1>>: a network's function applied to inputs of these shapes. Everything it knows is a
// constant, so a program can static_assert its parameters, its multiply-adds and the table of its layers.
//
// `net` is a constexpr object with static storage: a lambda at namespace scope (`inline constexpr` in headers), or a
// block of seq(...). It takes one tensor for each shape and returns a tensor or outputs(...).
#pragma once

#include <kiln/dsl/record.hpp>
#include <kiln/dsl/table.hpp>

#include <tuple>

namespace kiln::dsl {

/// Facts of a diagnostic.
template <std::int32_t First, std::int32_t Again>
struct lines;
template <std::int32_t Count>
struct given_inputs;

template <const auto& Net, class... Inputs>
constexpr auto path_of_mistake() {
    constexpr auto size = static_cast<std::size_t>(counted<Net, Inputs...>.mistaken.path_size);
    fixed_string<size + 1> text;
    for (std::size_t i = 0; i < size; ++i) text.characters[i] = counted<Net, Inputs...>.mistaken.path[i];
    return text;
}

/// Reports what is wrong with the recording of a network whose types are right; true if nothing is.
template <const auto& Net, class... Inputs>
constexpr bool recorded_well() {
    constexpr mistake what = counted<Net, Inputs...>.mistaken.what;
    constexpr fault why = counted<Net, Inputs...>.mistaken.refused;
    if constexpr (why != fault::none) {
        report<refused<why, text_fact<path_of_mistake<Net, Inputs...>()>>>();
    } else if constexpr (what == mistake::name_of_two_shapes) {
        constexpr dims first = counted<Net, Inputs...>.mistaken.first, again = counted<Net, Inputs...>.mistaken.again;
        report<mistaken<what, text_fact<path_of_mistake<Net, Inputs...>()>, shape_of<first>, shape_of<again>>>();
    } else if constexpr (what == mistake::name_used_twice) {
        constexpr std::int32_t first = counted<Net, Inputs...>.mistaken.first_line,
                               again = counted<Net, Inputs...>.mistaken.line;
        report<mistaken<what, text_fact<path_of_mistake<Net, Inputs...>()>, lines<first, again>>>();
    } else if constexpr (what != mistake::none) {
        report<mistaken<what, std::integral_constant<std::int32_t, KILN_MAX_NODES>>>();
    }
    return what == mistake::none && why == fault::none;
}

template <class... Inputs>
constexpr fault fault_of_inputs() {
    for (const dims& d : {dims::of(1), Inputs::value...}) {
        if (d.rank < 1) return fault::empty_extent;
        for (int axis = 0; axis < d.rank; ++axis)
            if (d[axis] < 1) return fault::empty_extent;
        if (d.volume() > std::numeric_limits<std::int32_t>::max()) return fault::too_large;
    }
    return fault::none;
}

/// Reports the first thing wrong with a network; true if there is none. A network whose layers were refused is not
/// accepted either, but that has been reported.
template <const auto& Net, class... Inputs>
constexpr bool accepted() {
    if constexpr (!(is_shape<Inputs> && ...)) {
        report<mistaken<mistake::not_a_shape, Inputs...>>();
        return false;
    } else if constexpr (constexpr fault wrong = fault_of_inputs<Inputs...>(); wrong != fault::none) {
        report<refused<wrong, Inputs...>>();
        return false;
    } else if constexpr (!std::is_invocable_v<decltype(Net), tensor_of<Inputs>...>) {
        report<mistaken<mistake::input_count, given_inputs<sizeof...(Inputs)>>>();
        return false;
    } else {
        using result = std::remove_cvref_t<decltype(Net(tensor_of<Inputs>{}...))>;
        if constexpr (is_tensor<result>) {
            if constexpr (!all_known<result>)
                return false;
            else
                return recorded_well<Net, Inputs...>();
        } else if constexpr (is_output_list<result>) {
            return recorded_well<Net, Inputs...>();
        } else if constexpr (!std::is_same_v<result, refused_outputs>) {
            report<mistaken<mistake::not_an_output, result>>();
            return false;
        } else {
            return false;
        }
    }
}

/// What `Net` returns; `unknown` if it cannot be asked.
template <const auto& Net, class... Inputs>
constexpr auto result_of() {
    if constexpr (!(is_shape<Inputs> && ...))
        return std::type_identity<unknown>{};
    else if constexpr (fault_of_inputs<Inputs...>() != fault::none)
        return std::type_identity<unknown>{};
    else if constexpr (!std::is_invocable_v<decltype(Net), tensor_of<Inputs>...>)
        return std::type_identity<unknown>{};
    else
        return std::type_identity<std::remove_cvref_t<decltype(Net(tensor_of<Inputs>{}...))>>{};
}

/// The shape of the single output, and with several outputs of each by name.
template <class Result>
struct output_shapes {
    using only = unknown;
};
template <class Shape>
struct output_shapes<tensor_of<Shape>> {
    using only = Shape;
    static constexpr std::size_t size = 1;
};
template <class... Output>
struct output_shapes<output_list<Output...>> {
    static constexpr std::size_t size = sizeof...(Output);

    template <std::size_t I>
    using at = typename std::tuple_element_t<I, std::tuple<Output...>>::value_type::shape_type;
    using only = std::conditional_t<size == 1, at<0>, unknown>;

    static constexpr std::size_t index_of(std::string_view name) {
        constexpr std::array names = {Output::name_type::text...};
        std::size_t i = 0;
        while (names[i] != name) ++i;  // past the end: not a constant, so a compile error
        return i;
    }
    /// outputs::named<"features">
    template <fixed_string Name>
    using named = at<index_of(Name.view())>;
};

/// The recorded graph; empty if the network was refused.
template <const auto& Net, class... Inputs>
inline constexpr auto recorded = [] {
    if constexpr (accepted<Net, Inputs...>())
        return record<Net, Inputs...>();
    else
        return flat_graph<extent_of_graph{}>{};
}();

template <const auto& Net, class... Inputs>
inline constexpr totals total_of = tabulate(recorded<Net, Inputs...>.view(""), {});

template <const auto& Net, class... Inputs>
inline constexpr auto rows_of = [] {
    std::array<layer_row, static_cast<std::size_t>(total_of<Net, Inputs...>.layers)> rows{};
    tabulate(recorded<Net, Inputs...>.view(""), rows);
    return rows;
}();

/// Every member is computed when it is first named.
template <const auto& Net, class... Inputs>
struct network {
    using inputs = std::tuple<Inputs...>;
    using outputs = output_shapes<typename decltype(result_of<Net, Inputs...>())::type>;
    using output = typename outputs::only;

    /// `name` must outlive the view.
    static constexpr graph_view view(const char* name = "network") { return recorded<Net, Inputs...>.view(name); }
    static constexpr graph_view graph = recorded<Net, Inputs...>.view("network");

    static constexpr std::int64_t parameters = total_of<Net, Inputs...>.parameters;  // learned ones
    /// Of convolutions and dense layers, biases not counted: the figure papers print.
    static constexpr std::int64_t multiply_adds = total_of<Net, Inputs...>.multiply_adds;
    static constexpr std::int64_t operations = total_of<Net, Inputs...>.operations;    // every scalar operation
    static constexpr std::int64_t activations = total_of<Net, Inputs...>.activations;  // of all layers, without inputs

    /// One row for each layer, in the order of evaluation.
    static constexpr std::span<const layer_row> layers = rows_of<Net, Inputs...>;
};

}  // namespace kiln::dsl
