#include <kiln/compiler/ops/elementwise_reference.hpp>
#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/moves.hpp>
#include <kiln/compiler/ops/rows.hpp>

namespace kiln::compiler {
namespace {

void reference(const attribute_words&, std::span<const tensor* const> in, tensor& out) {
    const tensor &x = *in[0], &y = *in[1];
    const std::int64_t terms = x.shape.back();
    for (std::size_t i = 0; i < out.size(); ++i) {
        // Element k of the row and of the column that belong to output i.
        const position at = position_of(i, out.shape);
        const auto element_of = [&](const tensor& t, std::int64_t row, std::int64_t column) {
            position from(t.shape.size());
            for (std::size_t axis = 0; axis + 2 < from.size(); ++axis)
                from[axis] = t.shape[axis] == 1 ? 0 : at[at.size() - from.size() + axis];
            from[from.size() - 2] = row;
            from[from.size() - 1] = column;
            return static_cast<double>(t.values[index_of(from, t.shape)]);
        };
        double sum = 0;
        for (std::int64_t k = 0; k < terms; ++k)
            sum += element_of(x, at[at.size() - 2], k) * element_of(y, k, at[at.size() - 1]);
        out.values[i] = static_cast<float>(sum);
    }
}

/// dX = dZ Yᵀ, dY = Xᵀ dZ. One matrix Y for all samples, a dense layer's weights as it were, sums over all rows at
/// once.
void gradient(gradient_context& c) {
    const ir::node_id x = c.operand(0), y = c.operand(1), dz = c.gradient();
    if (c.wants(0)) c.contribute(0, c.matmul(dz, c.transpose_last(y)));
    if (!c.wants(1)) return;
    const dims matrix = c.sample(y);
    if (ir::has_batch(c.built()[x]) && !ir::has_batch(c.built()[y]) && matrix.rank == 2) {
        const auto rows = [&](ir::node_id of) {
            const ir::node_id whole = c.merged(of);
            const dims shape = c.sample(whole);
            return c.reshape(whole, dims::of(shape.volume() / shape.channels(), shape.channels()));
        };
        const ops::filter_gradient::attributes sums{.filters = matrix[1], .slide = {}};
        c.contribute(1, c.apply(op::filter_gradient, sums, {rows(x), rows(dz)}));
    } else {
        c.contribute(1, c.matmul(c.transpose_last(x), dz));
    }
}

}  // namespace

operator_row matmul_row() { return {.any_type = reference, .gradient = gradient}; }

}  // namespace kiln::compiler
