// How a parameter follows its gradient g with learning rate r, as nodes of the step's graph.
//
//   sgd        w' = w - r g
//   momentum   v' = m v + g                                    w' = w - r v'
//              (Polyak 1964; Sutskever, Martens, Dahl, Hinton 2013, equations 1 and 2, with r outside of v)
//   rmsprop    s' = d s + (1 - d) g^2                          w' = w - r g / (sqrt(s') + e)
//              (Tieleman, Hinton 2012, lecture 6.5)
//   adam       v' = b1 v + (1 - b1) g    s' = b2 s + (1 - b2) g^2
//              w' = w - r (v' / (1 - b1^t)) / (sqrt(s' / (1 - b2^t)) + e)
//              (Kingma, Ba 2015, arXiv:1412.6980, algorithm 1)
//
// 1 - b^t, which a power would round away for b near 1, is kept as state: c' = b c + (1 - b), from 0.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <kiln/compiler/ir/builder.hpp>
#include <kiln/compiler/train/options.hpp>

namespace kiln::train {

/// A tensor the optimiser remembers: where it is read, and its next value once that is known.
struct slot {
    ir::node_id before = -1;
    ir::node_id after = -1;
};

/// The slot of a name, made with zeros of that shape when first asked for.
using slot_source = std::function<slot&(const std::string& name, const dims& shape)>;

/// Scales all gradients by one factor, so that their norm together is at most `most`.
void clip_gradients(ir::builder& b, std::vector<ir::node_id>& gradients, double most);

class update_rule {
public:
    /// `rate`: the learning rate's node. Keeps references to all three.
    update_rule(ir::builder& b, const optimizer_options& options, ir::node_id rate, const slot_source& slots);

    /// The parameter's next value. `decays`: whether weight_decay is for it.
    ir::node_id next(const std::string& name, ir::node_id parameter, ir::node_id gradient, bool decays);

private:
    /// share * before + (1 - share) * now, remembered.
    ir::node_id running_mean(const std::string& name, const dims& shape, double share, ir::node_id now);
    ir::node_id step_of(const std::string& name, ir::node_id gradient);

    ir::builder& b_;
    const optimizer_options& options_;
    ir::node_id rate_;
    const slot_source& slots_;
    ir::node_id rate_of_means_ = -1, root_of_squares_ = -1;  // adam: r / (1 - b1^t), sqrt(1 - b2^t)
};

}  // namespace kiln::train
