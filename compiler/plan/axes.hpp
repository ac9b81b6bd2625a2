// From the graph's order of axes (spatial extents as on paper, channels last) to a view's (channel, x, y, z, sample,
// further axes of the sample).
#pragma once

#include <array>

#include <kiln/dsl/ops/conv.hpp>
#include <kiln/dsl/ops/max_unpool.hpp>
#include <kiln/dsl/ops/pool.hpp>
#include <kiln/dsl/ops/reduce.hpp>
#include <kiln/dsl/ops/upsample.hpp>
#include <kiln/schedules/kernel.hpp>

namespace kiln::plan {

/// A sample's dims and the batch as a view's extents.
constexpr std::array<std::int32_t, schedules::axes> extents_of(const dims& d, std::int32_t batch) {
    std::array<std::int32_t, schedules::axes> e{1, 1, 1, 1, 1, 1, 1, 1};
    e[schedules::batch_axis] = batch;
    for (int i = 0; i < d.rank; ++i) e[static_cast<std::size_t>(schedules::axis_of_sample(i))] = d[d.rank - 1 - i];
    return e;
}

/// Where axis `axis` of a sample of `rank` axes is in a view.
constexpr std::size_t view_axis(int axis, int rank) {
    return static_cast<std::size_t>(schedules::axis_of_sample(rank - 1 - axis));
}

/// A view's axes from the innermost in memory outwards: the batch is the outermost.
inline constexpr std::array<std::size_t, schedules::axes> memory_order{0, 1, 2, 3, 5, 6, 7, 4};

/// The same where each channel has a plane of its own.
inline constexpr std::array<std::size_t, schedules::axes> planar_order{1, 2, 3, 0, 5, 6, 7, 4};

/// Strides of a tensor without gaps.
constexpr schedules::view dense_view(const dims& d, std::int32_t batch, element type) {
    schedules::view v;
    v.type = type;
    v.extent = extents_of(d, batch);
    std::int64_t stride = 1;
    for (const std::size_t axis : memory_order) {
        v.stride[axis] = stride;
        stride *= v.extent[axis];
    }
    return v;
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
        case op::filter_gradient: {
            auto a = unpack<ops::conv::attributes>(words);
            a.slide = to_view_order(a.slide, output.rank - 2);
            return pack(a);
        }
        case op::max_pool:
        case op::max_pool_place:
        case op::average_pool: {
            auto a = unpack<ops::pool_attributes>(words);
            a.slide = to_view_order(a.slide, rank);
            return pack(a);
        }
        case op::max_unpool: {
            auto a = unpack<ops::max_unpool::attributes>(words);
            a.slide = to_view_order(a.slide, rank);
            a.extents = to_view_order(a.extents, rank);
            return pack(a);
        }
        case op::upsample: {
            auto a = unpack<ops::upsample::attributes>(words);
            a.factor = to_view_order(a.factor, rank);
            return pack(a);
        }
        case op::reduce: {
            auto a = unpack<ops::reduce::attributes>(words);
            std::int32_t turned = 0;
            for (int axis = 0; axis < output.rank; ++axis)
                if (a.has(axis)) turned |= 1 << view_axis(axis, output.rank);
            a.axes = turned;
            return pack(a);
        }
        case op::gather:
        case op::gather_elements:
        case op::scatter_elements:
        case op::ranking: {
            attribute_words turned = words;  // their axis comes first
            turned[0] = static_cast<std::int32_t>(view_axis(words[0], output.rank));
            return turned;
        }
        default: return words;
    }
}

}  // namespace kiln::plan
