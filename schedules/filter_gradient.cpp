#include <kiln/schedules/filter_gradient.hpp>

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include <kiln/dsl/ops/conv.hpp>
#include <kiln/schedules/cheapest.hpp>
#include <kiln/schedules/register_block.hpp>
#include <kiln/schedules/stages.hpp>

namespace kiln::schedules {
namespace {

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

// With so few accumulators a step reads too much for the second-level cache to keep up.
bool needs_first_level(const machine& m) { return m.registers < 32; }

/// Whether accumulators and operands fit the registers. Where those are few, one operand of a block stays there, the
/// longer one is loaded as it is used.
bool block_fits(const filter_gradient_parameters& p, const machine& m) {
    const std::int32_t block = p.tile * p.tile_x * p.tile_y;
    return fits_registers(block, p.vectors, p.lanes, m) ||
           (needs_first_level(m) && fits_registers(p.vectors, block, p.lanes, m));
}

double step_cycles(const sizes& z, const machine& m, const filter_gradient_parameters& p) {
    const std::int32_t block = p.tile * p.tile_x * p.tile_y;
    double step = register_block_cycles(block, p.vectors, m);
    // Measured: a little slower than the estimate where the longer operand is that of the vectors.
    if (!fits_registers(block, p.vectors, p.lanes, m)) step = register_block_cycles(p.vectors, block, m) + 0.25;
    return z.depthwise ? std::max(step, (block + 1) * p.vectors / 2.0) : step;
}

filter_gradient_extents part_of(const sizes& z, const filter_gradient_parameters& p) {
    const std::int32_t rows = std::min(p.part, z.height), planes = std::min(p.part / rows, z.depth);
    return {rows, planes, std::min(p.part / rows / planes, z.samples)};
}

double positions_of(const sizes& z, const filter_gradient_extents& part) {
    return double(z.width) * part.rows * part.planes * part.samples;
}

/// Positions whose part of x and dy, a line of each, the first-level cache holds: lines that lie a power of two apart
/// share few of its sets. More are of no use: what a block does once a part is little by then.
std::int64_t first_level_positions(const kernel& k, const machine& m) {
    constexpr std::int64_t line = 64, enough = 64, ways = 8;
    std::int64_t held = enough;
    for (const operand& o : k.inputs) {
        std::size_t axis = 1;  // along which positions follow each other
        while (axis < batch_axis && o.where.extent[axis] == 1) ++axis;
        const std::int64_t apart = std::max<std::int64_t>(std::abs(o.where.stride[axis]) * 4, line);
        const std::int64_t sets = m.l1_bytes / line / ways, step = std::gcd(apart / line, sets);
        held = std::min(held, sets / step * ways / 2);
    }
    return held;
}

/// Cycles of the whole kernel on one core, by estimate.
double cycles_of(const kernel& k, const sizes& z, const machine& m, const filter_gradient_parameters& p) {
    const double blocks = double(divided_up(p.along_channels ? z.channels : z.filters, p.lanes * p.vectors)) *
                          divided_up(p.along_channels ? z.filters : z.channels, p.tile) *
                          divided_up(z.taps_x, p.tile_x) * divided_up(z.taps_y, p.tile_y) * z.taps_z;
    double step = step_cycles(z, m, p);
    const double stores = double(z.filters) * z.channels * z.taps_x * z.taps_y * z.taps_z;
    const double part = positions_of(z, part_of(z, p));
    if (needs_first_level(m) && part <= 2.0 * static_cast<double>(first_level_positions(k, m))) {
        // Accumulators are set to zero and added to the result once a part.
        const double once = 10 + 1.5 * p.tile * p.tile_x * p.tile_y * p.vectors;
        const double lines = 0.25 * (p.tile_x * p.tile_y - 1);  // of further positions
        const double scattered = p.along_channels ? stores * z.positions() / part : 0;
        return (step + lines + once / part) * blocks * z.positions() + scattered;
    }
    // Whole cache lines of x, where the next position is not on the same one, and dy. In parts they come from the
    // second-level cache.
    const double line = 64, step_x = unpack<ops::conv::attributes>(k.attributes).slide.stride[0],
                 next = 4.0 * step_x * static_cast<double>(std::abs(k.inputs[0].where.stride[1])),
                 touched =
                     std::min(std::max(line, 4.0 * p.tile), next) * p.tile_x * p.tile_y + 4.0 * p.lanes * p.vectors;
    const double resident = divides(z, p) ? 0 : bytes_read(k);
    const double reading = blocks > 1 ? touched / cache_bytes_per_cycle(resident, m) : 0;
    step = needs_first_level(m) ? step + reading : std::max(step, reading);
    return step * blocks * z.positions() + stores / (p.along_channels ? 1 : p.lanes);
}

/// The most rows of dy, of a plane, of whole planes or of whole samples, that divide the whole and are at most `most`.
std::int32_t part_up_to(const sizes& z, std::int64_t most) {
    const std::int32_t sample = z.height * z.depth;
    if (most >= sample) return sample * divisor_up_to(z.samples, most / sample);
    if (most >= z.height) return z.height * divisor_up_to(z.depth, most / z.height);
    return divisor_up_to(z.height, most);
}

/// Parts that a cache holds, where all blocks divide evenly: sums are then added to what is stored.
void set_part(const kernel& k, const sizes& z, const machine& m, filter_gradient_parameters& p) {
    p.part = z.height * z.depth * z.samples;
    p.by_part = 0;
    if (!divides(z, p)) return;
    if (needs_first_level(m)) {
        p.part = part_up_to(z, first_level_positions(k, m) / z.width);
        p.by_part = 1;
        return;
    }
    const double room = 0.5 * static_cast<double>(m.l2_bytes), all = bytes_read(k);
    if (all > room) p.part = part_up_to(z, static_cast<std::int64_t>(room / (all / p.part)));
}

/// How many blocks of filters and taps threads can share.
std::int32_t shared_blocks(const sizes& z, const filter_gradient_parameters& p) {
    const std::int32_t filters = p.along_channels ? p.tile : p.lanes * p.vectors;
    return divided_up(z.filters, filters) * (z.taps_x / p.tile_x) * (z.taps_y / p.tile_y) * z.taps_z;
}

void share_out(const kernel& k, const sizes& z, filter_gradient_parameters& p) {
    const std::int64_t work = work_of(k);
    std::int64_t tasks = tasks_for(work);
    if (p.by_part) {
        const double once = positions_of(z, part_of(z, p)) / z.positions();
        // Two threads gain even where a part's work is worth but one task.
        tasks = std::min(tasks, std::max<std::int64_t>(2, tasks_for(static_cast<std::int64_t>(once * double(work)))));
    }
    p.tasks = divisor_up_to(shared_blocks(z, p), tasks);
}

}  // namespace

filter_gradient_parameters filter_gradient_parameters_of(const kernel& k) {
    const auto& p = k.how.parameters;
    return {p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7], p[8]};
}

double filter_gradient_cycles(const kernel& k, const machine& m, const filter_gradient_parameters& p) {
    return cycles_of(k, sizes(k), m, p);
}

filter_gradient_extents filter_gradient_part(const kernel& k) {
    return part_of(sizes(k), filter_gradient_parameters_of(k));
}

filter_gradient_extents filter_gradient_parts(const kernel& k) {
    const sizes z(k);
    const filter_gradient_extents part = filter_gradient_part(k);
    return {z.height / part.rows, z.depth / part.planes, z.samples / part.samples};
}

schedule schedule_of(const filter_gradient_parameters& p) {
    return {family::filter_gradient,
            {p.lanes, p.along_channels, p.vectors, p.tile, p.tile_x, p.tile_y, p.part, p.by_part, p.tasks}};
}

void for_each_filter_gradient(const kernel& k, const machine& m,
                              const std::function<void(const filter_gradient_parameters&)>& f) {
    const sizes z(k);
    const auto try_taps = [&](filter_gradient_parameters p) {
        for (p.tile_x = 1; p.tile_x <= z.taps_x; ++p.tile_x)
            for (p.tile_y = 1; p.tile_y <= z.taps_y; ++p.tile_y) {
                if (z.taps_x % p.tile_x != 0 || z.taps_y % p.tile_y != 0) continue;
                if (!block_fits(p, m)) break;
                set_part(k, z, m, p);
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
    cheapest<filter_gradient_parameters> best;
    for_each_filter_gradient(k, m, [&](const filter_gradient_parameters& p) { best.see(p, cycles_of(k, z, m, p)); });
    return best.found();
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
    const std::vector<Halide::VarOrRVar> parts(s.parts.begin(), s.parts.end());
    order.insert(order.end(), parts.begin(), parts.end());
    stage.reorder(order).vectorize(lane).unroll(vec).unroll(ti).unroll(xi).unroll(yi);
    if (p.tasks > 1) {
        Var taps_x("taps_x"), taps_y("taps_y"), all("all"), task("task"), in_task("in_task");
        stage.fuse(filters, xo, taps_x).fuse(taps_x, yo, taps_y).fuse(taps_y, s.n, all);
        stage.split(all, task, in_task, shared_blocks(z, p) / p.tasks);
        std::vector<Halide::VarOrRVar> shared{channels, in_task, task};
        shared.insert(p.by_part ? shared.end() : shared.end() - 1, parts.begin(), parts.end());
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
    // The operand that there is less of stays in registers, the other's values are loaded one after the other.
    const bool keeps_vectors = p.lanes == 16 || p.vectors <= p.tile * p.tile_x * p.tile_y;
    std::vector<Halide::VarOrRVar> inner{sl, sv, other, s.y, s.z};
    if (!keeps_vectors) inner = {sl, other, s.y, s.z, sv};
    inner.insert(inner.end(), s.reduction.begin(), s.reduction.end());
    inner.emplace_back(s.n);
    Halide::Stage update = s.sum.update();
    update.split(along, sv, sl, p.lanes).reorder(inner).vectorize(sl).unroll(sv).unroll(other).unroll(s.y).unroll(s.z);
    // A loop of a few steps costs as much as they do.
    if (p.lanes < 16 && z.width <= 4) update.unroll(s.reduction[0]);
}

}  // namespace kiln::schedules
