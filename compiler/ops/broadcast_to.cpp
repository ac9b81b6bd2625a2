#include <kiln/compiler/ops/elementwise_reference.hpp>
#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/moves.hpp>
#include <kiln/compiler/ops/rows.hpp>

namespace kiln::compiler {
namespace {

void reference(const attribute_words&, std::span<const tensor* const> in, tensor& out) {
    for (std::size_t i = 0; i < out.size(); ++i) copy_element(*in[0], stretched(i, out.shape, in[0]->shape), out, i);
}

/// What was repeated is summed.
void gradient(gradient_context& c) { c.contribute(0, c.gradient()); }

}  // namespace

operator_row broadcast_to_row() { return {.any_type = reference, .gradient = gradient}; }

}  // namespace kiln::compiler
