// 1x1 convolution by Strassen's seven products; see schedules/strassen.hpp. Pairs of positions are numbered within a
// block of pairs, blocks within the plane; the result is an update at one of a pair's positions.
#include <kiln/compiler/lower/definition.hpp>
#include <kiln/dsl/ops/conv.hpp>
#include <kiln/schedules/direct_conv.hpp>
#include <kiln/schedules/strassen.hpp>

namespace kiln::compiler {

using namespace Halide;

void join_pairs(definition& d) {
    const auto p = schedules::strassen_parameters_of(d.kernel.how);
    const schedules::strassen_shape shape = schedules::strassen_shape_of(d.kernel, p);
    RDom r({{0, 2}, {0, p.pairs}, {0, shape.blocks}}, "positions");
    d.joined = (r.z * p.pairs + r.y) * 2 + r.x;
    if (shape.reaches_beyond(p)) r.where(d.joined < shape.positions);
    d.stages.positions = {r.x, r.y, r.z};
}

Expr define_strassen(definition& d) {
    const auto p = schedules::strassen_parameters_of(d.kernel.how);
    const schedules::strassen_shape shape = schedules::strassen_shape_of(d.kernel, p);
    const ops::window w = unpack<ops::conv::attributes>(d.kernel.attributes).slide;
    const std::int32_t width = d.kernel.output.extent[1], half = shape.channel_lanes * shape.channel_parts;
    auto& s = d.stages;
    auto& g = s.winograd;
    const Var &c = s.c, &z = s.z, &n = s.n, &i = g.i, &t = g.tile, &b = g.block;

    // The last block, and an odd plane's last pair, may reach beyond the plane: anything finite will do there.
    const bool finds_row = schedules::looks_up_input_rows(d.kernel);
    const auto a = [&](int position, int channels) {
        Expr at = (b * p.pairs + t) * 2 + position;
        if (shape.reaches_beyond(p)) at = min(at, shape.positions - 1);
        const Expr column = finds_row ? at % width : at, row = finds_row ? at / width : Expr(0);
        return d.inputs[0](channels * half + g.part * shape.channel_lanes + g.lane,
                           column * w.stride[0] - w.pad_before[0], row * w.stride[1] - w.pad_before[1],
                           z * w.stride[2] - w.pad_before[2], n);
    };
    const Expr a11 = a(0, 0), a12 = a(0, 1), a21 = a(1, 0), a22 = a(1, 1);
    g.transformed = Func("transformed");
    g.transformed(g.lane, t, i, g.part, b, z, n) =
        mux(i, {a11 + a22, a21 + a22, a11, a22, a11 + a12, a21 - a11, a12 - a22});

    RDom r({{0, shape.channel_lanes}, {0, shape.channel_parts}}, "r");
    Func sum("sum");
    sum(c, t, i, b, z, n) = 0.0F;
    sum(c, t, i, b, z, n) += d.filter({c % p.block, r.y * shape.channel_lanes + r.x, i, c / p.block}) *
                             g.transformed(r.x, t, i, r.y, b, z, n);
    s.sum = sum;
    s.reduction = {r.x, r.y};
    g.products = Func("products");
    g.products(c, t, i, b, z, n) = sum(c, t, i, b, z, n);

    const Expr which = s.positions[0], pair = s.positions[1], block = s.positions[2];
    const auto product = [&](int index) {
        return g.products(c / (2 * p.block) * p.block + c % p.block, pair, index - 1, block, z, n);
    };
    const Expr m1 = product(1), m2 = product(2), m3 = product(3), m4 = product(4), m5 = product(5);
    const Expr first = mux(c / p.block % 2, {m1 + m4 - m5 + product(7), m3 + m5});
    const Expr second = mux(c / p.block % 2, {m2 + m4, m1 - m2 + m3 + product(6)});
    const Expr value = mux(which, {first, second});
    return d.kernel.anchor_operands > 2 ? value + d.inputs[2](c) : value;
}

}  // namespace kiln::compiler
