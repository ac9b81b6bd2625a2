// Convolution for Halide. Zero padding is the input's halo, so no load is guarded; the filter was turned while packing
// if it had to be. The weight's parameter is indexed as schedules::packing lays it out.
#include <kiln/compiler/lower/definition.hpp>
#include <kiln/dsl/ops/conv.hpp>
#include <kiln/schedules/direct_conv.hpp>

namespace kiln::compiler {

using namespace Halide;

void join_rows(definition& d) {
    const auto p = schedules::direct_conv_parameters_of(d.kernel.how);
    const std::int32_t positions = d.kernel.output.extent[1] * d.kernel.output.extent[2],
                       blocks = p.tiles_in(positions);
    const RDom r({{0, p.tile}, {0, blocks}}, "positions");
    const Expr first = r.y * p.tile;
    d.joined = (blocks * p.tile == positions ? first : min(first, positions - p.tile)) + r.x;
    d.stages.positions = {r.x, r.y};
}

Expr define_conv(definition& d) {
    if (d.kernel.how.which == schedules::family::winograd) return define_winograd(d);
    if (d.kernel.how.which == schedules::family::winograd_rows) return define_winograd_rows(d);
    if (d.kernel.how.which == schedules::family::strassen) return define_strassen(d);
    const auto a = unpack<ops::conv::attributes>(d.kernel.attributes);
    const auto& w = a.slide;
    auto& s = d.stages;
    const Var &c = s.c, &x = s.x, &y = s.y, &z = s.z, &n = s.n;
    const schedules::packing& packed = d.kernel.inputs[1].packed;
    const std::int32_t channels = d.view_of(0).extent[0] / a.groups, filters = a.filters / a.groups;
    const std::int32_t block = packed.block;

    // All of the reduction at once, or a part of the channels at one place of the window.
    const bool direct = d.kernel.how.which == schedules::family::direct_conv;
    const std::int32_t part = direct ? schedules::direct_conv_parameters_of(d.kernel.how).part : 0;
    ImageParam& in = d.inputs[0];
    // The position on joined rows is x. Where they lie side by side, no row need be known.
    const bool joined = d.joined.defined();
    const std::int32_t width = d.kernel.output.extent[1];
    const bool finds_row = joined && schedules::looks_up_input_rows(d.kernel);
    const Expr column = finds_row ? x % width : Expr(x), row = finds_row ? x / width : Expr(y);
    std::vector<Expr> at = d.position();
    if (joined) at[1] = d.joined, at[2] = 0;
    const auto product = [&](const Expr& rc, const Expr& rx, const Expr& ry, const Expr& rz) {
        Expr group = 0, factor;
        if (packed.layout == schedules::packing::kind::none) {  // depthwise
            group = c;
            factor = d.filter({c, rc, rx, ry, rz});
        } else {
            if (a.groups > 1) group = (c / block) / (filters / block);
            factor = d.filter({c % block, rc, rx, ry, rz, c / block});
        }
        return factor * in(group * channels + rc, column * w.stride[0] + rx * w.dilation[0] - w.pad_before[0],
                           row * w.stride[1] + ry * w.dilation[1] - w.pad_before[1],
                           z * w.stride[2] + rz * w.dilation[2] - w.pad_before[2], n);
    };
    const Expr bias = d.kernel.anchor_operands > 2 ? Expr(d.inputs[2](c)) : Expr(0.0F);

    Func sum("sum");
    if (part > 0) {
        RDom r({{0, part}}, "r"),
            of({{0, channels / part}, {0, w.extent[0]}, {0, w.extent[1]}, {0, w.extent[2]}}, "of");
        Var pc("pc"), px("px"), py("py"), pz("pz");
        sum(c, x, y, z, n, pc, px, py, pz) = 0.0F;
        sum(c, x, y, z, n, pc, px, py, pz) += product(pc * part + r.x, px, py, pz);
        Func total("total");
        total(c, x, y, z, n) = bias;
        total(c, x, y, z, n) += sum(c, x, y, z, n, of.x, of.y, of.z, of.w);
        s.sum = sum;
        s.total = total;
        s.reduction = {r.x};
        s.parts = {of.x, of.y, of.z, of.w};
        return total(at);
    }
    RDom r({{0, channels}, {0, w.extent[0]}, {0, w.extent[1]}, {0, w.extent[2]}}, "r");
    sum(c, x, y, z, n) = bias;
    sum(c, x, y, z, n) += product(r.x, r.y, r.z, r.w);
    s.sum = sum;
    s.reduction = {r.x, r.y, r.z, r.w};
    return sum(at);
}

}  // namespace kiln::compiler
