#include <algorithm>

#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/moves.hpp>
#include <kiln/compiler/ops/rows.hpp>
#include <kiln/dsl/ops/gather_elements.hpp>

namespace kiln::compiler {
namespace {

void reference(const attribute_words& words, std::span<const tensor* const> in, tensor& out) {
    const auto axis = static_cast<std::size_t>(unpack<ops::gather_elements::attributes>(words).axis);
    const std::int64_t extent = in[0]->shape[axis];
    for (std::size_t i = 0; i < out.size(); ++i) {
        position at = position_of(i, out.shape);
        const std::int64_t index = in[1]->integers[i];
        at[axis] = std::clamp<std::int64_t>(index < 0 ? index + extent : index, 0, extent - 1);
        copy_element(*in[0], index_of(at, in[0]->shape), out, i);
    }
}

/// Every place adds what it got to where it came from.
void gradient(gradient_context& c) {
    const ops::scatter_elements::attributes adding{c.attributes<ops::gather_elements::attributes>().axis,
                                                   scatter_function::add};
    const ir::node_id zeros = c.stretch(c.number(0), c.sample(c.operand(0)));
    c.contribute(0, c.apply(op::scatter_elements, adding, {zeros, c.operand(1), c.gradient()}));
}

}  // namespace

operator_row gather_elements_row() { return {.any_type = reference, .gradient = gradient}; }

}  // namespace kiln::compiler
