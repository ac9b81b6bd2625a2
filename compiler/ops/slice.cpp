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

}  // namespace

operator_row slice_row() { return {nullptr, nullptr, reference}; }

}  // namespace kiln::compiler
