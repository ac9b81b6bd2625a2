#include <kiln/compiler/ops/moves.hpp>
#include <kiln/compiler/ops/rows.hpp>

namespace kiln::compiler {
namespace {

void reference(const attribute_words&, std::span<const tensor* const> in, tensor& out) {
    for (std::size_t i = 0; i < out.size(); ++i) copy_element(*in[0], i, out, i);
}

}  // namespace

operator_row split_batch_row() { return {nullptr, nullptr, reference}; }

}  // namespace kiln::compiler
