#include <algorithm>

#include <kiln/compiler/extents.hpp>
#include <kiln/compiler/ops/elementwise_reference.hpp>
#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/moves.hpp>
#include <kiln/compiler/ops/rows.hpp>
#include <kiln/dsl/ops/scatter_elements.hpp>

namespace kiln::compiler {
namespace {

template <class T>
T joined(scatter_function f, T old, T update) {
    switch (f) {
        case scatter_function::add: return old + update;
        case scatter_function::multiply: return old * update;
        case scatter_function::maximum: return std::max(old, update);
        case scatter_function::minimum: return std::min(old, update);
        case scatter_function::replace: break;
    }
    return update;
}

std::int64_t joined_whole(scatter_function f, std::int64_t old, std::int64_t update) {
    const auto a = static_cast<std::uint64_t>(old), b = static_cast<std::uint64_t>(update);
    if (f == scatter_function::add) return static_cast<std::int64_t>(a + b);
    if (f == scatter_function::multiply) return static_cast<std::int64_t>(a * b);
    return joined(f, old, update);
}

void reference(const attribute_words& words, std::span<const tensor* const> in, tensor& out) {
    const auto a = unpack<ops::scatter_elements::attributes>(words);
    const auto axis = static_cast<std::size_t>(a.axis);
    const tensor &x = *in[0], &indices = *in[1], &updates = *in[2];
    for (std::size_t i = 0; i < out.size(); ++i) copy_element(x, i, out, i);
    for (std::size_t i = 0; i < updates.size(); ++i) {
        position at = position_of(i, updates.shape);
        const std::int64_t index = indices.integers[i], extent = x.shape[axis];
        at[axis] = std::clamp<std::int64_t>(index < 0 ? index + extent : index, 0, extent - 1);
        const std::size_t to = index_of(at, out.shape);
        if (out.type == element::float32)
            out.values[to] = joined(a.function, out.values[to], updates.values[i]);
        else
            out.integers[to] = wrapped(out.type, joined_whole(a.function, out.integers[to], updates.integers[i]));
    }
}

/// What gradients of this operator are made of. `at_updates` picks an element of an x-shaped tensor for each update.
struct parts {
    gradient_context& c;
    std::int32_t axis = c.attributes<ops::scatter_elements::attributes>().axis;
    ir::node_id x = c.operand(0), indices = c.operand(1), updates = c.operand(2);

    ir::node_id at_updates(ir::node_id of) const {
        return c.apply(op::gather_elements, ops::gather_elements::attributes{axis}, {of, indices});
    }
    ir::node_id scattered(ir::node_id to, scatter_function f, ir::node_id from) const {
        return c.apply(op::scatter_elements, ops::scatter_elements::attributes{axis, f}, {to, indices, from});
    }
    ir::node_id as_float(ir::node_id truth) const { return c.cast(truth, element::float32); }
};

/// The last update of an element replaces the others: those that are not found again get nothing.
void gradient_of_replacing(const parts& p) {
    gradient_context& c = p.c;
    const ir::node_id zero = c.stretch(c.number(0), c.sample(p.updates));
    c.contribute(0, p.scattered(c.gradient(), scatter_function::replace, zero));
    if (!c.wants(2)) return;
    const dims shape = c.sample(p.updates);
    tensor numbers{extents_of(shape), {}, element::int32, {}};
    for (std::int64_t i = 0; i < shape.volume(); ++i) numbers.integers.push_back(i);
    const ir::node_id own = c.constant(numbers);
    const ir::node_id none = c.constant(zeros(extents_of(c.sample(p.x)), element::int32));
    const ir::node_id last = p.at_updates(p.scattered(none, scatter_function::replace, own));
    c.contribute(2, c.select(c.equal(last, own), p.at_updates(c.gradient()), c.number(0)));
}

/// Each factor's slope is the product of the others, also where some are 0.
void gradient_of_multiplying(const parts& p) {
    gradient_context& c = p.c;
    const ir::node_id zero = c.number(0), one = c.number(1);
    const auto is_zero = [&](ir::node_id of) { return c.equal(of, zero); };
    const auto rest = [&](ir::node_id of) { return c.select(is_zero(of), one, of); };
    const auto zeros_of = [&](ir::node_id of) { return p.as_float(is_zero(of)); };
    const ir::node_id product = p.scattered(rest(p.x), scatter_function::multiply, rest(p.updates));
    const ir::node_id count = p.scattered(zeros_of(p.x), scatter_function::add, zeros_of(p.updates));
    const auto slope = [&](ir::node_id factor, ir::node_id of_product, ir::node_id of_count) {
        const ir::node_id others = c.subtract(of_count, zeros_of(factor));
        return c.select(is_zero(others), c.divide(of_product, rest(factor)), zero);
    };
    if (c.wants(0)) c.contribute(0, c.multiply(slope(p.x, product, count), c.gradient()));
    if (c.wants(2)) {
        const ir::node_id own = slope(p.updates, p.at_updates(product), p.at_updates(count));
        c.contribute(2, c.multiply(own, p.at_updates(c.gradient())));
    }
}

/// Those that are as large as the result share the gradient.
void gradient_of_extreme(const parts& p) {
    gradient_context& c = p.c;
    const ir::node_id x_is = p.as_float(c.equal(p.x, c.output()));
    const ir::node_id update_is = p.as_float(c.equal(p.updates, p.at_updates(c.output())));
    const ir::node_id count = p.scattered(x_is, scatter_function::add, update_is);
    const ir::node_id share = c.divide(c.gradient(), count);
    if (c.wants(0)) c.contribute(0, c.multiply(x_is, share));
    if (c.wants(2)) c.contribute(2, c.multiply(update_is, p.at_updates(share)));
}

void gradient(gradient_context& c) {
    const parts p{c};
    switch (c.attributes<ops::scatter_elements::attributes>().function) {
        case scatter_function::replace: return gradient_of_replacing(p);
        case scatter_function::add:
            c.contribute(0, c.gradient());
            if (c.wants(2)) c.contribute(2, p.at_updates(c.gradient()));
            return;
        case scatter_function::multiply: return gradient_of_multiplying(p);
        case scatter_function::maximum:
        case scatter_function::minimum: return gradient_of_extreme(p);
    }
}

}  // namespace

operator_row scatter_elements_row() { return {.any_type = reference, .gradient = gradient}; }

}  // namespace kiln::compiler
