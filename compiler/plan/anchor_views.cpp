#include <kiln/compiler/plan/anchor_views.hpp>

#include <utility>

#include <kiln/compiler/plan/axes.hpp>

namespace kiln::plan {
namespace {

using schedules::kernel;
using schedules::view;

void exchange(view& v, std::size_t a, std::size_t b) {
    std::swap(v.extent[a], v.extent[b]);
    std::swap(v.stride[a], v.stride[b]);
}

/// Where an input's cells along x lie side by side, those of a window are one run of taps times channels: in memory,
/// and in the filter too. A first layer's three channels then fill a block as well as others.
void join_taps_with_channels(kernel& k) {
    auto a = unpack<ops::conv::attributes>(k.attributes);
    view &x = k.inputs[0].where, &w = k.output;
    const std::int32_t channels = x.extent[0];
    if (a.groups != 1 || a.flip != 0 || a.slide.dilation[0] != 1) return;
    if (x.stride[0] != 1 || x.stride[1] != channels || w.stride[2] != w.stride[1] * channels) return;
    x.extent[0] = w.extent[1] = channels * a.slide.extent[0];
    a.slide.extent[0] = w.extent[2] = 1;
    k.attributes = kiln::pack(a);
}

/// A 1x1 convolution whose x axis is the batch.
void turn_dense(kernel& k) {
    exchange(k.output, 1, schedules::batch_axis);
    for (schedules::operand& o : k.inputs) exchange(o.where, 1, schedules::batch_axis);
}

/// The samples of its operands go on the batch axis, and the window's outermost axis where they were.
void turn_filter_gradient(kernel& k, int rank) {
    const std::size_t first = view_axis(0, rank);
    for (schedules::operand& o : k.inputs) exchange(o.where, first, schedules::batch_axis);
    if (rank == 5) exchange(k.output, first, schedules::batch_axis);
    join_taps_with_channels(k);
}

}  // namespace

void turn_views(kernel& k, op anchor, int rank) {
    if (anchor == op::dense) turn_dense(k);
    if (anchor == op::filter_gradient) turn_filter_gradient(k, rank);
}

}  // namespace kiln::plan
