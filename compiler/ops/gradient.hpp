// What an operator's gradient function is given: its node, the gradient of the cost by the node's output, and ways to
// write what its operands get of it as nodes of the same graph.
//
//   void gradient(gradient_context& c) {                    // y = a * b
//       c.contribute(0, c.multiply(c.gradient(), c.operand(1)));
//       c.contribute(1, c.multiply(c.gradient(), c.operand(0)));
//   }
//
// A gradient function that contributes nothing to an operand says that the output does not change with it, as where an
// operator is piecewise constant.
#pragma once

#include <vector>

#include <kiln/compiler/ir/builder.hpp>

namespace kiln::compiler {

class gradient_context : public ir::builder {
public:
    /// `wanted`: for each node of `g`, whether a gradient can reach one that is asked for.
    gradient_context(ir::graph& g, std::vector<bool> wanted);

    /// Turns to a node whose contributions are complete.
    void turn_to(ir::node_id node);

    const ir::node& node() const { return built()[at_]; }
    template <class Attributes>
    Attributes attributes() const {
        return ir::attributes_of<Attributes>(node());
    }
    /// The node's own value, y.
    ir::node_id output() const { return at_; }
    /// dJ/dy, of y's shape and batch.
    ir::node_id gradient() const { return gradient_of(at_); }
    ir::node_id operand(std::size_t i) const { return node().operands[i]; }
    std::size_t operands() const { return node().operands.size(); }
    /// Whether operand i's gradient is asked for. What only it needs is not worth making otherwise.
    bool wants(std::size_t i) const { return wanted_[static_cast<std::size_t>(operand(i))]; }

    /// Adds `g` to operand i's gradient, summed and stretched to the operand's shape (builder::fitted). Nothing where
    /// it is not wanted.
    void contribute(std::size_t i, ir::node_id g);

    /// `x` where y > 0, else `otherwise`.
    ir::node_id where_positive(ir::node_id y, ir::node_id x, ir::node_id otherwise) {
        return select(greater(y, number(0)), x, otherwise);
    }

    /// `x` where low < y < high, else 0.
    ir::node_id where_between(ir::node_id y, double low, double high, ir::node_id x) {
        return select(greater(y, number(low)), select(less(y, number(high)), x, number(0)), number(0));
    }

    /// The gradient that has come together for a node; -1: none.
    ir::node_id gradient_of(ir::node_id node) const { return sums_[static_cast<std::size_t>(node)]; }
    /// Starts a node's gradient, or adds to it.
    void add_to(ir::node_id node, ir::node_id g);

private:
    std::vector<bool> wanted_;
    std::vector<ir::node_id> sums_;
    ir::node_id at_ = -1;
};

}  // namespace kiln::compiler
