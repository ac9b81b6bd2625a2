#include <cstdlib>
#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/moves.hpp>
#include <kiln/compiler/ops/rows.hpp>
#include <kiln/dsl/ops/slice.hpp>

namespace kiln::compiler {
namespace {

void reference(const attribute_words& words, std::span<const tensor* const> in, tensor& out) {
    const auto a = unpack<ops::slice::attributes>(words);
    move_elements(*in[0], out, [&](position at) {
        for (std::size_t axis = 0; axis < at.size(); ++axis) at[axis] = a.begin[axis] + at[axis] * a.step[axis];
        return at;
    });
}

/// dy among zeros, axis by axis: turned where the slice runs backwards, spread where it leaves out positions.
void gradient(gradient_context& c) {
    const auto a = c.attributes<ops::slice::attributes>();
    const dims x = c.sample(c.operand(0));
    ir::node_id g = c.gradient();
    for (int axis = 0; axis < x.rank; ++axis) {
        const auto i = static_cast<std::size_t>(axis);
        const std::int32_t step = std::abs(a.step[i]), reach = (a.extent[i] - 1) * step + 1;
        const std::int32_t first = a.step[i] < 0 ? a.begin[i] - (reach - 1) : a.begin[i];
        if (a.step[i] < 0 && a.extent[i] > 1) g = c.part(g, axis, a.extent[i] - 1, a.extent[i], -1);
        if (reach > a.extent[i]) g = c.spread(g, axis, step);
        g = c.padded(g, axis, first, x[axis] - first - reach);
    }
    c.contribute(0, g);
}

}  // namespace

operator_row slice_row() { return {.any_type = reference, .gradient = gradient}; }

}  // namespace kiln::compiler
