// Builds small compiler graphs for tests, one call a node. Shapes come from the operators' own rules; a refused node
// throws std::logic_error with the rule's sentence, so that a wrong test fails where it is wrong.
//
//   graph_builder b;
//   auto x = b.input(dims::of(28, 28, 1));
//   x = b.relu(b.conv(x, {.filters = 6, .slide = square(5)}));
//   ir::graph g = b.finish({{"y", x}});
#pragma once

#include <kiln/compiler/extents.hpp>
#include <kiln/compiler/ir/graph.hpp>
#include <kiln/compiler/ir/verify.hpp>
#include <kiln/dsl/ops/ops.hpp>
#include <kiln/runtime/error.hpp>

#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace kiln::testing {

/// Uniform values in [low, high), the same for the same seed everywhere.
inline tensor random_tensor(const dims& shape, std::uint32_t seed, float low = -1, float high = 1) {
    std::mt19937 random(seed);
    tensor t{extents_of(shape), std::vector<float>(static_cast<std::size_t>(shape.volume()))};
    for (float& value : t.values) value = low + (high - low) * (static_cast<float>(random() >> 8) * 0x1p-24F);
    return t;
}

/// Gives every parameter without a value random ones: variances in [0.5, 2), scales in [0.5, 1.5), others in [-1, 1).
inline void bind_random(ir::graph& g, std::uint32_t seed) {
    for (ir::node& n : g.nodes) {
        ++seed;
        if (n.kind != op::parameter || n.value) continue;
        const role kind = ir::attributes_of<parameter_attributes>(n).kind;
        const float low = kind == role::variance || kind == role::scale ? 0.5F : -1.0F;
        const float high = kind == role::variance ? 2.0F : kind == role::scale ? 1.5F : 1.0F;
        n.value = std::make_shared<const tensor>(random_tensor(n.shape, seed, low, high));
    }
}

/// One random tensor for each of the graph's inputs, batch included.
inline std::vector<tensor> random_inputs(const ir::graph& g, std::uint32_t seed) {
    std::vector<tensor> inputs;
    for (const ir::node_id id : g.inputs()) {
        tensor t = random_tensor(g[id].shape, ++seed);
        if (g[id].type != element::float32) {  // small whole numbers, or truth values
            t.type = g[id].type;
            for (const float v : t.values)
                t.integers.push_back(t.type == element::boolean ? v > 0 : static_cast<std::int64_t>(v * 10));
            t.values.clear();
        }
        inputs.push_back(std::move(t));
    }
    return inputs;
}

/// A window of `extent` on the first `rank` spatial axes, with `stride`, `dilation` and `pad` on both sides.
inline ops::window square(int extent, int rank = 2, int stride = 1, int dilation = 1, int pad = 0) {
    ops::window w;
    for (std::size_t axis = 0; axis < static_cast<std::size_t>(rank); ++axis) {
        w.extent[axis] = extent;
        w.stride[axis] = stride;
        w.dilation[axis] = dilation;
        w.pad_before[axis] = w.pad_after[axis] = pad;
    }
    return w;
}

class graph_builder {
public:
    using id = ir::node_id;

    explicit graph_builder(std::string name = "test", int batch = 1) {
        g_.name = std::move(name);
        g_.batch = batch;
    }

    const ir::graph& graph() const { return g_; }
    dims sample(id node) const { return ir::sample_dims(g_[node]); }

    id input(const dims& sample, std::string name = "") {
        if (name.empty()) name = g_.inputs().empty() ? "input" : "input" + std::to_string(g_.inputs().size());
        return push({op::input, {}, {}, prepend(g_.batch, sample), std::move(name), nullptr});
    }

    /// An input without a batch, of any type.
    id whole_input(const dims& shape, element type = element::float32) {
        const std::string name = g_.inputs().empty() ? "input" : "input" + std::to_string(g_.inputs().size());
        return push({op::input, {}, {}, shape, name, nullptr, type, true});
    }

    id parameter(const dims& shape, role kind, int fan_in, std::string name) {
        return push({op::parameter, pack(parameter_attributes{kind, fan_in}), {}, shape, std::move(name), nullptr});
    }

    id constant(const dims& shape, std::vector<float> values, std::string name = "constant") {
        auto value = std::make_shared<const tensor>(tensor{extents_of(shape), std::move(values)});
        return push({op::constant, {}, {}, shape, std::move(name), std::move(value)});
    }

    /// Any operator on any operands.
    template <class Attributes = no_attributes>
    id apply(op kind, const Attributes& attributes, std::vector<id> operands, std::string name = "") {
        try {
            ir::node n = ir::computed(g_, kind, pack(attributes), std::move(operands));
            n.name = name.empty() ? next_name(kind) : std::move(name);
            return push(std::move(n));
        } catch (const error& e) {
            throw std::logic_error(std::string(name_of(kind)) + ": " + e.what());
        }
    }
    id apply(op kind, std::vector<id> operands, std::string name = "") {
        return apply(kind, no_attributes{}, std::move(operands), std::move(name));
    }

    /// With parameters NAME.weight and, unless `bias` is false, NAME.bias.
    id conv(id x, const ops::conv::attributes& a, bool bias = true, std::string name = "") {
        if (name.empty()) name = next_name(op::conv);
        const dims w = ops::conv::weight(a, sample(x));
        std::vector<id> operands{x, parameter(w, role::weight, fan_in(w), name + ".weight")};
        if (bias) operands.push_back(parameter(dims::of(a.filters), role::bias, 1, name + ".bias"));
        return apply(op::conv, a, std::move(operands), name);
    }
    /// Depthwise: one filter for each channel.
    id depthwise(id x, const ops::window& slide, bool bias = true, std::string name = "") {
        const int channels = sample(x).channels();
        return conv(x, {.filters = channels, .slide = slide, .groups = channels}, bias, std::move(name));
    }
    id dense(id x, int units, bool bias = true, std::string name = "") {
        if (name.empty()) name = next_name(op::dense);
        const dims w = ops::dense::weight({units}, sample(x));
        std::vector<id> operands{x, parameter(w, role::weight, fan_in(w), name + ".weight")};
        if (bias) operands.push_back(parameter(dims::of(units), role::bias, 1, name + ".bias"));
        return apply(op::dense, ops::dense::attributes{units}, std::move(operands), name);
    }
    id batch_norm(id x, float epsilon = 1e-5F, std::string name = "") {
        if (name.empty()) name = next_name(op::batch_norm);
        const dims c = dims::of(sample(x).channels());
        std::vector<id> operands{
            x, parameter(c, role::scale, 1, name + ".scale"), parameter(c, role::shift, 1, name + ".shift"),
            parameter(c, role::mean, 1, name + ".mean"), parameter(c, role::variance, 1, name + ".variance")};
        return apply(op::batch_norm, ops::batch_norm::attributes{epsilon}, std::move(operands), name);
    }

    id prelu(id x, std::string name = "") {
        if (name.empty()) name = next_name(op::prelu);
        const id slope = parameter(dims::of(sample(x).channels()), role::slope, 1, name + ".slope");
        return apply(op::prelu, {x, slope}, name);
    }

    id max_pool(id x, const ops::window& slide) { return apply(op::max_pool, ops::pool_attributes{slide, 0}, {x}); }
    id average_pool(id x, const ops::window& slide, bool count_padding = false) {
        return apply(op::average_pool, ops::pool_attributes{slide, count_padding ? 1 : 0}, {x});
    }
    id relu(id x) { return apply(op::relu, {x}); }
    id leaky_relu(id x, float slope) { return apply(op::leaky_relu, ops::leaky_relu::attributes{slope}, {x}); }
    id sigmoid(id x) { return apply(op::sigmoid, {x}); }
    id tanh(id x) { return apply(op::tanh, {x}); }
    id softmax(id x) { return apply(op::softmax, {x}); }
    id flatten(id x) { return apply(op::flatten, {x}); }
    id add(id a, id b) { return apply(op::add, {a, b}); }
    id multiply(id a, id b) { return apply(op::multiply, {a, b}); }
    id concat(std::vector<id> parts) { return apply(op::concat, std::move(parts)); }
    id upsample(id x, const triple& factor) { return apply(op::upsample, ops::upsample::attributes{factor}, {x}); }

    /// The verified graph.
    ir::graph finish(std::vector<ir::output> outputs) {
        g_.outputs = std::move(outputs);
        ir::verify(g_);
        return g_;
    }
    ir::graph finish(id y) { return finish({{"output", y}}); }

private:
    id push(ir::node n) {
        g_.nodes.push_back(std::move(n));
        return g_.size() - 1;
    }
    /// "conv1", "conv2", ...: as the DSL names layers.
    std::string next_name(op kind) {
        return std::string(name_of(kind)) + std::to_string(++counts_[static_cast<std::size_t>(kind)]);
    }
    /// The inputs summed into one output: all extents of a filter but the last.
    static int fan_in(const dims& weight) { return static_cast<int>(weight.volume() / weight.channels()); }

    ir::graph g_;
    std::array<int, operator_count> counts_{};
};

}  // namespace kiln::testing
