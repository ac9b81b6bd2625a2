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

}  // namespace

operator_row transpose_row() { return {nullptr, nullptr, reference}; }

}  // namespace kiln::compiler
