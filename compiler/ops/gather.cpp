#include <algorithm>

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

}  // namespace

operator_row gather_row() { return {.any_type = reference}; }

}  // namespace kiln::compiler
