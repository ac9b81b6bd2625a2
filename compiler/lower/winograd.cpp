// Convolution in the domain of frequencies; see schedules/winograd.hpp. Tiles are numbered within a block of tiles,
// blocks within the output, so that a register block takes tiles in any order.
#include <kiln/compiler/lower/definition.hpp>
#include <kiln/dsl/ops/conv.hpp>
#include <kiln/schedules/winograd.hpp>
#include <kiln/schedules/winograd_transform.hpp>

namespace kiln::compiler {

using namespace Halide;

namespace {

/// The sums of products of a chunk of channels and, from them, of all.
void define_chunks(definition& d, const schedules::winograd_parameters& p, const schedules::winograd_shape& shape,
                   const schedules::winograd_transform& transform, const Expr& first_part) {
    auto& s = d.stages;
    auto& g = s.winograd;
    const Var &c = s.c, &n = s.n, &i = g.i, &j = g.j, &t = g.tile, &b = g.block, &channel = g.channel, &plane = g.part;
    const Var chunk("chunk");

    std::vector<Expr> along_y, along_x;
    for (std::int32_t k = 0; k < shape.tile.taps; ++k)
        along_y.push_back(d.filter({c % p.block, i, k, channel, plane, c / p.block}));
    g.filter_rows = Func("filter_rows");
    g.filter_rows(c, channel, i, j, plane) = mux(j, schedules::combine(transform.filter, along_y));
    for (std::int32_t k = 0; k < shape.tile.taps; ++k) along_x.push_back(g.filter_rows(c, channel, k, j, plane));
    g.filters = Func("filters");
    g.filters(c, channel, i, j, plane) = mux(i, schedules::combine(transform.filter, along_x));

    RDom r({{0, shape.channel_lanes}, {0, shape.chunk_parts}}, "r");
    RDom chunks({{0, shape.chunks}, {0, shape.depth}}, "chunks");
    const Expr part = chunk * shape.chunk_parts + r.y;
    s.sum = Func("sum");
    s.sum(c, t, i, j, b, n, chunk, plane) = 0.0F;
    s.sum(c, t, i, j, b, n, chunk, plane) += g.filters(c, part * shape.channel_lanes + r.x, i, j, plane) *
                                             g.transformed(r.x, t + plane * shape.slice, i, j, first_part + part, b, n);
    s.reduction = {r.x, r.y};
    g.products(c, t, i, j, b, n) = 0.0F;
    g.products(c, t, i, j, b, n) += s.sum(c, t, i, j, b, n, chunks.x, chunks.y);
    g.chunks = {chunks.x, chunks.y};
}

}  // namespace

Expr define_winograd(definition& d) {
    const auto p = schedules::winograd_parameters_of(d.kernel.how);
    const schedules::winograd_shape shape = schedules::winograd_shape_of(d.kernel, p);
    const schedules::winograd_transform transform =
        p.chunk > 0 ? schedules::with_simple_filters(shape.tile) : schedules::winograd_for(shape.tile);
    const std::int32_t reach = shape.tile.reach(), step = p.tile * shape.tile.stride;
    const ops::window w = unpack<ops::conv::attributes>(d.kernel.attributes).slide;
    auto& s = d.stages;
    auto& g = s.winograd;
    const Var &c = s.c, &z = s.z, &n = s.n, &i = g.i, &j = g.j, &t = g.tile, &b = g.block;

    // The last tile of an axis may reach beyond the halo. What it reads there has no influence on outputs that exist:
    // anything finite will do.
    const Expr tile_x = (b % shape.blocks_x) * p.along_x + t % p.along_x;
    const Expr tile_y = (b / shape.blocks_x % shape.blocks_y) * p.along_y + t / p.along_x % p.along_y;
    const Expr plane =
        d.up_to_halo(0, b / (shape.blocks_x * shape.blocks_y) * p.along_z + t / shape.slice - w.pad_before[2], 3,
                     shape.blocks_z * p.along_z + w.extent[2] - 2 - w.pad_before[2]);
    const auto cell = [&](const Expr& tile, std::int32_t offset, std::size_t axis, std::int32_t tiles) {
        return d.up_to_halo(0, tile * step + offset - w.pad_before[axis], axis + 1,
                            (tiles - 1) * step + reach - 1 - w.pad_before[axis]);
    };

    std::vector<Expr> inputs, columns, products;
    std::vector<Expr> row_of_y;
    for (std::int32_t k = 0; k < reach; ++k) row_of_y.push_back(cell(tile_y, k, 1, shape.blocks_y * p.along_y));
    for (std::int32_t k = 0; k < reach; ++k)
        inputs.push_back(d.inputs[0](g.part * shape.channel_lanes + g.lane,
                                     cell(tile_x, k, 0, shape.blocks_x * p.along_x), mux(j, row_of_y), plane, n));
    g.columns = Func("columns");
    g.columns(g.lane, i, j, t, g.part, b, n) = mux(i, schedules::combine(transform.input, inputs));

    for (std::int32_t k = 0; k < reach; ++k) columns.push_back(g.columns(g.lane, i, k, t, g.part, b, n));
    g.transformed = Func("transformed");
    g.transformed(g.lane, t, i, j, g.part, b, n) = mux(j, schedules::combine(transform.input, columns));

    const std::int32_t groups = shape.channel_parts / shape.group_parts;
    Expr first_part = 0;  // that a filter's group reads
    if (groups > 1) first_part = c / p.block / (d.kernel.output.extent[0] / groups / p.block) * shape.group_parts;
    g.products = Func("products");
    if (p.chunk > 0) {
        define_chunks(d, p, shape, transform, first_part);
    } else {
        RDom r({{0, shape.channel_lanes}, {0, shape.group_parts}, {0, shape.depth}}, "r");
        s.sum = Func("sum");
        s.sum(c, t, i, j, b, n) = 0.0F;
        s.sum(c, t, i, j, b, n) +=
            d.filter({c % p.block, r.y * shape.channel_lanes + r.x, r.z, j * reach + i, c / p.block}) *
            g.transformed(r.x, t + r.z * shape.slice, i, j, first_part + r.y, b, n);
        s.reduction = {r.x, r.y, r.z};
        g.products(c, t, i, j, b, n) = s.sum(c, t, i, j, b, n);
    }

    const Var &tx = g.tile_x, &ty = g.tile_y;
    const Expr tile = (z % p.along_z) * shape.slice + (ty % p.along_y) * p.along_x + tx % p.along_x;
    const Expr block = (z / p.along_z * shape.blocks_y + ty / p.along_y) * shape.blocks_x + tx / p.along_x;
    for (std::int32_t k = 0; k < reach; ++k) products.push_back(g.products(c, tile, k, j, block, n));
    g.rows = Func("rows");
    g.rows(c, i, j, tx, ty, z, n) = mux(i, schedules::combine(transform.output, products));

    const Expr value = d.largest_of_window([&](const Expr& of_x, const Expr& of_y) {
        std::vector<Expr> rows;
        for (std::int32_t k = 0; k < reach; ++k)
            rows.push_back(g.rows(c, of_x % p.tile, k, of_x / p.tile, of_y / p.tile, z, n));
        return mux(of_y % p.tile, schedules::combine(transform.output, rows));
    });
    return d.kernel.anchor_operands > 2 ? value + d.inputs[2](c) : value;
}

}  // namespace kiln::compiler
