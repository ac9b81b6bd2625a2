#include <kiln/compiler/ops/moves.hpp>
#include <kiln/compiler/ops/rows.hpp>
#include <kiln/dsl/ops/ranking.hpp>

namespace kiln::compiler {
namespace {

template <class T>
bool comes_before(const std::vector<T>& values, std::size_t j, std::size_t i, bool ascending) {
    if (values[j] == values[i]) return j < i;
    return ascending ? values[j] < values[i] : values[j] > values[i];
}

void reference(const attribute_words& words, std::span<const tensor* const> in, tensor& out) {
    const auto a = unpack<ops::ranking::attributes>(words);
    const auto axis = static_cast<std::size_t>(a.axis);
    const tensor& x = *in[0];
    for (std::size_t i = 0; i < out.size(); ++i) {
        position at = position_of(i, x.shape);
        for (at[axis] = 0; at[axis] < x.shape[axis]; ++at[axis]) {
            const std::size_t j = index_of(at, x.shape);
            const bool before = x.type == element::float32 ? comes_before(x.values, j, i, a.ascending != 0)
                                                           : comes_before(x.integers, j, i, a.ascending != 0);
            out.integers[i] += before ? 1 : 0;
        }
    }
}

}  // namespace

operator_row ranking_row() { return {.any_type = reference}; }

}  // namespace kiln::compiler
