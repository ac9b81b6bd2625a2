#include <algorithm>
#include <kiln/compiler/ops/rows.hpp>
#include <kiln/compiler/ops/sliding.hpp>
#include <kiln/dsl/ops/max_pool.hpp>
#include <limits>

namespace kiln::compiler {

namespace {

/// Padding takes no part. A dilated window may lie in padding altogether; its maximum is the lowest float.
struct maximum {
    float largest = 0;
    void start() { largest = std::numeric_limits<float>::lowest(); }
    void accumulate(float value) { largest = std::max(largest, value); }
    void padded() {}
    float result() const { return largest; }
};

void reference(const attribute_words& words, std::span<const operand_values> in, const dims& out_shape, float* out) {
    pool(unpack<ops::pool_attributes>(words).slide, in[0], out_shape, out, maximum{});
}

}  // namespace

operator_row max_pool_row() { return {.reference = reference}; }

}  // namespace kiln::compiler
