#include <kiln/compiler/lower/windows.hpp>

namespace kiln::compiler {

using namespace Halide;

RDom window_domain(const ops::window& w) { return RDom({{0, w.extent[0]}, {0, w.extent[1]}, {0, w.extent[2]}}, "r"); }

window_position walk(const definition& d, const ops::window& w, const RDom& r) {
    const auto& s = d.stages;
    const Var axes[] = {s.x, s.y, s.z};
    window_position p;
    p.index.emplace_back(s.c);
    for (int axis = 0; axis < 3; ++axis) {
        const Expr at = axes[axis] * w.stride[axis] + r[axis] * w.dilation[axis] - w.pad_before[axis];
        const std::int32_t last = d.view_of(0).extent[static_cast<std::size_t>(axis) + 1] - 1;
        if (!may_leave(w, axis)) {
            p.index.push_back(at);
            continue;
        }
        p.index.push_back(clamp(at, 0, last));
        const Expr here = at >= 0 && at <= last;
        p.inside = p.inside.defined() ? p.inside && here : here;
    }
    p.index.emplace_back(s.n);
    return p;
}

}  // namespace kiln::compiler
