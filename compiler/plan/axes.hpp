// From the graph's order of axes (spatial extents as on paper, channels last) to a view's (channel, x, y, z, sample).
#pragma once

#include <array>

#include <kiln/dsl/ops/conv.hpp>
#include <kiln/dsl/ops/pool.hpp>
#include <kiln/dsl/ops/upsample.hpp>

namespace kiln::plan {

/// A sample's dims and the batch as a view's extents.
constexpr std::array<std::int32_t, 5> extents_of(const dims& d, std::int32_t batch) {
    std::array<std::int32_t, 5> e{d.channels(), 1, 1, 1, batch};
    for (int axis = 0; axis < d.spatial_rank(); ++axis)
        e[static_cast<std::size_t>(axis) + 1] = d[d.spatial_rank() - 1 - axis];
    return e;
}

/// A triple in the graph's order, {y, x} say, as {x, y, z}; the axes beyond `rank` keep their neutral value.
constexpr triple to_view_order(const triple& t, int rank) {
    triple r = t;
    for (int axis = 0; axis < rank; ++axis)
        r[static_cast<std::size_t>(axis)] = t[static_cast<std::size_t>(rank - 1 - axis)];
    return r;
}

constexpr ops::window to_view_order(const ops::window& w, int rank) {
    return {to_view_order(w.extent, rank), to_view_order(w.stride, rank), to_view_order(w.dilation, rank),
            to_view_order(w.pad_before, rank), to_view_order(w.pad_after, rank)};
}

constexpr ops::conv::attributes to_view_order(ops::conv::attributes a, const dims& output) {
    a.slide = to_view_order(a.slide, output.spatial_rank());
    return a;
}

/// An operator's attributes with triples in view order, for an output of one sample.
constexpr attribute_words to_view_order(op kind, const attribute_words& words, const dims& output) {
    const int rank = output.spatial_rank();
    switch (kind) {
        case op::conv: {
            auto a = to_view_order(unpack<ops::conv::attributes>(words), output);
            a.flip = 0;  // the filter is turned when it is packed
            return pack(a);
        }
        case op::max_pool:
        case op::average_pool: {
            auto a = unpack<ops::pool_attributes>(words);
            a.slide = to_view_order(a.slide, rank);
            return pack(a);
        }
        case op::upsample: {
            auto a = unpack<ops::upsample::attributes>(words);
            a.factor = to_view_order(a.factor, rank);
            return pack(a);
        }
        default: return words;
    }
}

}  // namespace kiln::plan
