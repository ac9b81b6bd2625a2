#include <algorithm>

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

}  // namespace

operator_row gather_elements_row() { return {.any_type = reference}; }

}  // namespace kiln::compiler
