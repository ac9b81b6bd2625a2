#include <kiln/schedules/filter_gradient.hpp>

#include <algorithm>
#include <cstdlib>

#include <kiln/dsl/ops/conv.hpp>
#include <kiln/schedules/register_block.hpp>
#include <kiln/schedules/stages.hpp>

namespace kiln::schedules {
namespace {

constexpr std::int32_t divided_up(std::int32_t value, std::int32_t by) { return (value + by - 1) / by; }

/// The largest divisor of `value` that is at most `limit`, at least 1.
std::int32_t divisor_up_to(std::int32_t value, std::int64_t limit) {
    auto d = static_cast<std::int32_t>(std::clamp<std::int64_t>(limit, 1, value));
    while (value % d != 0) --d;
    return d;
}

/// What the loops of a kernel go over.
struct sizes {
    std::int32_t filters, channels, group_filters;  // filters of all groups, channels of one
    std::int32_t taps_x, taps_y, taps_z;
    std::int32_t width, height, depth, samples;  // of dy
    bool depthwise;                              // a filter's channel is its own: x is loaded in vectors too

    explicit sizes(const kernel& k) {
        const auto a = unpack<ops::conv::attributes>(k.attributes);
        const auto &w = k.output.extent, &o = k.inputs[1].where.extent;
        filters = w[0], channels = w[1], taps_x = w[2], taps_y = w[3], taps_z = w[batch_axis];
        group_filters = filters / a.groups;
        width = o[1], height = o[2], depth = o[3], samples = o[batch_axis];
        depthwise = a.groups > 1 && group_filters == 1;
    }
    double positions() const { return double(width) * height * depth * samples; }
};

/// What the sums read of x and dy, in bytes.
double bytes_read(const kernel& k) {
    double bytes = 0;
    for (const operand& o : k.inputs) {
        double elements = 4;
        for (const std::int32_t e : o.where.extent) elements *= e;
        bytes += elements;
    }
    return bytes;
}

bool divides(const sizes& z, const filter_gradient_parameters& p) {
    const std::int32_t vectors = p.lanes * p.vectors;
    return z.filters % (p.along_channels ? p.tile : vectors) == 0 &&
           z.channels % (p.along_channels ? vectors : p.tile) == 0;
}

/// Cycles of the whole kernel on one core, by estimate.
double cycles_of(const kernel& k, const sizes& z, const machine& m, const filter_gradient_parameters& p) {
    const std::int32_t block = p.tile * p.tile_x * p.tile_y;
    const double blocks = double(divided_up(p.along_channels ? z.channels : z.filters, p.lanes * p.vectors)) *
                          divided_up(p.along_channels ? z.filters : z.channels, p.tile) *
                          divided_up(z.taps_x, p.tile_x) * divided_up(z.taps_y, p.tile_y) * z.taps_z;
    double step = register_block_cycles(block, p.vectors, m);
    if (z.depthwise) step = std::max(step, (block + 1) * p.vectors / 2.0);
    // Whole cache lines of x, where the next position is not on the same one, and dy. In parts they come from the
    // second-level cache.
    const double line = 64, step_x = unpack<ops::conv::attributes>(k.attributes).slide.stride[0],
                 next = 4.0 * step_x * static_cast<double>(std::abs(k.inputs[0].where.stride[1])),
                 touched =
                     std::min(std::max(line, 4.0 * p.tile), next) * p.tile_x * p.tile_y + 4.0 * p.lanes * p.vectors;
    const double resident = divides(z, p) ? 0 : bytes_read(k);
    if (blocks > 1) step = std::max(step, touched / cache_bytes_per_cycle(resident, m));
    const double stores = double(z.filters) * z.channels * z.taps_x * z.taps_y * z.taps_z;
    return step * blocks * z.positions() + stores / (p.along_channels ? 1 : p.lanes);
}

/// Parts that the second-level cache holds, where all blocks divide evenly: sums are then added to what is stored.
void set_parts(const kernel& k, const sizes& z, const machine& m, filter_gradient_parameters& p) {
    p.rows = z.height, p.planes = z.depth, p.samples = z.samples;
    if (!divides(z, p)) return;
    const double room = 0.5 * static_cast<double>(m.l2_bytes), all = bytes_read(k);
    if (all <= room) return;
    p.samples = divisor_up_to(z.samples, static_cast<std::int64_t>(room / (all / z.samples)));
    if (p.samples > 1) return;
    const double sample = all / z.samples;
    if (sample <= room) return;
    p.planes = divisor_up_to(z.depth, static_cast<std::int64_t>(room / (sample / z.depth)));
    if (p.planes > 1) return;
    p.rows = divisor_up_to(z.height, static_cast<std::int64_t>(room / (sample / z.depth / z.height)));
}

/// How many blocks of filters and taps threads can share.
std::int32_t shared_blocks(const sizes& z, const filter_gradient_parameters& p) {
    const std::int32_t filters = p.along_channels ? p.tile : p.lanes * p.vectors;
    return divided_up(z.filters, filters) * (z.taps_x / p.tile_x) * (z.taps_y / p.tile_y) * z.taps_z;
}

void share_out(const kernel& k, const sizes& z, filter_gradient_parameters& p) {
    p.tasks = divisor_up_to(shared_blocks(z, p), tasks_for(work_of(k)));
}

}  // namespace

filter_gradient_parameters filter_gradient_parameters_of(const kernel& k) {
    const auto& p = k.how.parameters;
    return {p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7], p[8], p[9]};
}

double filter_gradient_cycles(const kernel& k, const machine& m, const filter_gradient_parameters& p) {
    return cycles_of(k, sizes(k), m, p);
}

std::array<std::int32_t, 3> filter_gradient_parts(const kernel& k) {
    const sizes z(k);
    const filter_gradient_parameters p = filter_gradient_parameters_of(k);
    return {z.height / p.rows, z.depth / p.planes, z.samples / p.samples};
}

schedule schedule_of(const filter_gradient_parameters& p) {
    return {family::filter_gradient,
            {p.lanes, p.along_channels, p.vectors, p.tile, p.tile_x, p.tile_y, p.rows, p.planes, p.samples, p.tasks}};
}

void for_each_filter_gradient(const kernel& k, const machine& m,
                              const std::function<void(const filter_gradient_parameters&)>& f) {
    const sizes z(k);
    const auto try_taps = [&](filter_gradient_parameters p) {
        for (p.tile_x = 1; p.tile_x <= z.taps_x; ++p.tile_x)
            for (p.tile_y = 1; p.tile_y <= z.taps_y; ++p.tile_y) {
                if (z.taps_x % p.tile_x != 0 || z.taps_y % p.tile_y != 0) continue;
                if (!fits_registers(p.tile * p.tile_x * p.tile_y, p.vectors, p.lanes, m)) break;
                set_parts(k, z, m, p);
                share_out(k, z, p);
                f(p);
            }
    };
    for (const std::int32_t along_channels : {0, 1}) {
        filter_gradient_parameters p;
        p.along_channels = along_channels;
        // A block of filters must not straddle two groups, unless each has one filter.
        const std::int32_t filters = z.depthwise ? z.filters : z.group_filters;
        const bool whole = z.filters != filters;
        const std::int32_t in_vectors = along_channels ? z.channels : filters,
                           others = along_channels ? filters : z.channels;
        for (p.lanes = 1; p.lanes <= std::min(m.lanes, in_vectors); p.lanes *= 2)
            for (p.vectors = 1; p.vectors <= 8 && p.lanes * p.vectors <= in_vectors; ++p.vectors) {
                if (whole && !along_channels && in_vectors % (p.lanes * p.vectors) != 0) continue;
                for (p.tile = 1; p.tile <= std::min(others, 28); ++p.tile)
                    if (!(whole && along_channels) || others % p.tile == 0) try_taps(p);
            }
    }
}

filter_gradient_parameters filter_gradient_defaults(const kernel& k, const machine& m) {
    const sizes z(k);
    filter_gradient_parameters best;
    double least = 0;
    for_each_filter_gradient(k, m, [&](const filter_gradient_parameters& p) {
        const double cycles = cycles_of(k, z, m, p);
        if (least == 0 || cycles < least * 0.999) least = cycles, best = p;
    });
    return best;
}

void schedule_filter_gradient(const kernel& k, const filter_gradient_parameters& p, stages& s) {
    using Halide::TailStrategy;
    using Halide::Var;
    const sizes z(k);
    const bool in_parts = !s.parts.empty();
    const Var along = p.along_channels ? s.x : s.c, other = p.along_channels ? s.c : s.x;
    const auto tail = [](std::int32_t extent, std::int32_t factor) {
        return extent % factor == 0 ? TailStrategy::RoundUp : TailStrategy::ShiftInwards;
    };
    const std::int32_t vectors = p.lanes * p.vectors;

    Halide::Func f = s.result;
    Halide::Stage stage = in_parts ? f.update() : Halide::Stage(f);
    Var vo("vo"), vi("vi"), vec("vec"), lane("lane"), to("to"), ti("ti"), xo("xo"), xi("xi"), yo("yo"), yi("yi");
    stage.split(along, vo, vi, vectors, tail(p.along_channels ? z.channels : z.filters, vectors))
        .split(vi, vec, lane, p.lanes)
        .split(other, to, ti, p.tile, tail(p.along_channels ? z.filters : z.channels, p.tile))
        .split(s.y, xo, xi, p.tile_x)
        .split(s.z, yo, yi, p.tile_y);
    const Var channels = p.along_channels ? vo : to, filters = p.along_channels ? to : vo;
    std::vector<Halide::VarOrRVar> order{lane, vec, ti, xi, yi, channels, filters, xo, yo, s.n};
    for (const Halide::RVar& part : s.parts) order.emplace_back(part);
    stage.reorder(order).vectorize(lane).unroll(vec).unroll(ti).unroll(xi).unroll(yi);
    if (p.tasks > 1) {
        Var taps_x("taps_x"), taps_y("taps_y"), all("all"), task("task"), in_task("in_task");
        stage.fuse(filters, xo, taps_x).fuse(taps_x, yo, taps_y).fuse(taps_y, s.n, all);
        stage.split(all, task, in_task, shared_blocks(z, p) / p.tasks);
        std::vector<Halide::VarOrRVar> shared{channels, in_task};
        for (const Halide::RVar& part : s.parts) shared.emplace_back(part);
        shared.emplace_back(task);
        stage.reorder(shared).parallel(task);
    }
    if (in_parts) f.vectorize(s.c, power_of_two_dividing(z.filters, p.along_channels ? 16 : p.lanes));

    Var sv("sv"), sl("sl");
    s.sum.compute_at(f, channels).store_in(Halide::MemoryType::Stack);
    // A vector's accumulators must lie side by side: others are gathered and scattered in every step.
    if (p.along_channels) s.sum.reorder_storage(s.x, s.c, s.y, s.z, s.n);
    s.sum.split(along, sv, sl, p.lanes)
        .reorder(sl, sv, other, s.y, s.z)
        .vectorize(sl)
        .unroll(sv)
        .unroll(other)
        .unroll(s.y)
        .unroll(s.z);
    std::vector<Halide::VarOrRVar> inner{sl, sv, other, s.y, s.z};
    for (const Halide::RVar& r : s.reduction) inner.emplace_back(r);
    inner.emplace_back(s.n);
    s.sum.update()
        .split(along, sv, sl, p.lanes)
        .reorder(inner)
        .vectorize(sl)
        .unroll(sv)
        .unroll(other)
        .unroll(s.y)
        .unroll(s.z);
}

}  // namespace kiln::schedules
