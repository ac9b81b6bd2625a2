#include <kiln/compiler/ops/data_gradient.hpp>

#include <algorithm>
#include <numeric>

#include <kiln/compiler/extents.hpp>

namespace kiln::compiler {
namespace {

using ir::node_id;

/// What the inputs of one rest meet on one axis: input t of the phase is the sum over taps j of
/// dy[t + offset - j * dilation] * w[first + j * step].
struct phase {
    std::int32_t taps = 0, first = 0, step = 1;
    std::int32_t dilation = 1, offset = 0;
};

/// The phase of inputs i = rest, rest + stride, ... on axis `axis`.
phase phase_of(const ops::window& w, std::size_t axis, std::int32_t rest) {
    const std::int32_t stride = w.stride[axis], dilation = w.dilation[axis], place = rest + w.pad_before[axis];
    phase p;
    const std::int32_t common = std::gcd(stride, dilation);
    p.step = stride / common;
    p.dilation = dilation / common;
    for (std::int32_t k = 0; k < std::min(p.step, w.extent[axis]); ++k)
        if ((place - k * dilation) % stride == 0) {
            p.first = k;
            p.taps = (w.extent[axis] - k - 1) / p.step + 1;
            p.offset = (place - k * dilation) / stride;
        }
    return p;
}

/// {window..., channels / groups, filters} with channels and filters swapped in each group.
node_id swapped(ir::builder& b, node_id filter, std::int32_t groups) {
    if (groups == 1) return b.transpose_last(filter);
    const dims shape = b.sample(filter);
    const int channels = shape.rank - 2;
    dims apart = shape;
    apart.rank = shape.rank + 1;
    apart[channels + 1] = groups;
    apart[channels + 2] = shape.channels() / groups;
    std::vector<int> order(static_cast<std::size_t>(apart.rank));
    std::iota(order.begin(), order.end(), 0);
    std::swap(order[order.size() - 1], order[order.size() - 3]);
    dims joined = shape;
    joined[channels] = apart[channels + 2];
    joined[channels + 1] = groups * shape[channels];
    return b.reshape(b.transpose(b.reshape(filter, apart), order), joined);
}

struct phases {
    ir::builder& b;
    const ops::conv::attributes& a;
    node_id dy, filter;  // filter: swapped
    dims x;
    int axes = x.spatial_rank();

    std::int32_t length(int axis) const {  // of a phase: those of the first rests are as long, others not longer
        return (x[axis] + a.slide.stride[axis] - 1) / a.slide.stride[axis];
    }

    node_id zeros() const {
        dims shape = x;
        for (int axis = 0; axis < axes; ++axis) shape[axis] = length(axis);
        return b.stretch(b.number(0), shape);
    }

    /// The phase of these rests.
    node_id at(const triple& rest) const {
        ops::conv::attributes part{.filters = x.channels(), .slide = {}, .groups = a.groups, .flip = 1 - a.flip};
        node_id from = dy, taps = filter;
        for (int axis = 0; axis < axes; ++axis) {
            const auto i = static_cast<std::size_t>(axis);
            const phase p = phase_of(a.slide, i, rest[i]);
            if (p.taps == 0) return zeros();
            // Output t reads dy from t + low on; what lies beyond dy is padding, what is not reached is cut off.
            const std::int32_t reach = (p.taps - 1) * p.dilation, low = p.offset - reach;
            const std::int32_t high = length(axis) + p.offset, extent = b.sample(dy)[axis];
            const std::int32_t begin = std::max(low, 0), end = std::min(high, extent);
            if (begin >= end) return zeros();
            from = b.part(from, axis, begin, end - begin);
            const std::int32_t last = p.first + (p.taps - 1) * p.step;
            const std::int32_t first = a.flip ? a.slide.extent[i] - 1 - last : p.first;
            taps = b.part(taps, axis, first, p.taps, p.taps == 1 ? 1 : p.step);
            part.slide.extent[i] = p.taps;
            part.slide.dilation[i] = p.dilation;
            part.slide.pad_before[i] = begin - low;
            part.slide.pad_after[i] = high - end;
        }
        return b.apply(op::conv, part, {from, taps});
    }

    /// All phases, interleaved: side by side as channels first, {t..., rests, channels}, which no copy is needed for.
    node_id all() const {
        std::vector<node_id> found;
        const triple& s = a.slide.stride;
        for (std::int32_t i = 0; i < s[0]; ++i)
            for (std::int32_t j = 0; j < s[1]; ++j)
                for (std::int32_t k = 0; k < s[2]; ++k) found.push_back(at({i, j, k}));
        if (found.size() == 1) return found[0];
        dims apart, together = x;
        std::vector<int> order;
        for (int axis = 0; axis < axes; ++axis) apart[apart.rank++] = length(axis);
        for (int axis = 0; axis < axes; ++axis) {
            apart[apart.rank++] = s[static_cast<std::size_t>(axis)];
            order.insert(order.end(), {axis, axes + axis});
            together[axis] = length(axis) * s[static_cast<std::size_t>(axis)];
        }
        order.push_back(apart.rank);
        apart[apart.rank++] = x.channels();
        node_id g = b.reshape(b.transpose(b.reshape(b.concat(std::move(found), axes), apart), order), together);
        for (int axis = 0; axis < axes; ++axis) g = b.part(g, axis, 0, x[axis]);
        return g;
    }
};

}  // namespace

node_id data_gradient(ir::builder& b, node_id dy, node_id filter, const ops::conv::attributes& a, const dims& x) {
    return phases{b, a, dy, swapped(b, filter, a.groups), x}.all();
}

}  // namespace kiln::compiler
