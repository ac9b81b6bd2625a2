#include <kiln/compiler/plan/packing_steps.hpp>

#include <algorithm>

#include <kiln/compiler/plan/axes.hpp>
#include <kiln/schedules/strassen.hpp>

namespace kiln::plan {
namespace {

using schedules::packing;
using schedules::view;

/// Filters of a block: all of them where there are no blocks.
std::int32_t block_of(const dims& shape, const packing& packed) {
    return packed.layout == packing::kind::none ? shape.channels() : packed.block;
}

/// Axes of the copies: lanes, channels, the window's x, y, (behind the blocks:) z. A vector has lanes only.
constexpr std::size_t lane = 0, channel = 1, block_axis = schedules::batch_axis;
constexpr std::array<std::size_t, 3> window_axes = {2, 3, 5};

/// Frequencies instead of the window: the copy's y axis, with channels between them as between taps.
void in_frequencies(packing_copy& c, const schedules::winograd_tile& tile) {
    c.tile = tile;
    view& to = c.to;
    to.stride[block_axis] =
        to.stride[block_axis] / (to.extent[window_axes[0]] * to.extent[window_axes[1]]) * tile.frequencies();
    to.extent[window_axes[0]] = tile.frequencies();
    to.extent[window_axes[1]] = 1;
}

}  // namespace

std::int64_t packed_elements(const dims& shape, const packing& packed) {
    if (packed.layout == packing::kind::none) return shape.volume();  // which may be a number, without an axis
    const std::int64_t filters = shape.channels(), block = block_of(shape, packed);
    const std::int64_t elements = shape.volume() / filters * ((filters + block - 1) / block * block);
    if (packed.layout == packing::kind::strassen) return elements / 4 * schedules::strassen_products;
    if (packed.layout == packing::kind::rows) return elements / packed.tile.taps * packed.tile.reach();
    if (packed.layout != packing::kind::winograd) return elements;
    return elements / (packed.tile.taps * packed.tile.taps) * packed.tile.frequencies();
}

bool lies_packed(const strided& value, const dims& shape, const packing& packed, bool flip) {
    const std::int32_t filters = shape.channels(), block = block_of(shape, packed);
    if (packed.layout == packing::kind::winograd || flip || filters % block != 0) return false;
    if (filters != block && packed.layout == packing::kind::filters) return false;
    const view dense = dense_view(shape, 1, value.where.type);
    for (std::size_t axis = 0; axis < schedules::axes; ++axis)
        if (dense.extent[axis] > 1 && dense.stride[axis] != value.where.stride[axis]) return false;
    return true;
}

std::vector<packing_copy> packing_copies(const strided& value, const dims& shape, const packing& packed, bool flip) {
    const std::int32_t filters = shape.channels(), block = block_of(shape, packed);
    const std::int64_t per_block = shape.volume() / filters * block;
    packing_copy all;
    all.from.type = all.to.type = value.where.type;
    all.from_offset = value.offset;
    all.from.stride.fill(0);
    all.to.stride.fill(0);
    std::int64_t distance = block;  // in the packed block, from one value of an axis to the next
    const auto axis = [&](std::size_t to, int sample_axis, bool turned) {
        const std::size_t from = view_axis(sample_axis, shape.rank);
        all.to.extent[to] = all.from.extent[to] = shape[sample_axis];
        all.from.stride[to] = value.where.stride[from] * (turned ? -1 : 1);
        if (turned) all.from_offset += (shape[sample_axis] - 1) * value.where.stride[from];
        all.to.stride[to] = distance;
        distance *= shape[sample_axis];
    };
    if (shape.rank > 1) axis(channel, shape.rank - 2, false);
    for (int i = 0; i < shape.rank - 2; ++i) axis(window_axes[static_cast<std::size_t>(i)], shape.rank - 3 - i, flip);
    const std::int64_t step = value.where.stride[view_axis(shape.rank - 1, shape.rank)];
    all.to.stride[lane] = 1;
    all.from.stride[lane] = step;
    all.to.stride[block_axis] = per_block;
    all.from.stride[block_axis] = step * block;

    std::vector<packing_copy> copies;
    const auto add = [&](std::int32_t first, std::int32_t lanes, std::int32_t blocks) {
        if (lanes == 0 || blocks == 0) return;
        packing_copy c = all;
        c.from_offset += first * step;
        c.to_offset = first / block * per_block;
        for (view* v : {&c.from, &c.to}) v->extent[lane] = lanes, v->extent[block_axis] = blocks;
        copies.push_back(c);
    };
    add(0, block, filters / block);
    if (packed.layout == packing::kind::winograd) {
        in_frequencies(copies[0], packed.tile);
        return copies;
    }
    add(filters / block * block, filters % block, 1);
    return copies;
}

packing_gap packing_gap_of(const dims& shape, const packing& packed) {
    const std::int64_t filters = shape.channels(), block = block_of(shape, packed), rest = filters % block;
    if (rest == 0) return {};
    const std::int64_t runs = shape.volume() / filters;
    return {filters / block * block * runs + rest, block - rest, runs, block};
}

}  // namespace kiln::plan
