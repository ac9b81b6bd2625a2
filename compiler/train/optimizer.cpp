#include <kiln/compiler/train/optimizer.hpp>

#include <kiln/compiler/train/cost.hpp>

namespace kiln::train {

using ir::node_id;

void clip_gradients(ir::builder& b, std::vector<node_id>& gradients, double most) {
    b.name_nodes("clip");
    node_id total = -1;
    for (const node_id g : gradients) {
        const node_id number = sum_of_squares(b, g);
        total = total < 0 ? number : b.add(total, number);
    }
    const node_id norm = b.binary(binary_function::maximum, b.square_root(total), b.number(most));
    const node_id factor = b.divide(b.number(most), norm);
    for (node_id& g : gradients) g = b.multiply(g, factor);
}

update_rule::update_rule(ir::builder& b, const optimizer_options& options, node_id rate, const slot_source& slots)
    : b_(b), options_(options), rate_(rate), slots_(slots) {
    if (options.kind != optimizer::adam) return;
    const node_id one = b_.constant({{1}, {1}});
    rate_of_means_ = b_.divide(rate, running_mean("adam/mean_share", dims::of(1), options.beta1, one));
    root_of_squares_ = b_.square_root(running_mean("adam/square_share", dims::of(1), options.beta2, one));
}

node_id update_rule::running_mean(const std::string& name, const dims& shape, double share, node_id now) {
    slot& kept = slots_(name, shape);
    kept.after = b_.add(b_.scale(kept.before, share), b_.scale(now, 1 - share));
    return kept.after;
}

node_id update_rule::step_of(const std::string& name, node_id gradient) {
    const dims shape = b_.sample(gradient);
    const auto divided_by_root = [&](node_id step, node_id squares) {
        return b_.divide(step, b_.shift(squares, options_.epsilon));
    };
    switch (options_.kind) {
        case optimizer::sgd: return b_.multiply(gradient, rate_);
        case optimizer::momentum: {
            slot& velocity = slots_("momentum/velocity/" + name, shape);
            velocity.after = b_.add(b_.scale(velocity.before, options_.momentum), gradient);
            return b_.multiply(velocity.after, rate_);
        }
        case optimizer::rmsprop: {
            const node_id squares = running_mean("rmsprop/square/" + name, shape, options_.decay, b_.square(gradient));
            return divided_by_root(b_.multiply(gradient, rate_), b_.square_root(squares));
        }
        case optimizer::adam: {
            const node_id mean = running_mean("adam/mean/" + name, shape, options_.beta1, gradient);
            const node_id squares = running_mean("adam/square/" + name, shape, options_.beta2, b_.square(gradient));
            return divided_by_root(b_.multiply(mean, rate_of_means_),
                                   b_.divide(b_.square_root(squares), root_of_squares_));
        }
    }
    return gradient;
}

node_id update_rule::next(const std::string& name, node_id parameter, node_id gradient, bool decays) {
    b_.name_nodes(name + "/update");
    node_id start = parameter;
    if (decays && options_.weight_decay > 0)
        start = b_.subtract(parameter, b_.multiply(parameter, b_.scale(rate_, options_.weight_decay)));
    return b_.subtract(start, step_of(name, gradient));
}

}  // namespace kiln::train
