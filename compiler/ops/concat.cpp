#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/moves.hpp>
#include <kiln/compiler/ops/rows.hpp>
#include <kiln/dsl/ops/concat.hpp>

namespace kiln::compiler {
namespace {

void reference(const attribute_words& words, std::span<const tensor* const> in, tensor& out) {
    const std::size_t axis =
        out.shape.size() - 1 - static_cast<std::size_t>(unpack<ops::concat::attributes>(words).from_last);
    std::int64_t begin = 0;
    for (const tensor* part : in) {
        for (std::size_t i = 0; i < part->size(); ++i) {
            position at = position_of(i, part->shape);
            at[axis] += begin;
            copy_element(*part, i, out, index_of(at, out.shape));
        }
        begin += part->shape[axis];
    }
}

void gradient(gradient_context& c) {
    const auto from_last = c.attributes<ops::concat::attributes>().from_last;
    std::int32_t begin = 0;
    for (std::size_t i = 0; i < c.operands(); ++i) {
        const dims part = c.sample(c.operand(i));
        const int axis = part.rank - 1 - from_last;
        if (c.wants(i)) c.contribute(i, c.part(c.gradient(), axis, begin, part[axis]));
        begin += part[axis];
    }
}

}  // namespace

operator_row concat_row() { return {.any_type = reference, .gradient = gradient}; }

}  // namespace kiln::compiler
