#include <kiln/compiler/train/emit_step.hpp>

#include <algorithm>

#include <kiln/compiler/train/step_header.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::train {
namespace {

/// Puts the state's initial values behind the packed weights. Returns where.
std::int64_t append_state(compiler::compiled_graph& c, const std::vector<state_tensor>& state) {
    const state_layout layout = lay_out(state);
    const auto before = static_cast<std::int64_t>(c.weights.size()), place = (before + 63) / 64 * 64;
    c.weights.resize(static_cast<std::size_t>(place + layout.bytes));
    std::fill(c.weights.begin() + before, c.weights.end(), std::byte{});
    for (std::size_t i = 0; i < state.size(); ++i) {
        std::vector<std::byte> storage;
        std::ranges::copy(stored(state[i].initial, storage), c.weights.begin() + place + layout.places[i]);
    }
    c.plan.weights_bytes = static_cast<std::int64_t>(c.weights.size());
    return place;
}

}  // namespace

emitted_step emit_step(ir::graph forward, const trainer_options& options, const std::string& function_name) {
    if (options.halves) throw error("an object holds a whole step, not its halves");
    compiler::bind_weights(forward, options.compile.weights);
    const training_graphs graphs = make_training_graphs(forward, options);
    compiler::compile_options compile = options.compile;
    compile.weights = {};
    compiler::compiled_graph compiled = compiler::compile_graph(graphs.step.graph, compile);
    const std::int64_t initial = append_state(compiled, graphs.state);
    const compiler::emit_options emit{.target = compiled.target,
                                      .function_name = function_name,
                                      .weights = compiler::weights_as::embedded,
                                      .cache_folder = compiled.cache_folder,
                                      .use_cache = compiled.use_cache};
    emitted_step made;
    made.object = compiler::emit_object(compiled.plan, compiled.kernels, emit);
    made.header = step_header(graphs, compiled.plan, function_name, initial);
    made.weights = std::move(compiled.weights);
    made.plan = std::move(compiled.plan);
    return made;
}

}  // namespace kiln::train
