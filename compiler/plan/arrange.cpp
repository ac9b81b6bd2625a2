#include <kiln/compiler/plan/arrange.hpp>

#include <kiln/compiler/plan/axes.hpp>
#include <kiln/dsl/ops/ops.hpp>

namespace kiln::plan {
namespace {

/// The axes of `d` that are longer than 1.
std::vector<int> long_axes(const dims& d) {
    std::vector<int> found;
    for (int axis = 0; axis < d.rank; ++axis)
        if (d[axis] > 1) found.push_back(axis);
    return found;
}

/// Whether a reshape from `in` to `out` only adds and removes axes of extent 1.
bool only_squeezes(const dims& in, const dims& out) {
    const std::vector<int> from = long_axes(in), to = long_axes(out);
    if (from.size() != to.size()) return false;
    for (std::size_t i = 0; i < from.size(); ++i)
        if (in[from[i]] != out[to[i]]) return false;
    return true;
}

}  // namespace

bool only_arranges(const ir::graph& g, const ir::node& n) {
    switch (n.kind) {
        case op::transpose:
        case op::slice:
        case op::broadcast_to:
        case op::merge_batch:
        case op::split_batch: return true;
        case op::reshape: return only_squeezes(ir::sample_dims(g[n.operands[0]]), ir::sample_dims(n));
        default: return false;
    }
}

strided arranged(const ir::graph& g, const ir::node& n, const strided& operand) {
    const dims in = ir::sample_dims(g[n.operands[0]]), out = ir::sample_dims(n);
    strided s = operand;
    s.where = schedules::view{};
    s.where.type = operand.where.type;
    s.where.extent = extents_of(out, ir::batch_of(n));
    s.where.stride.fill(0);
    const auto from = [&](std::size_t axis) { return operand.where.stride[axis]; };
    auto& stride = s.where.stride;
    stride[schedules::batch_axis] = from(schedules::batch_axis);
    switch (n.kind) {
        case op::transpose: {
            const auto a = ir::attributes_of<ops::transpose::attributes>(n);
            for (int axis = 0; axis < out.rank; ++axis)
                stride[view_axis(axis, out.rank)] = from(view_axis(a.order[static_cast<std::size_t>(axis)], in.rank));
            break;
        }
        case op::slice: {
            const auto a = ir::attributes_of<ops::slice::attributes>(n);
            for (int axis = 0; axis < out.rank; ++axis) {
                const auto i = static_cast<std::size_t>(axis);
                stride[view_axis(axis, out.rank)] = from(view_axis(axis, in.rank)) * a.step[i];
                s.offset += from(view_axis(axis, in.rank)) * a.begin[i];
            }
            break;
        }
        case op::broadcast_to:
            for (int i = 0; i < in.rank; ++i) {  // from the innermost
                const auto axis = static_cast<std::size_t>(schedules::axis_of_sample(i));
                if (operand.where.extent[axis] > 1) stride[axis] = from(axis);
            }
            break;
        case op::merge_batch:
            for (int axis = 0; axis < in.rank; ++axis)
                stride[view_axis(axis + 1, out.rank)] = from(view_axis(axis, in.rank));
            stride[view_axis(0, out.rank)] = from(schedules::batch_axis);
            stride[schedules::batch_axis] = 0;
            s.where.halo_before = operand.where.halo_before;  // which stays around each sample
            s.where.halo_after = operand.where.halo_after;
            break;
        case op::split_batch:
            for (int axis = 0; axis < out.rank; ++axis)
                stride[view_axis(axis, out.rank)] = from(view_axis(axis + 1, in.rank));
            stride[schedules::batch_axis] = from(view_axis(0, in.rank));
            break;
        default: {  // a reshape
            const std::vector<int> old = long_axes(in), now = long_axes(out);
            for (std::size_t i = 0; i < now.size(); ++i)
                stride[view_axis(now[i], out.rank)] = from(view_axis(old[i], in.rank));
        }
    }
    return s;
}

bool keeps_channels(const ir::graph& g, const ir::node& n) {
    const dims in = ir::sample_dims(g[n.operands[0]]), out = ir::sample_dims(n);
    switch (n.kind) {
        case op::transpose:
            return in.rank == 0 ||
                   ir::attributes_of<ops::transpose::attributes>(n).order[static_cast<std::size_t>(in.rank - 1)] ==
                       in.rank - 1;
        case op::slice: {
            const auto a = ir::attributes_of<ops::slice::attributes>(n);
            for (int axis = 0; axis < in.rank; ++axis)
                if (a.step[static_cast<std::size_t>(axis)] < 0) return false;
            return in.rank == 0 || a.step[static_cast<std::size_t>(in.rank - 1)] == 1;
        }
        case op::split_batch: return true;
        case op::merge_batch: return true;
        default: return in.channels() == out.channels();
    }
}

}  // namespace kiln::plan
