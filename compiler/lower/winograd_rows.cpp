// Convolution in the domain of frequencies along y; see schedules/winograd_rows.hpp.
#include <kiln/compiler/lower/definition.hpp>
#include <kiln/dsl/ops/conv.hpp>
#include <kiln/schedules/winograd_rows.hpp>
#include <kiln/schedules/winograd_transform.hpp>

namespace kiln::compiler {

using namespace Halide;

Expr define_winograd_rows(definition& d) {
    const auto p = schedules::winograd_rows_parameters_of(d.kernel.how);
    const schedules::winograd_tile tile = schedules::winograd_rows_tile_of(d.kernel, p);
    const schedules::winograd_transform& transform = schedules::winograd_for(tile);
    const ops::window w = unpack<ops::conv::attributes>(d.kernel.attributes).slide;
    const schedules::winograd_row in = schedules::winograd_row_of(d.kernel);
    const std::int32_t reach = tile.reach(), rows = anchor_extent(d.kernel)[2];
    auto& s = d.stages;
    auto& g = s.winograd;
    const Var &c = s.c, &x = s.x, &y = s.y, &z = s.z, &n = s.n, &i = g.i, &number = g.lane, &plane = g.part;

    // Numbers of a row are counted from the first that its first output reads, through positions and channels. The last
    // tile may reach beyond the halo: what it reads there has no influence on outputs that exist.
    const std::int32_t furthest = schedules::divided_up(rows, p.tile) * p.tile - p.tile + reach - 1 - w.pad_before[1];
    std::vector<Expr> inputs;
    for (std::int32_t k = 0; k < reach; ++k) {
        const Expr row = d.up_to_halo(0, y * p.tile + k - w.pad_before[1], 2, furthest);
        // Through positions and channels: all are counted as channels of the first position.
        inputs.push_back(in.planes == 1 ? d.inputs[0](number, -w.pad_before[0], row, z, n)
                                        : d.inputs[0](plane, number - w.pad_before[0], row, z, n));
    }
    g.transformed = Func("transformed");
    g.transformed(number, plane, i, y, z, n) = mux(i, schedules::combine(transform.input, inputs));

    RDom r({{0, w.extent[0] * in.step}, {0, in.planes}}, "r");
    s.sum = Func("sum");
    s.sum(c, x, i, y, z, n) = 0.0F;
    s.sum(c, x, i, y, z, n) += d.filter({c % p.block, r.x * in.planes + r.y, i, c / p.block}) *
                               g.transformed(x * in.step + r.x, r.y, i, y, z, n);
    s.reduction = {r.x, r.y};
    g.products = Func("products");
    g.products(c, x, i, y, z, n) = s.sum(c, x, i, y, z, n);

    const Expr value = d.largest_of_window([&](const Expr& of_x, const Expr& of_y) {
        std::vector<Expr> products;
        for (std::int32_t k = 0; k < reach; ++k) products.push_back(g.products(c, of_x, k, of_y / p.tile, z, n));
        return mux(of_y % p.tile, schedules::combine(transform.output, products));
    });
    return d.kernel.anchor_operands > 2 ? value + d.inputs[2](c) : value;
}

}  // namespace kiln::compiler
