// From a network's function and the shapes of its inputs to the flat graph, as a constant of exactly its size.
#pragma once

#include <kiln/dsl/outputs.hpp>
#include <kiln/dsl/recorder.hpp>

#include <cstddef>
#include <utility>

namespace kiln::dsl {

/// A recorded graph: what graph_view points into.
template <extent_of_graph Size>
struct flat_graph {
    std::array<node, static_cast<std::size_t>(Size.nodes)> nodes{};
    std::array<std::int32_t, static_cast<std::size_t>(Size.edges)> edges{};
    std::array<char, static_cast<std::size_t>(Size.text)> text{};
    std::array<float, static_cast<std::size_t>(Size.values)> values{};
    std::array<named_output, static_cast<std::size_t>(Size.outputs)> outputs{};

    /// `name` must outlive the view and be terminated by zero.
    constexpr graph_view view(const char* name) const {
        return {.name = name,
                .nodes = nodes.data(),
                .node_count = Size.nodes,
                .edges = edges.data(),
                .edge_count = Size.edges,
                .text = text.data(),
                .text_size = Size.text,
                .values = values.data(),
                .value_count = Size.values,
                .outputs = outputs.data(),
                .output_count = Size.outputs};
    }
};

/// Calls `Net` with one tensor for each shape of `Inputs` and gives its outputs to `r`.
template <const auto& Net, class... Inputs, std::size_t... I>
constexpr void play(recorder& r, std::index_sequence<I...>) {
    // Braces, so that the inputs are recorded in order.
    const std::array<std::int32_t, sizeof...(Inputs)> id{
        r.input(sizeof...(Inputs) == 1 ? -1 : static_cast<std::int32_t>(I), Inputs::value)...};
    const auto result = Net(tensor_of<Inputs>{id[I], &r}...);
    if constexpr (is_tensor<std::remove_const_t<decltype(result)>>)
        r.output("output", result.id);
    else
        boost::hana::unpack(result.list, [&r](const auto&... output) {
            (r.output(std::remove_cvref_t<decltype(output)>::name_type::text, output.value.id), ...);
        });
}

struct counted_graph {
    extent_of_graph size;
    recorded_mistake mistaken;
};

template <const auto& Net, class... Inputs>
constexpr counted_graph count() {
    recorder r;
    play<Net, Inputs...>(r, std::index_sequence_for<Inputs...>());
    return {r.size(), r.mistaken()};
}

/// How large the graph will be, and what was wrong with its names and values.
template <const auto& Net, class... Inputs>
inline constexpr counted_graph counted = count<Net, Inputs...>();

template <const auto& Net, class... Inputs>
constexpr auto record() {
    flat_graph<counted<Net, Inputs...>.size> graph;
    recorder r(graph_arrays{graph.nodes.data(), graph.edges.data(), graph.text.data(), graph.outputs.data(),
                            graph.values.data()});
    play<Net, Inputs...>(r, std::index_sequence_for<Inputs...>());
    return graph;
}

}  // namespace kiln::dsl
