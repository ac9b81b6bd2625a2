#include <kiln/compiler/train/trainer.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include <kiln/compiler/extents.hpp>
#include <kiln/compiler/ir/from_view.hpp>
#include <kiln/compiler/train/class_labels.hpp>
#include <kiln/compiler/train/gradient_buckets.hpp>
#include <kiln/compiler/train/state_buffers.hpp>
#include <kiln/compiler/train/step_graph.hpp>

namespace kiln::train {
namespace {

ir::graph with_weights(ir::graph g, const compiler::weight_source& weights) {
    compiler::bind_weights(g, weights);
    return g;
}

/// Which state tensors any of the compiled functions writes.
std::vector<bool> changing(const training_graphs& graphs) {
    std::vector<bool> changes(graphs.state.size());
    for (const step_graph* g : {&graphs.step, &graphs.gradients, &graphs.update})
        for (std::size_t i = 0; i < g->next.size(); ++i)
            if (g->next[i] >= 0) changes[i] = true;
    return changes;
}

/// One of the graphs as a function. Weights are among its inputs.
compiler::model compiled(const step_graph& g, compiler::compile_options options) {
    options.weights = {};
    return compiler::model(compiler::compile_graph(g.graph, options));
}

}  // namespace

struct trainer::implementation {
    implementation(ir::graph forward, const trainer_options& o)
        : options(o),
          graphs(make_training_graphs(with_weights(std::move(forward), o.compile.weights), o)),
          changes(changing(graphs)),
          state(graphs.state, changes),
          labels(class_labels(graphs.evaluation.graph)) {
        const ir::graph& g = graphs.evaluation.graph;
        const std::vector<ir::node_id> in = g.inputs();
        for (int i = 0; i < graphs.evaluation.data_inputs; ++i) {
            const ir::node& n = g[in[static_cast<std::size_t>(i)]];
            inputs.push_back({n.name, extents_of(n.shape)});
        }
        for (int i = 1; i < graphs.evaluation.data_outputs; ++i) {
            const ir::output& output = g.outputs[static_cast<std::size_t>(i)];
            outputs.push_back({output.name, extents_of(g[output.node].shape)});
            output_types.push_back(g[output.node].type);
        }
        if (o.halves) {
            first_half.emplace(compiled(graphs.gradients, o.compile));
            second_half.emplace(compiled(graphs.update, o.compile));
            std::vector<std::size_t> sizes;
            for (const int i : graphs.trained)
                sizes.push_back(graphs.state[static_cast<std::size_t>(i)].initial.size());
            gradient_values.emplace(first_half->plan(), graphs.gradients.data_outputs, sizes);
        } else {
            whole.emplace(compiled(graphs.step, o.compile));
        }
    }

    void expect_inputs(std::span<const tensor> given) const;
    using executor = std::function<void(const void* const* inputs, void* const* outputs)>;
    step_result run(const executor& execute, const step_graph& g, std::span<const tensor> given, double rate);
    step_result run(const compiler::model& m, const step_graph& g, std::span<const tensor> given, double rate) {
        m.set_threads(threads);
        return run([&](const void* const* in, void* const* out) { m.run(in, out); }, g, given, rate);
    }
    /// The first half kernel by kernel.
    void run_share(const void* const* in, void* const* out, const share_listener& listener);
    /// The running statistics' next values.
    std::vector<std::span<float>> next_statistics();
    /// Throws `diverged` unless all that was written is finite.
    void expect_finite(const step_graph& g, std::optional<double> cost) const;

    trainer_options options;
    training_graphs graphs;
    std::vector<bool> changes;
    state_buffers state;
    std::vector<class_label> labels;
    std::vector<port> inputs, outputs;
    std::vector<element> output_types;
    std::optional<compiler::model> whole, first_half, second_half;
    std::optional<compiler::model> inference;         // compiled when it is first wanted
    std::optional<gradient_buckets> gradient_values;  // of graphs.trained
    bool has_gradients = false;                       // of the state as it is
    std::vector<float> shared_rest;                   // running statistics and cost; empty where no step is shared
    compiler::aligned_block arena;                    // of the first half, where it runs kernel by kernel
    int threads = 0;
};

void trainer::implementation::expect_inputs(std::span<const tensor> given) const {
    if (given.size() != inputs.size())
        throw error(fmt::format("network '{}' is trained with {} inputs, not {}", graphs.evaluation.graph.name,
                                inputs.size(), given.size()));
    for (std::size_t i = 0; i < given.size(); ++i) {
        expect_consistent(given[i], inputs[i].name);
        if (given[i].shape != inputs[i].shape || given[i].type != element::float32)
            throw error(fmt::format("network '{}': {} must have shape {} (batch first), not {}",
                                    graphs.evaluation.graph.name, inputs[i].name, shape_text(inputs[i].shape),
                                    shape_text(given[i].shape)));
    }
    expect_classes(labels, given);
}

step_result trainer::implementation::run(const executor& execute, const step_graph& g, std::span<const tensor> given,
                                         double rate) {
    step_result result;
    const auto learning_rate = static_cast<float>(rate);
    std::vector<const void*> in;
    if (g.data_inputs > 0)
        for (const tensor& t : given) in.push_back(t.values.data());
    for (std::size_t i = 0; i < graphs.state.size(); ++i) in.push_back(state.now(i));
    if (g.reads_gradients)
        for (std::size_t i = 0; i < gradient_values->count(); ++i) in.push_back(gradient_values->gradient(i).data());
    if (g.reads_rate) in.push_back(&learning_rate);

    float cost = 0;
    std::vector<void*> out;
    std::vector<std::vector<std::byte>> stored_outputs(outputs.size());  // of whole numbers
    if (g.data_outputs > 0) {
        out.push_back(&cost);
        for (std::size_t i = 0; i < outputs.size(); ++i) {
            tensor& t = result.outputs.emplace_back(zeros(outputs[i].shape, output_types[i]));
            stored_outputs[i].resize(t.integers.size() * static_cast<std::size_t>(bytes_of(t.type)));
            out.push_back(t.type == element::float32 ? static_cast<void*>(t.values.data()) : stored_outputs[i].data());
        }
    }
    if (g.writes_gradients)
        for (std::size_t i = 0; i < gradient_values->count(); ++i) out.push_back(gradient_values->gradient(i).data());
    for (std::size_t i = 0; i < graphs.state.size(); ++i)
        if (g.next[i] >= 0) out.push_back(state.next(i));

    execute(in.data(), out.data());
    for (std::size_t i = 0; i < result.outputs.size(); ++i)
        if (output_types[i] != element::float32) load_integers(stored_outputs[i], result.outputs[i]);
    result.cost = static_cast<double>(cost);
    return result;
}

std::vector<std::span<float>> trainer::implementation::next_statistics() {
    std::vector<std::span<float>> found;
    for (std::size_t i = 0; i < graphs.state.size(); ++i)
        if (graphs.gradients.next[i] >= 0)
            found.emplace_back(reinterpret_cast<float*>(state.next(i)), graphs.state[i].initial.size());
    return found;
}

void trainer::implementation::run_share(const void* const* in, void* const* out, const share_listener& listener) {
    const plan::plan& p = first_half->plan();
    first_half->set_threads(threads);
    arena.resize(static_cast<std::size_t>(std::max<std::int64_t>(p.arena_bytes, 64)));  // it needs an address
    auto next = gradient_values->buckets().begin();
    const auto last = gradient_values->buckets().end();
    const int end = static_cast<int>(p.steps.size());
    for (int step = 0; step < end; ++step) {
        first_half->run(in, out, arena.data(), step, step + 1);
        for (; next != last && next->end_step <= step + 1; ++next) listener.complete(next->values);
        if (listener.meanwhile) listener.meanwhile();
    }
}

void trainer::implementation::expect_finite(const step_graph& g, std::optional<double> cost) const {
    const std::string_view advice = ": try a lower learning rate, or clip gradients";
    const auto step = number_at(state.value(graphs.steps), 0) + 1;
    if (cost && !std::isfinite(*cost))
        throw diverged(
            fmt::format("training of '{}' diverged: the cost is {} in step {}{}", g.graph.name, *cost, step, advice));
    for (std::size_t i = 0; i < graphs.state.size(); ++i)
        if (g.next[i] >= 0 && graphs.state[i].parameter && !state.next_is_finite(i))
            throw diverged(fmt::format("training of '{}' diverged: {} would no longer be finite after step {}{}",
                                       g.graph.name, graphs.state[i].name, step, advice));
}

trainer::trainer(const graph_view& graph, const trainer_options& options)
    : trainer(ir::from_view(graph, options.batch), options) {}
trainer::trainer(ir::graph graph, const trainer_options& options)
    : does_(std::make_unique<implementation>(std::move(graph), options)) {}
trainer::~trainer() = default;
trainer::trainer(trainer&&) noexcept = default;
trainer& trainer::operator=(trainer&&) noexcept = default;

const std::vector<port>& trainer::inputs() const { return does_->inputs; }
const std::vector<port>& trainer::outputs() const { return does_->outputs; }

step_result trainer::step(std::span<const tensor> inputs, double learning_rate) {
    implementation& t = *does_;
    if (t.options.halves) {
        std::vector<named_values> of;
        step_result result = gradients(inputs, of);
        update(learning_rate);
        return result;
    }
    t.expect_inputs(inputs);
    step_result result = t.run(*t.whole, t.graphs.step, inputs, learning_rate);
    t.expect_finite(t.graphs.step, result.cost);
    t.state.exchange();
    return result;
}

step_result trainer::gradients(std::span<const tensor> inputs, std::vector<named_values>& gradients) {
    implementation& t = *does_;
    if (!t.options.halves) throw error("gradients of a step on their own need trainer_options::halves");
    t.expect_inputs(inputs);
    t.has_gradients = false;
    t.shared_rest.clear();
    step_result result = t.run(*t.first_half, t.graphs.gradients, inputs, 0);
    t.expect_finite(t.graphs.gradients, result.cost);
    gradients.clear();
    for (std::size_t i = 0; i < t.gradient_values->count(); ++i)
        gradients.push_back(
            {t.graphs.state[static_cast<std::size_t>(t.graphs.trained[i])].name, t.gradient_values->gradient(i)});
    t.has_gradients = true;
    return result;
}

step_result trainer::share_of_gradients(std::span<const tensor> inputs, const share_listener& listener) {
    implementation& t = *does_;
    if (!t.options.halves) throw error("a step of several processes needs trainer_options::halves");
    t.expect_inputs(inputs);
    t.has_gradients = false;
    step_result result = t.run([&](const void* const* in, void* const* out) { t.run_share(in, out, listener); },
                               t.graphs.gradients, inputs, 0);
    // Running statistics are many and small: they go together.
    t.shared_rest.clear();
    for (const std::span<float> statistic : t.next_statistics())
        t.shared_rest.insert(t.shared_rest.end(), statistic.begin(), statistic.end());
    t.shared_rest.push_back(static_cast<float>(result.cost));
    listener.complete(t.shared_rest);
    t.has_gradients = true;
    return result;
}

void trainer::update(double learning_rate) {
    implementation& t = *does_;
    if (!t.has_gradients) throw error("a trainer updates weights once after each call of gradients");
    t.has_gradients = false;
    if (!t.shared_rest.empty()) {
        auto from = t.shared_rest.begin();
        for (const std::span<float> statistic : t.next_statistics()) {
            std::copy_n(from, statistic.size(), statistic.begin());
            from += static_cast<std::ptrdiff_t>(statistic.size());
        }
        const auto cost = static_cast<double>(t.shared_rest.back());
        t.shared_rest.clear();
        t.expect_finite(t.graphs.gradients, cost);
    }
    t.run(*t.second_half, t.graphs.update, {}, learning_rate);
    t.expect_finite(t.graphs.update, {});
    t.state.exchange();
}

step_result trainer::evaluate(std::span<const tensor> inputs) const {
    implementation& t = *does_;
    t.expect_inputs(inputs);
    prepare_evaluation();
    return t.run(*t.inference, t.graphs.evaluation, inputs, 0);
}

void trainer::prepare_evaluation() const {
    implementation& t = *does_;
    if (!t.inference) t.inference.emplace(compiled(t.graphs.evaluation, t.options.compile));
}

tensor_map trainer::state() const {
    tensor_map all;
    for (std::size_t i = 0; i < does_->graphs.state.size(); ++i)
        all.emplace(does_->graphs.state[i].name, does_->state.value(i));
    return all;
}

void trainer::restore(const tensor_map& state) {
    implementation& t = *does_;
    std::vector<const tensor*> found;
    for (const state_tensor& wanted : t.graphs.state) {
        const auto at = state.find(wanted.name);
        if (at == state.end())
            throw error(fmt::format("the state to restore lacks {}: it is of another network or another optimiser",
                                    wanted.name));
        expect_consistent(at->second, wanted.name);
        if (at->second.shape != wanted.initial.shape || at->second.type != wanted.initial.type)
            throw error(fmt::format("the state to restore holds {} as {} of {}, expected {} of {}", wanted.name,
                                    shape_text(at->second.shape), name_of(at->second.type),
                                    shape_text(wanted.initial.shape), name_of(wanted.initial.type)));
        found.push_back(&at->second);
    }
    for (std::size_t i = 0; i < found.size(); ++i) t.state.set(i, *found[i]);
    t.has_gradients = false;
}

tensor_map trainer::weights() const {
    tensor_map parameters;
    for (std::size_t i = 0; i < does_->graphs.state.size(); ++i)
        if (does_->graphs.state[i].parameter) parameters.emplace(does_->graphs.state[i].name, does_->state.value(i));
    return parameters;
}

std::int64_t trainer::steps() const { return does_->state.value(does_->graphs.steps).integers[0]; }

void trainer::set_threads(int threads) { does_->threads = threads; }

}  // namespace kiln::train
