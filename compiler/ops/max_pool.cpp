#include <algorithm>
#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/rows.hpp>
#include <kiln/compiler/ops/sliding.hpp>
#include <kiln/dsl/ops/max_pool.hpp>
#include <limits>

namespace kiln::compiler {

namespace {

/// Padding takes no part. A dilated window may lie in padding altogether; its maximum is the lowest float.
struct maximum {
    float largest = 0;
    void start() { largest = std::numeric_limits<float>::lowest(); }
    void accumulate(float value) { largest = std::max(largest, value); }
    void padded() {}
    float result() const { return largest; }
};

void reference(const attribute_words& words, std::span<const operand_values> in, const dims& out_shape, float* out) {
    pool(unpack<ops::pool_attributes>(words).slide, in[0], out_shape, out, maximum{});
}

/// Each window's gradient goes to the cell its maximum came from, the first of equal ones.
void gradient(gradient_context& c) {
    const auto a = c.attributes<ops::pool_attributes>();
    const dims x = c.sample(c.operand(0));
    const ir::node_id places = c.apply(op::max_pool_place, a, {c.operand(0)});
    ops::max_unpool::attributes back{.slide = a.slide};
    for (int axis = 0; axis < x.spatial_rank(); ++axis) back.extents[static_cast<std::size_t>(axis)] = x[axis];
    c.contribute(0, c.apply(op::max_unpool, back, {c.gradient(), places}));
}

}  // namespace

operator_row max_pool_row() { return {.reference = reference, .gradient = gradient}; }

}  // namespace kiln::compiler
