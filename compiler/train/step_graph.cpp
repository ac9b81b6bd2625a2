#include <kiln/compiler/train/step_graph.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <limits>

#include <kiln/compiler/extents.hpp>
#include <kiln/compiler/passes/differentiate.hpp>
#include <kiln/compiler/passes/pool_before_relu.hpp>
#include <kiln/compiler/train/cost.hpp>
#include <kiln/compiler/train/frozen_layers.hpp>
#include <kiln/compiler/train/optimizer.hpp>
#include <kiln/compiler/train/recompute.hpp>
#include <kiln/compiler/train/step_order.hpp>
#include <kiln/compiler/train/training_mode.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::train {
namespace {

using ir::node_id;

role role_of(const ir::node& parameter) { return ir::attributes_of<parameter_attributes>(parameter).kind; }

bool is_statistic(const ir::node& parameter) {
    return role_of(parameter) == role::mean || role_of(parameter) == role::variance;
}

/// The state in the order in which it was first asked for.
struct registry {
    std::vector<state_tensor> list;

    std::size_t index_of(const std::string& name) const {
        return static_cast<std::size_t>(std::ranges::find(list, name, &state_tensor::name) - list.begin());
    }
    std::size_t put(const std::string& name, tensor initial, bool parameter = false) {
        const std::size_t found = index_of(name);
        if (found == list.size()) list.push_back({name, std::move(initial), parameter});
        return found;
    }
};

/// One of the step's graphs while it is put together.
class assembly {
public:
    assembly(const ir::graph& forward, const trainer_options& options, registry& state)
        : forward_(forward),
          options_(options),
          state_(state),
          frozen_(forward, options.frozen),
          b_(g_),
          where_(forward.nodes.size(), -1) {
        g_.name = forward.name;
        g_.batch = forward.batch;
        for (const ir::node& n : forward.nodes)
            if (n.kind == op::parameter) state_.put(n.name, *n.value, true);
        state_.put(std::string(steps_name), zeros({1}, element::int64));
    }

    /// The graph's nodes, as training or as inference computes them.
    void carry_forward(bool training);
    /// J and the other outputs.
    void put_outputs();
    /// Of J, by every parameter that is trained.
    void differentiate();
    /// The gradients as inputs of their own.
    void take_gradients();
    void put_gradients();
    void update();

    std::vector<std::size_t> trained() const {
        std::vector<std::size_t> found;
        for (const ir::node& n : forward_.nodes)
            if (n.kind == op::parameter && !is_statistic(n) && !frozen_.holds(n))
                found.push_back(state_.index_of(n.name));
        return found;
    }

    /// Everything in the order that step_graph promises.
    step_graph finish();

private:
    slot& state_at(std::size_t index);
    slot& state_of(const std::string& name) { return state_at(state_.index_of(name)); }
    node_id input(const std::string& name, const dims& shape, element type = element::float32);
    node_id rate();
    bool decays(const std::string& parameter) const;
    void carry(node_id id, bool training);
    node_id normalized_of(const ir::node& n, bool training);

    const ir::graph& forward_;
    const trainer_options& options_;
    registry& state_;
    frozen_layers frozen_;
    ir::graph g_;
    ir::builder b_;
    std::vector<node_id> where_;
    std::deque<slot> slots_;  // of state_.list; references stay valid
    std::vector<node_id> data_, gradients_, gradient_inputs_;
    node_id rate_ = -1, cost_ = -1;
    node_id update_begin_ = std::numeric_limits<node_id>::max();  // what moves the state, from here on
    step_graph made_;
};

node_id assembly::input(const std::string& name, const dims& shape, element type) {
    b_.name_nodes(name);
    return b_.append({op::input, {}, {}, shape, {}, nullptr, type, true});
}

slot& assembly::state_at(std::size_t index) {
    if (slots_.size() <= index) slots_.resize(index + 1);
    slot& s = slots_[index];
    if (s.before < 0) {
        const state_tensor& t = state_.list[index];
        const std::string below = b_.name();
        s.before = input(t.name, dims_of(t.initial.shape), t.initial.type);
        b_.name_nodes(below);
    }
    return s;
}

node_id assembly::rate() {
    if (rate_ < 0) rate_ = input("learning_rate", dims::of(1));
    return rate_;
}

/// Biases and batch normalisation's factors are left alone by what keeps weights small.
bool assembly::decays(const std::string& parameter) const {
    const auto found = std::ranges::find_if(
        forward_.nodes, [&](const ir::node& n) { return n.kind == op::parameter && n.name == parameter; });
    return role_of(*found) == role::weight;
}

node_id assembly::normalized_of(const ir::node& n, bool training) {
    const auto epsilon = static_cast<double>(ir::attributes_of<ops::batch_norm::attributes>(n).epsilon);
    const auto operand = [&](std::size_t i) { return where_[static_cast<std::size_t>(n.operands[i])]; };
    normalization what{operand(0), operand(1), operand(2), operand(3), operand(4), epsilon};
    const ir::node &mean = forward_[n.operands[3]], &variance = forward_[n.operands[4]];
    const auto follows = [&](const ir::node& statistic) {
        return statistic.kind == op::parameter && !frozen_.holds(statistic);
    };
    if (!training || !follows(mean) || !follows(variance)) return normalize_by_running(b_, what);
    // A layer that is used several times sees several batches.
    slot &kept_mean = state_of(mean.name), &kept_variance = state_of(variance.name);
    if (kept_mean.after >= 0) what.mean = kept_mean.after;
    if (kept_variance.after >= 0) what.variance = kept_variance.after;
    const normalized by = normalize_by_batch(b_, what, options_.running_momentum);
    kept_mean.after = by.mean;
    kept_variance.after = by.variance;
    return by.y;
}

void assembly::carry(node_id id, bool training) {
    const ir::node& n = forward_[id];
    node_id& now = where_[static_cast<std::size_t>(id)];
    b_.name_nodes(n.name);
    if (n.kind == op::parameter) {
        now = state_of(n.name).before;
    } else if (n.kind == op::batch_norm) {
        now = normalized_of(n, training);
    } else if (n.kind == op::dropout) {
        const node_id x = where_[static_cast<std::size_t>(n.operands[0])];
        const auto rate = static_cast<double>(ir::attributes_of<ops::dropout::attributes>(n).rate);
        now = training ? drop(b_, x, rate, options_.seed, state_of(std::string(steps_name)).before, options_.share) : x;
    } else {
        ir::node copy = n;
        for (node_id& operand : copy.operands) operand = where_[static_cast<std::size_t>(operand)];
        now = b_.append(std::move(copy));
        if (n.kind == op::input) data_.push_back(now);
    }
}

void assembly::carry_forward(bool training) {
    for (node_id id = 0; id < forward_.size(); ++id) carry(id, training);
}

void assembly::put_outputs() {
    const ir::output& cost = cost_output(forward_);
    const auto now = [&](const ir::output& o) { return where_[static_cast<std::size_t>(o.node)]; };
    b_.name_nodes("cost");
    cost_ = batch_mean(b_, now(cost));
    if (options_.l2 > 0)
        for (const std::size_t parameter : trained()) {
            const std::string& name = state_.list[parameter].name;
            if (!decays(name)) continue;
            cost_ = b_.add(cost_, b_.scale(sum_of_squares(b_, state_at(parameter).before), options_.l2 / 2));
        }
    g_.outputs.push_back({"cost", cost_});
    for (const ir::output& o : forward_.outputs)
        if (&o != &cost) g_.outputs.push_back({o.name, now(o)});
    made_.data_outputs = static_cast<int>(g_.outputs.size());
}

void assembly::differentiate() {
    std::vector<node_id> wrt;
    for (const std::size_t parameter : trained()) wrt.push_back(state_at(parameter).before);
    if (wrt.empty())
        throw error(fmt::format("network '{}' has no parameter to train: it has none, or all are frozen", g_.name));
    const node_id forward_end = g_.size();
    // Of the samples' costs, not of J: what of J is the same for all samples would be constants with a batch.
    const node_id costs = where_[static_cast<std::size_t>(cost_output(forward_).node)];
    passes::differentiated made = passes::differentiate(std::move(g_), costs, wrt);
    gradients_ = std::move(made.gradients);
    if (options_.recompute) {
        recomputed again = recompute_activations(made.graph, forward_end);
        for (node_id& gradient : gradients_) gradient = again.where[static_cast<std::size_t>(gradient)];
        g_ = std::move(again.graph);
    } else {
        g_ = std::move(made.graph);
    }
    if (options_.l2 == 0) return;
    const std::vector<std::size_t> of = trained();
    b_.name_nodes("l2");
    for (std::size_t i = 0; i < of.size(); ++i)
        if (decays(state_.list[of[i]].name))
            gradients_[i] = b_.add(gradients_[i], b_.scale(state_at(of[i]).before, options_.l2));
}

void assembly::take_gradients() {
    made_.reads_gradients = true;
    for (const std::size_t parameter : trained()) {
        const state_tensor& t = state_.list[parameter];
        gradient_inputs_.push_back(input("gradient/" + t.name, dims_of(t.initial.shape)));
    }
    gradients_ = gradient_inputs_;
}

void assembly::put_gradients() {
    made_.writes_gradients = true;
    const std::vector<std::size_t> of = trained();
    for (std::size_t i = 0; i < of.size(); ++i)
        g_.outputs.push_back({"gradient/" + state_.list[of[i]].name, gradients_[i]});
}

void assembly::update() {
    update_begin_ = g_.size();
    if (options_.optimizer.clip_norm > 0) clip_gradients(b_, gradients_, options_.optimizer.clip_norm);
    const slot_source slots = [&](const std::string& name, const dims& shape) -> slot& {
        return state_at(state_.put(name, zeros(extents_of(shape))));
    };
    b_.name_nodes("update");
    update_rule rule(b_, options_.optimizer, rate(), slots);
    const std::vector<std::size_t> of = trained();
    for (std::size_t i = 0; i < of.size(); ++i) {
        const std::string name = state_.list[of[i]].name;
        slot& s = state_at(of[i]);
        s.after = rule.next(name, s.before, gradients_[i], decays(name));
    }
    b_.name_nodes(std::string(steps_name));
    slot& steps = state_of(std::string(steps_name));
    steps.after = b_.add(steps.before, b_.constant({{1}, {}, element::int64, {1}}));
}

step_graph assembly::finish() {
    std::vector<node_id> order = data_;
    made_.data_inputs = static_cast<int>(data_.size());
    for (std::size_t i = 0; i < state_.list.size(); ++i) order.push_back(state_at(i).before);
    if (made_.reads_gradients) order.insert(order.end(), gradient_inputs_.begin(), gradient_inputs_.end());
    if (rate_ >= 0) order.push_back(rate_);
    made_.reads_rate = rate_ >= 0;
    for (std::size_t i = 0; i < state_.list.size(); ++i) {
        const node_id after = slots_[i].after;
        made_.next.push_back(after < 0 ? -1 : static_cast<int>(g_.outputs.size()));
        if (after >= 0) g_.outputs.push_back({"next/" + state_.list[i].name, after});
    }
    const std::vector<node_id> computed = computed_in_order(g_, gradients_, update_begin_);
    order.insert(order.end(), computed.begin(), computed.end());
    made_.graph = reordered(g_, order);
    return std::move(made_);
}

}  // namespace

training_graphs make_training_graphs(const ir::graph& given, const trainer_options& options) {
    const ir::graph forward = passes::pool_before_relu(given);
    registry state;
    training_graphs made;
    {
        assembly whole(forward, options, state);
        whole.carry_forward(true);
        whole.put_outputs();
        whole.differentiate();
        whole.update();
        for (const std::size_t i : whole.trained()) made.trained.push_back(static_cast<int>(i));
        if (!options.halves) made.step = whole.finish();
    }
    // The state is known now, the optimiser's too.
    if (options.halves) {
        assembly gradients(forward, options, state);
        gradients.carry_forward(true);
        gradients.put_outputs();
        gradients.differentiate();
        gradients.put_gradients();
        made.gradients = gradients.finish();
        assembly update(forward, options, state);
        update.take_gradients();
        update.update();
        made.update = update.finish();
    }
    assembly evaluation(forward, options, state);
    evaluation.carry_forward(false);
    evaluation.put_outputs();
    made.evaluation = evaluation.finish();
    made.steps = state.index_of(std::string(steps_name));
    made.state = std::move(state.list);
    return made;
}

}  // namespace kiln::train
