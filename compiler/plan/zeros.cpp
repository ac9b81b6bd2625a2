#include <kiln/compiler/plan/zeros.hpp>

namespace kiln::plan {
namespace {

/// Before and after the extents of one axis of x, y and z, a slab of the full width of the axes inside it.
void add_slabs(const buffer& b, std::size_t axis, std::vector<zero_fill>& fills) {
    const schedules::view& v = b.layout;
    const std::int64_t size = bytes_of(v.type);
    // Of a tensor without a batch they may be behind x, y and z.
    const std::size_t samples = v.extent[schedules::batch_axis] > 1 ? schedules::batch_axis : 5;
    zero_fill f;
    for (std::size_t outer = axis + 1; outer < 4; ++outer) {
        f.count[outer - axis - 1] = v.extent[outer < 3 ? outer + 1 : samples];
        f.stride[outer - axis - 1] = v.stride[outer < 3 ? outer + 1 : samples] * size;
    }
    // Halo included: it starts before the inner axes.
    std::int64_t begin = b.byte + b.origin * size;
    for (std::size_t inner = 0; inner < axis; ++inner) begin -= v.halo_before[inner] * v.stride[inner + 1] * size;
    const std::int64_t step = v.stride[axis + 1] * size;
    const auto add = [&](std::int64_t from, std::int64_t cells) {
        if (cells <= 0) return;
        f.arena_byte = from;
        f.bytes = cells * step;
        fills.push_back(f);
    };
    const std::int32_t row = v.halo_before[0] + v.extent[1] + v.halo_after[0];
    if (axis == 0 && v.halo_before[0] > 0 && v.halo_after[0] > 0 && v.halo_before[1] > 0 && v.halo_after[1] > 0 &&
        v.stride[2] == row * v.stride[1]) {
        // The end of a row and the beginning of the next are one run, from the row before the first on.
        ++f.count[0];
        add(begin + v.extent[1] * step - f.stride[0], v.halo_before[0] + v.halo_after[0]);
        return;
    }
    add(begin - v.halo_before[axis] * step, v.halo_before[axis]);
    add(begin + v.extent[axis + 1] * step, v.halo_after[axis]);
}

}  // namespace

std::vector<zero_fill> zeros_around(const buffer& b) {
    std::vector<zero_fill> fills;
    for (std::size_t axis = 0; axis < 3; ++axis) add_slabs(b, axis, fills);
    if (!b.planar) return fills;
    const std::vector<zero_fill> first = fills;  // of the first channel's plane
    for (std::int32_t channel = 1; channel < b.layout.extent[0]; ++channel)
        for (zero_fill f : first) {
            f.arena_byte += channel * b.layout.stride[0] * bytes_of(b.layout.type);
            fills.push_back(f);
        }
    return fills;
}

zero_fill zeros_in(const packing_gap& gap, element type) {
    const std::int64_t size = bytes_of(type);
    return {gap.first * size, gap.elements * size, {gap.runs, 1, 1}, {gap.distance * size, 0, 0}};
}

}  // namespace kiln::plan
