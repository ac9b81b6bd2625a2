// Filters into the domain of frequencies while the model runs; see schedules/winograd_filters.hpp.
#include <kiln/compiler/lower/definition.hpp>
#include <kiln/schedules/winograd_filters.hpp>
#include <kiln/schedules/winograd_transform.hpp>

namespace kiln::compiler {

using namespace Halide;

Expr define_winograd_filters(definition& d) {
    const schedules::winograd_tile tile = schedules::tile_of_filters(d.kernel);
    const schedules::winograd_transform& transform = schedules::winograd_for(tile);
    const std::int32_t reach = tile.reach();
    auto& s = d.stages;
    auto& g = s.winograd;
    const Var &c = s.c, &x = s.x, &n = s.n, &i = g.i, &j = g.j;

    g.taps = Func("taps");
    g.taps(c, x, i, j, n) = d.load(0, {c, x, i, j, n});
    std::vector<Expr> along_x, along_y;
    for (std::int32_t k = 0; k < tile.taps; ++k) along_x.push_back(g.taps(c, x, k, j, n));
    g.columns = Func("columns");
    g.columns(c, x, i, j, n) = mux(i, schedules::combine(transform.filter, along_x));

    for (std::int32_t k = 0; k < tile.taps; ++k) along_y.push_back(g.columns(c, x, s.y % reach, k, n));
    return mux(s.y / reach, schedules::combine(transform.filter, along_y));
}

}  // namespace kiln::compiler
