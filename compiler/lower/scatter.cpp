// Changing single elements for Halide: the operand is stored as it is, then the updates go over it one by one.
#include <kiln/compiler/lower/definition.hpp>
#include <kiln/dsl/ops/scatter_elements.hpp>

namespace kiln::compiler {
namespace {

using namespace Halide;

Expr joined(scatter_function f, const Expr& old, const Expr& update) {
    switch (f) {
        case scatter_function::add: return old + update;
        case scatter_function::multiply: return old * update;
        case scatter_function::maximum: return max(old, update);
        case scatter_function::minimum: return min(old, update);
        case scatter_function::replace: break;
    }
    return update;
}

}  // namespace

Expr define_scatter_elements(definition& d) {
    std::vector<Expr> at = d.position();
    at[schedules::batch_axis] = d.sample_of(0, at[schedules::batch_axis]);
    return d.load(0, at);
}

void update_scatter_elements(definition& d) {
    const auto a = unpack<ops::scatter_elements::attributes>(d.kernel.attributes);
    const auto axis = static_cast<std::size_t>(a.axis);
    const std::size_t rank = d.position().size();
    Region places;
    for (std::size_t i = 0; i < rank; ++i) {
        const bool samples = i == schedules::batch_axis;
        places.emplace_back(0, samples ? d.kernel.output.extent[i] : d.view_of(1).extent[i]);
    }
    const RDom r(places, "place");
    std::vector<Expr> to, of_index, of_update;
    for (std::size_t i = 0; i < rank; ++i) to.emplace_back(r[static_cast<int>(i)]);
    of_index = of_update = to;
    of_index[schedules::batch_axis] = d.sample_of(1, to[schedules::batch_axis]);
    of_update[schedules::batch_axis] = d.sample_of(2, to[schedules::batch_axis]);
    if (d.has_axis(axis)) to[axis] = inside(d.load(1, of_index), d.kernel.output.extent[axis]);
    Func& y = d.stages.result;
    const Expr before = y(to);
    y(to) = joined(a.function, before, cast(before.type(), d.load(2, of_update)));
    y.update().unscheduled();  // one after the other: two may meet the same element
}

}  // namespace kiln::compiler
