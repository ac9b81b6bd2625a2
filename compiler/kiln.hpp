// kiln::compile: a network of the DSL as a function in this process. Link Kiln::compiler.
//
//   auto classify = kiln::compile<lenet5, shape<28, 28, 1>>({.weights = {.file = "lenet5.safetensors"}});
//   kiln::array<shape<28, 28, 1>> image = ...;
//   auto probabilities = classify(image);              // kiln::array<shape<10>>
//
// Inputs are kiln::array, std::array or std::span of exactly the network's number of values, checked while compiling
// the call. A network with named outputs returns them together: result["a"_n], or auto [a, b] = f(x).
#pragma once

#include <span>
#include <tuple>
#include <utility>

#include <kiln/compiler/array.hpp>
#include <kiln/compiler/compile.hpp>
#include <kiln/compiler/differentiate.hpp>
#include <kiln/compiler/ir/from_view.hpp>
#include <kiln/dsl/dsl.hpp>

namespace kiln {

using compiler::compile_options;

/// A graph made at run time: inputs and outputs are checked when called. Throws kiln::error.
inline compiler::model compile(ir::graph graph, const compile_options& options = {}) {
    return compiler::model(compiler::compile_graph(std::move(graph), options));
}
/// The same of a network of the DSL, for `batch` samples.
inline compiler::model compile(const graph_view& graph, const compile_options& options = {}, int batch = 1) {
    return compile(ir::from_view(graph, batch), options);
}

namespace detail {

/// What a call returns, from dsl::output_shapes.
template <class Outputs>
struct result;
template <class Shape>
struct result<dsl::output_shapes<dsl::tensor_of<Shape>>> {
    using type = array<Shape>;
    static std::array<void*, 1> places(type& out) { return {out.data()}; }
};
template <class... Output>
struct result<dsl::output_shapes<dsl::output_list<Output...>>> {
    using type = named_arrays<named_array<typename Output::name_type, typename Output::value_type::shape_type>...>;
    static std::array<void*, sizeof...(Output)> places(type& out) {
        return std::apply([](auto&... each) { return std::array<void*, sizeof...(Output)>{each.data()...}; },
                          out.arrays);
    }
};

}  // namespace detail

/// A compiled network. Calls may run at the same time on several threads; each thread keeps an arena.
template <class Network, class Inputs = typename Network::inputs>
class function;

template <class Network, class... Inputs>
class function<Network, std::tuple<Inputs...>> {
    using result = detail::result<typename Network::outputs>;

public:
    using output = typename result::type;

    /// Compiles. Throws kiln::error.
    explicit function(const compile_options& options) : model_(compile(Network::view(), options)) {}

    /// One sample. Throws kiln::error.
    output operator()(std::span<const float, static_cast<std::size_t>(Inputs::value.volume())>... inputs) const {
        output out;
        call(out, inputs...);
        return out;
    }
    /// The same into an existing result: allocates nothing.
    void call(output& out, std::span<const float, static_cast<std::size_t>(Inputs::value.volume())>... inputs) const {
        const std::array<const void*, sizeof...(Inputs)> in{inputs.data()...};
        const auto places = result::places(out);
        model_.run(in.data(), places.data());
    }

    void set_threads(int threads) const { model_.set_threads(threads); }
    const compiler::model& model() const { return model_; }

private:
    compiler::model model_;
};

/// Throws kiln::error.
template <const auto& Net, class... Inputs>
function<dsl::network<Net, Inputs...>> compile(dsl::network<Net, Inputs...>, const compile_options& options = {}) {
    return function<dsl::network<Net, Inputs...>>(options);
}
template <const auto& Net, class... Inputs>
function<dsl::network<Net, Inputs...>> compile(const compile_options& options = {}) {
    return function<dsl::network<Net, Inputs...>>(options);
}

}  // namespace kiln
