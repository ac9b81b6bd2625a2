#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/moves.hpp>
#include <kiln/compiler/ops/rows.hpp>
#include <kiln/dsl/ops/transpose.hpp>

namespace kiln::compiler {
namespace {

void reference(const attribute_words& words, std::span<const tensor* const> in, tensor& out) {
    const auto a = unpack<ops::transpose::attributes>(words);
    move_elements(*in[0], out, [&](const position& at) {
        position from(at.size());
        for (std::size_t axis = 0; axis < at.size(); ++axis) from[static_cast<std::size_t>(a.order[axis])] = at[axis];
        return from;
    });
}

void gradient(gradient_context& c) {
    const auto a = c.attributes<ops::transpose::attributes>();
    std::vector<int> back(static_cast<std::size_t>(c.sample(c.output()).rank));
    for (std::size_t axis = 0; axis < back.size(); ++axis)
        back[static_cast<std::size_t>(a.order[axis])] = static_cast<int>(axis);
    c.contribute(0, c.transpose(c.gradient(), back));
}

}  // namespace

operator_row transpose_row() { return {.any_type = reference, .gradient = gradient}; }

}  // namespace kiln::compiler
