// Matrix products for Halide: columns fill the vector, the terms of a sum are added one after the other.
#include <kiln/compiler/lower/definition.hpp>

namespace kiln::compiler {

using namespace Halide;

Expr define_matmul(definition& d) {
    auto& s = d.stages;
    const RDom r(0, d.view_of(0).extent[0], "r");
    const auto at = [&](int input, const Expr& column, const Expr& row) {
        std::vector<Expr> index = d.position();
        index[0] = column;
        index[1] = row;
        // Axes of extent 1 are stretched.
        for (std::size_t axis = 2; axis < index.size(); ++axis)
            if (d.view_of(input).extent[axis] == 1) index[axis] = 0;
        return d.load(input, index);
    };
    s.sum = Func("sum");
    s.sum(s.axes()) = 0.0F;
    s.sum(s.axes()) += at(0, r, s.x) * at(1, s.c, r);
    s.reduction = {r};
    return s.sum(s.axes());
}

}  // namespace kiln::compiler
