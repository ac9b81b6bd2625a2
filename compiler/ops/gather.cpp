#include <algorithm>

#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/moves.hpp>
#include <kiln/compiler/ops/rows.hpp>
#include <kiln/dsl/ops/gather.hpp>

namespace kiln::compiler {
namespace {

void reference(const attribute_words& words, std::span<const tensor* const> in, tensor& out) {
    const auto axis = static_cast<std::size_t>(unpack<ops::gather::attributes>(words).axis);
    const std::int64_t extent = in[0]->shape[axis];
    move_elements(*in[0], out, [&](position at) {
        const std::int64_t index = in[1]->integers[static_cast<std::size_t>(at[axis])];
        at[axis] = std::clamp<std::int64_t>(index < 0 ? index + extent : index, 0, extent - 1);
        return at;
    });
}

/// Every position adds what it got to where it came from.
void gradient(gradient_context& c) {
    const std::int32_t axis = c.attributes<ops::gather::attributes>().axis;
    const dims y = c.sample(c.output());
    dims along;
    along.rank = y.rank;
    for (int i = 0; i < y.rank; ++i) along[i] = i == axis ? y[i] : 1;
    const ir::node_id indices = c.stretch(c.reshape(c.operand(1), along), y);
    const ir::node_id zeros = c.stretch(c.number(0), c.sample(c.operand(0)));
    const ops::scatter_elements::attributes adding{axis, scatter_function::add};
    c.contribute(0, c.apply(op::scatter_elements, adding, {zeros, indices, c.gradient()}));
}

}  // namespace

operator_row gather_row() { return {.any_type = reference, .gradient = gradient}; }

}  // namespace kiln::compiler
