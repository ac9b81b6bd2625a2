// Trains a network in this process. A step (forward, backward, update) is one compiled function.
//
//   train::trainer t(network<lenet5_cost, shape<28, 28, 1>, shape<1>>::view(), {.batch = 64});
//   for (...) cost = t.step({images, labels}, 1e-3).cost;
//   write_tensors("lenet5.safetensors", t.weights());
//
// The graph's cost is its output called "cost", or its only one; J is the mean over the batch of the sum of its
// elements.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <kiln/compiler/train/options.hpp>
#include <kiln/dsl/graph_view.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/tensor.hpp>

namespace kiln::train {

/// A step's cost, or what it would have made of a parameter, is not a finite number. The trainer is as before the step.
class diverged : public error {
public:
    using error::error;
};

struct step_result {
    double cost = 0;              // J, l2 included
    std::vector<tensor> outputs;  // the graph's other outputs, in order
};

/// A tensor that goes in or comes out, with the batch as its first extent.
struct port {
    std::string name;
    std::vector<std::int64_t> shape;
};

/// What a gradient or a state tensor is called and where it lies, until the trainer's next call.
struct named_values {
    std::string name;
    std::span<float> values;
};

/// Follows the first half of a step that several processes share. The functions may throw: the step has not happened.
struct share_listener {
    /// Told of values that are complete and must be replaced by their means over all processes before update():
    /// gradients in buckets while others are still computed, then running statistics and the cost. They stay where they
    /// are until then, and come in the same order and sizes in every process.
    std::function<void(std::span<float>)> complete;
    /// Called between kernels, some microseconds to milliseconds apart.
    std::function<void()> meanwhile;
};

class trainer {
public:
    /// Compiles. Throws kiln::error: no cost, a frozen layer that is not there, an operator without gradient.
    trainer(const graph_view& graph, const trainer_options& options);
    /// The same of a graph of the options' batch.
    trainer(ir::graph graph, const trainer_options& options);
    ~trainer();
    trainer(trainer&&) noexcept;
    trainer& operator=(trainer&&) noexcept;

    const std::vector<port>& inputs() const;
    const std::vector<port>& outputs() const;  // those of step_result

    /// One step of gradient descent on a batch. Throws `diverged`, and kiln::error where inputs have another shape, or
    /// a class label is none of its classes.
    step_result step(std::span<const tensor> inputs, double learning_rate);

    /// Cost and outputs with the weights as they are, as inference computes them: dropout passes everything, batch
    /// normalisation uses its running statistics. The state is untouched. Compiles when first called.
    step_result evaluate(std::span<const tensor> inputs) const;

    /// The halves of a step, with options.halves, for what must come between: gradients may be changed before update.
    /// After an exception of either the step has not happened.
    step_result gradients(std::span<const tensor> inputs, std::vector<named_values>& gradients);
    void update(double learning_rate);
    /// The first half with options.share of a batch. The result's cost and outputs are this share's. What is not finite
    /// is told by update(), of the means, so that every process hears of it.
    step_result share_of_gradients(std::span<const tensor> inputs, const share_listener& listener);

    /// All that a resumed training needs to go on bit for bit: parameters, running statistics, the optimiser's means,
    /// the number of steps. Names of what is no parameter hold a '/': "adam/mean/conv1.weight".
    tensor_map state() const;
    /// Throws kiln::error, with the state as it was, where a tensor is missing or has another shape.
    void restore(const tensor_map& state);

    /// The parameters by name, running statistics included: what a weight file holds and `compile --weights` takes.
    tensor_map weights() const;

    std::int64_t steps() const;
    /// Compiles what evaluate() needs now.
    void prepare_evaluation() const;
    /// Threads of the compiled functions, the calling one included; 0: Halide's default.
    void set_threads(int threads);

private:
    struct implementation;
    std::unique_ptr<implementation> does_;
};

}  // namespace kiln::train
