// Nearest-neighbour enlargement for Halide.
#include <kiln/compiler/lower/definition.hpp>
#include <kiln/dsl/ops/upsample.hpp>

namespace kiln::compiler {

Halide::Expr define_upsample(definition& d) {
    const auto a = unpack<ops::upsample::attributes>(d.kernel.attributes);
    const auto& s = d.stages;
    return d.inputs[0](s.c, s.x / a.factor[0], s.y / a.factor[1], s.z / a.factor[2], s.n);
}

}  // namespace kiln::compiler
