// From the options of a sliding operator and the extents of its input to the plain window of the shape rule: one value
// is spread over the axes and `same` becomes explicit padding.
#pragma once

#include <kiln/dsl/layer.hpp>
#include <kiln/dsl/ops/window.hpp>
#include <kiln/dsl/options.hpp>

namespace kiln::dsl {

/// option_rank when a setting has several values, but not one for each spatial axis of `x`. Inputs that do not slide at
/// all are left to the shape rule.
constexpr mistake check_ranks(const settings& s, const dims& x) {
    for (const per_axis* given : {&s.extent, &s.stride, &s.dilation, &s.before, &s.after, &s.extra})
        if (!fits(*given, x)) return mistake::option_rank;
    return mistake::none;
}

/// Whether `same` can be computed without overflow; if not, the shape rule refuses the window itself.
constexpr bool can_pad_same(const ops::window& w, int axis) {
    const auto a = static_cast<std::size_t>(axis);
    constexpr std::int64_t limit = 1 << 28;
    return w.extent[a] > 0 && w.stride[a] > 0 && w.stride[a] < limit && w.dilation[a] > 0 &&
           std::int64_t(w.extent[a]) * w.dilation[a] < limit;
}

/// `step_by_window`: where no stride was given it is the window's extent, as in pooling.
constexpr ops::window window_on(const settings& s, const dims& x, bool step_by_window) {
    ops::window w;
    for (int axis = 0; axis < x.spatial_rank() && axis < 3; ++axis) {
        const auto a = static_cast<std::size_t>(axis);
        w.extent[a] = s.extent.on(axis, 1);
        w.stride[a] = s.stride.on(axis, step_by_window ? w.extent[a] : 1);
        w.dilation[a] = s.dilation.on(axis, 1);
        if (s.pads == padding::given) {
            w.pad_before[a] = s.before.on(axis, 0);
            w.pad_after[a] = s.after.on(axis, 0);
        } else if (s.pads == padding::same && can_pad_same(w, axis)) {
            const auto total =
                static_cast<std::int32_t>(ops::same_total(x[axis], w.extent[a], w.stride[a], w.dilation[a]));
            w.pad_before[a] = total / 2;
            w.pad_after[a] = total - total / 2;
        }
    }
    return w;
}

}  // namespace kiln::dsl
