#include <kiln/compiler/ops/rows.hpp>
#include <kiln/compiler/ops/sliding.hpp>
#include <kiln/dsl/ops/average_pool.hpp>

namespace kiln::compiler {

namespace {

/// Divides by the cells inside the input or, with `count_padding`, by those in the declared padding too. A dilated
/// window may lie in padding altogether; its average is 0.
struct average {
    bool count_padding = false;
    double sum = 0;
    int cells = 0;
    void start() { sum = 0, cells = 0; }
    void accumulate(float value) { sum += value, ++cells; }
    void padded() { cells += count_padding; }
    float result() const { return cells == 0 ? 0.0F : static_cast<float>(sum / cells); }
};

void reference(const attribute_words& words, std::span<const operand_values> in, const dims& out_shape, float* out) {
    const auto a = unpack<ops::pool_attributes>(words);
    pool(a.slide, in[0], out_shape, out, average{.count_padding = a.count_padding != 0});
}

}  // namespace

operator_row average_pool_row() { return {.reference = reference}; }

}  // namespace kiln::compiler
