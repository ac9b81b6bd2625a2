#include <kiln/compiler/extents.hpp>
#include <kiln/compiler/ops/rows.hpp>
#include <kiln/compiler/ops/sliding.hpp>
#include <kiln/dsl/ops/max_pool_place.hpp>
#include <limits>

namespace kiln::compiler {

namespace {

void reference(const attribute_words& words, std::span<const tensor* const> in, tensor& out) {
    const ops::window w = unpack<ops::pool_attributes>(words).slide;
    const position input = grid_of(dims_of(in[0]->shape)), output = grid_of(dims_of(out.shape));
    const std::int64_t channels = out.shape.back();
    for_each_cell(output, [&](const position& o) {
        for (std::int64_t c = 0; c < channels; ++c) {
            float largest = -std::numeric_limits<float>::infinity();
            std::int64_t place = -1;
            for_each_cell(grid_of(w.extent), [&](const position& tap) {
                const position at = tapped(w, o, tap);
                if (!lies_within(input, at)) return;
                const std::int64_t cell = cell_number(input, at);
                const float value = in[0]->values[static_cast<std::size_t>(cell * channels + c)];
                if (value > largest) largest = value, place = cell;
            });
            out.integers[static_cast<std::size_t>(cell_number(output, o) * channels + c)] = place;
        }
    });
}

}  // namespace

operator_row max_pool_place_row() { return {.any_type = reference}; }

}  // namespace kiln::compiler
