#include <kiln/compiler/cli/bench_subject.hpp>

#include <cmath>

#include <kiln/compiler/cli/prepare_input.hpp>
#include <kiln/compiler/train/class_labels.hpp>
#include <kiln/compiler/train/step_graph.hpp>

namespace kiln::cli {

bench_subject network_subject(const model_options& o) {
    ir::graph loaded = load(o).graph;
    bench_subject made{jit(loaded, o), {}, std::move(loaded)};
    for (const plan::port& port : made.model.plan().inputs)
        made.inputs.push_back(filled(port, "random", o.seed + made.inputs.size()));
    return made;
}

bench_subject step_subject(const model_options& o, const step_options& step) {
    progress shown(o.quiet);
    train::trainer_options options = trainer_options_of(step, o, shown);
    ir::graph forward = load(o).graph;
    compiler::bind_weights(forward, options.compile.weights);
    const train::training_graphs graphs = train::make_training_graphs(forward, options);
    options.compile.weights = {};
    bench_subject made{compiler::model(compiler::compile_graph(graphs.step.graph, options.compile)), {}, {}};

    const std::vector<plan::port>& ports = made.model.plan().inputs;
    for (int i = 0; i < graphs.step.data_inputs; ++i)
        made.inputs.push_back(
            filled(ports[static_cast<std::size_t>(i)], "random", o.seed + static_cast<std::uint64_t>(i)));
    for (const train::class_label& label : train::class_labels(forward))
        for (float& number : made.inputs[static_cast<std::size_t>(label.input)].values)
            number = std::floor(number * static_cast<float>(label.classes));
    for (const train::state_tensor& t : graphs.state) made.inputs.push_back(t.initial);
    if (graphs.step.reads_rate) made.inputs.push_back(filled(ports.back(), "zero", 0));
    return made;
}

}  // namespace kiln::cli
