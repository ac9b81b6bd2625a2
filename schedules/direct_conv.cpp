#include <kiln/schedules/direct_conv.hpp>

#include <algorithm>

#include <kiln/dsl/ops/conv.hpp>
#include <kiln/schedules/cheapest.hpp>
#include <kiln/schedules/spread.hpp>

namespace kiln::schedules {
namespace {

// Weights that come from memory each time, because the rest of the network has been in the caches since.
constexpr std::int64_t large_weights = 1 << 18;
// A narrower block of positions goes over its weights faster than they can come: prefetching them gains nothing, unless
// they are narrow, where the instructions that widen them leave few loads among those that a processor looks ahead at.
constexpr std::int32_t least_tile = 4;
// The widest block of positions the rules take, and the widest there is: with one vector of filters that is as many as
// there are registers for.
constexpr std::int32_t usual_tile = 14, most_tile = 28;
// How far ahead weights may be prefetched that are not those of the next block: as long as memory takes. In bytes.
constexpr std::int32_t soon = 8 * 1024;
// With few registers, and more register blocks than this to a block of filters, waiting for its weights once costs less
// than prefetching them.
constexpr std::int32_t most_ahead = 16;
// Of a function's stack, for the sums of all rows, and for widened weights; of the latter where they come by parts
// anyway, which then stay in the first-level cache.
constexpr std::int64_t most_total_bytes = 64 * 1024, most_widened_bytes = 64 * 1024, most_widened_of_a_part = 16 * 1024;
// Register blocks that make up for storing widened weights, and those after which that takes next to no time.
constexpr std::int32_t fewest_to_widen_for = 3, enough_to_widen_for = 8;
// Channels of a part that are tried.
constexpr std::int32_t least_part = 16, most_part = 512;

/// Products of one output.
std::int32_t reduction_of(const kernel& k) {
    const auto a = unpack<ops::conv::attributes>(k.attributes);
    return static_cast<std::int32_t>(ops::window_volume(a.slide, 3)) * (k.inputs[0].where.extent[0] / a.groups);
}

/// Positions of a row, or of a plane that is one.
std::int32_t row_of(const kernel& k, const direct_conv_parameters& p) {
    return k.output.extent[1] * (p.join ? k.output.extent[2] : 1);
}

// Cycles a register block spends on finding joined rows for each step of the reduction: of the input again for each
// place in the window; pointers that there are no registers for are loaded every time.
double lookup_cycles(const kernel& k, const direct_conv_parameters& p) {
    if (!p.join) return 0;
    constexpr std::int32_t most_pointers = 8;
    const std::int32_t channels = k.inputs[0].where.extent[0] / unpack<ops::conv::attributes>(k.attributes).groups;
    const std::int32_t places = reduction_of(k) / channels;
    double once = k.output.has_row_gaps();
    for (std::size_t i = 1; i < k.inputs.size(); ++i)
        once += !k.inputs[i].is_weight && k.inputs[i].where.has_row_gaps();
    double cycles = 1.5 * p.tile * once / reduction_of(k);
    if (looks_up_input_rows(k) && places > 1) cycles += 3.0 * p.tile / channels;
    if (looks_up_input_rows(k) && p.tile > most_pointers) cycles += p.tile / 2.0;
    return cycles;
}

// Cycles the register blocks need for a plane of all samples and one step of the reduction, work wasted on tails
// included.
double plane_cycles(const kernel& k, std::int32_t filters, const direct_conv_parameters& p, const machine& m) {
    const std::int32_t batch = k.output.extent[batch_axis], rows = p.join ? 1 : k.output.extent[2];
    const double tiles = double(p.tiles_in(row_of(k, p))) * rows, samples = divided_up(batch, p.samples);
    const double blocks = divided_up(filters, p.block);
    double step = register_block_cycles(p.tile * p.samples, p.block / p.lanes, m) + lookup_cycles(k, p);
    if (batch > 1) {  // a block's weights come again for every row and sample, from where they stayed
        const double each = 4.0 * reduction_of(k) * p.block, all = 4.0 * reduction_of(k) * filters;
        step = std::max(step, 4.0 * p.block / cache_bytes_per_cycle(p.filters_outside ? each : all, m));
    }
    return step * tiles * samples * blocks;
}

/// How many steps of the reduction go over as many weights as are prefetched where that is not for the next block.
std::int32_t steps_soon(const kernel& k, const direct_conv_parameters& p) {
    return std::max(1, soon / (p.block * static_cast<std::int32_t>(bytes_of(k.inputs[1].packed.stored))));
}

/// The distances of prefetches there are to choose from: none, soon, and those of the next block.
std::vector<std::int32_t> distances_of(const kernel& k, const direct_conv_parameters& p) {
    std::vector<std::int32_t> all{0, reduction_of(k)};
    if (steps_soon(k, p) < reduction_of(k)) all.push_back(steps_soon(k, p));
    return all;
}

/// Whether blocks of filters end within a cache line, which is then fetched and stored for each of them.
bool shares_lines(std::int32_t filters, const direct_conv_parameters& p) {
    constexpr std::int32_t line = 16;  // numbers
    return filters > p.block && p.block % line != 0;
}

/// The sums of a block of filters, of all rows a task may have.
std::int64_t total_bytes(const kernel& k, std::int32_t block) {
    return std::int64_t{4} * block * k.output.extent[1] * k.output.extent[2];
}

/// Whether the reduction may be cut into parts of so many channels.
bool can_part(const kernel& k, const direct_conv_parameters& p, std::int32_t part) {
    const auto a = unpack<ops::conv::attributes>(k.attributes);
    return k.inputs[0].where.extent[0] / a.groups % part == 0 && part < reduction_of(k) && row_of(k, p) % p.tile == 0 &&
           (!p.join || k.output.extent[3] == 1) && total_bytes(k, p.block) <= most_total_bytes;
}

/// Channels of a part: as many as leave a block's weights in the first-level cache. None where all of its weights, and
/// the next block's that are prefetched, leave room in the second for what else is read.
std::int32_t part_of(const kernel& k, const machine& m, const direct_conv_parameters& p) {
    if (8 * std::int64_t{p.block} * reduction_of(k) <= m.l2_bytes / 4 || total_bytes(k, p.block) > m.l1_bytes) return 0;
    auto part = static_cast<std::int32_t>(m.l1_bytes / 4 / p.block);
    while (part >= m.lanes && !can_part(k, p, part)) --part;
    return part >= m.lanes ? part : 0;
}

/// Rows, or register blocks where rows are joined: what chunks are cut from.
std::int32_t rows_of(const kernel& k, const direct_conv_parameters& p) {
    return p.join ? p.tiles_in(row_of(k, p)) : k.output.extent[2];
}

/// What a group's filters read of a sample.
std::int64_t input_bytes(const kernel& k) {
    const auto a = unpack<ops::conv::attributes>(k.attributes);
    std::int64_t bytes = std::int64_t{4} * k.inputs[0].where.extent[0] / a.groups;
    for (std::size_t axis = 0; axis < 3; ++axis)
        bytes *= k.output.extent[axis + 1] * std::min(a.slide.stride[axis], a.slide.extent[axis]);
    return bytes;
}

/// As many rows as read so many bytes; 0 where that is all.
std::int32_t chunk_of(const kernel& k, const direct_conv_parameters& p, std::int64_t bytes) {
    const std::int64_t all = input_bytes(k), rows = rows_of(k, p);
    return bytes >= all ? 0 : static_cast<std::int32_t>(std::max<std::int64_t>(1, rows * bytes / all));
}

/// The same where it means less to fetch: weights once for each chunk instead of the input for each block of filters.
std::int32_t chunk_that_pays(const kernel& k, const machine& m, const direct_conv_parameters& p) {
    const std::int32_t chunk = chunk_of(k, p, m.l2_bytes / 3);
    if (chunk == 0) return 0;
    const auto a = unpack<ops::conv::attributes>(k.attributes);
    const double weights = 4.0 * reduction_of(k) * a.filters / a.groups, chunks = divided_up(rows_of(k, p), chunk);
    const double blocks = divided_up(a.filters / a.groups, p.block), input = static_cast<double>(input_bytes(k));
    return weights * chunks + input < weights + input * blocks ? chunk : 0;
}

/// As many rows as make a task, so that all filters go over a task's rows before the next: neighbouring tasks, which a
/// thread has, then read and write the same rows in this layer and the next. 0: all.
std::int32_t chunk_of_a_task(const kernel& k, const direct_conv_parameters& p) {
    constexpr std::int32_t fewest_positions = 48;  // else its weights, which come anew, take longer than the sums
    const std::int32_t rows = rows_of(k, p);
    const std::int64_t repeats = repeats_of(k, divided_up(k.output.extent[0], p.block));
    const std::int32_t least = divided_up(fewest_positions, p.join ? p.tile : k.output.extent[1]);
    const std::int32_t chunk = std::max(least, rows_per_task(work_of(k), rows, repeats));
    for (std::int32_t even = chunk; even <= 2 * chunk && even < rows; ++even)
        if (rows % even == 0) return even;
    return chunk < rows ? chunk : 0;
}

/// Steps of the reduction that are summed at once.
std::int32_t steps_of(const kernel& k, const direct_conv_parameters& p) {
    return p.part > 0 ? p.part : reduction_of(k);
}

/// Whether weights may be widened first.
bool can_widen(const kernel& k, const direct_conv_parameters& p) {
    const std::int64_t most = p.part > 0 ? most_widened_of_a_part : most_widened_bytes;
    return k.inputs[1].packed.stored != storage::float32 && (p.ahead == 0 || p.ahead == steps_of(k, p)) &&
           std::int64_t{4} * p.block * steps_of(k, p) <= most;
}

/// Those with the block of filters that `p` has, rows joined or not.
void for_each_tile(const kernel& k, const machine& m, direct_conv_parameters p,
                   const std::function<void(const direct_conv_parameters&)>& f) {
    const std::int32_t channels = k.inputs[0].where.extent[0] / unpack<ops::conv::attributes>(k.attributes).groups;
    const std::int32_t vectors = p.block / p.lanes;
    for (p.tile = 1; p.tile <= std::min(row_of(k, p), most_tile); ++p.tile) {
        if (!fits_registers(p.tile, vectors, p.lanes, m)) break;
        for (p.unroll = 1; p.unroll <= 8; p.unroll *= 2)
            for (const std::int32_t ahead : distances_of(k, p)) {
                p.ahead = ahead;
                if (channels % p.unroll == 0) f(p);
            }
        p.unroll = 1;
        for (p.part = least_part; p.part <= most_part; p.part *= 2)
            for (const std::int32_t ahead : {0, p.part}) {
                p.ahead = ahead;
                if (can_part(k, p, p.part)) f(p);
            }
        p.part = p.ahead = 0;
        for (const std::int32_t share : {8, 4, 2}) {
            p.chunk = chunk_of(k, p, m.l2_bytes / share);
            for (p.unroll = 1; p.chunk > 0 && p.unroll <= 8; p.unroll *= 2)
                for (const std::int32_t ahead : {0, reduction_of(k)}) {
                    p.ahead = ahead;
                    if (channels % p.unroll == 0) f(p);
                }
        }
        p.unroll = 1, p.ahead = p.chunk = 0;
        const std::int32_t batch = k.output.extent[batch_axis];
        const bool whole_rows = !p.join && p.tile == k.output.extent[1];
        const std::int32_t most = whole_rows ? std::min(batch, 14 / p.tile) : 1;
        for (p.samples = 1; p.samples <= most && fits_registers(p.tile * p.samples, vectors, p.lanes, m); ++p.samples)
            for (p.filters_outside = 0; p.filters_outside < std::min(batch, 2); ++p.filters_outside)
                if (p.samples > 1 || p.filters_outside) f(p);
        p.samples = 1, p.filters_outside = 0;
    }
}

}  // namespace

direct_conv_extents direct_conv_extents_of(const kernel& k, const direct_conv_parameters& p) {
    return {row_of(k, p), rows_of(k, p), steps_of(k, p)};
}

direct_conv_parameters direct_conv_parameters_of(const schedule& how) {
    const auto& p = how.parameters;
    return {p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7], p[8], p[9], p[10]};
}

bool looks_up_input_rows(const kernel& k) {
    const auto a = unpack<ops::conv::attributes>(k.attributes);
    for (std::size_t axis = 0; axis < 2; ++axis)
        if (a.slide.extent[axis] != 1 || a.slide.stride[axis] != 1 || a.slide.pad_before[axis] != 0 ||
            a.slide.pad_after[axis] != 0)
            return true;
    return k.inputs[0].where.has_row_gaps();
}

bool joins_rows(const kernel& k) {
    return k.what == anchor::operation && k.how.which == family::direct_conv &&
           direct_conv_parameters_of(k.how).join != 0;
}

direct_conv_parameters direct_conv_defaults(const kernel& k, const machine& m) {
    const auto a = unpack<ops::conv::attributes>(k.attributes);
    const std::int32_t filters = a.filters / a.groups;
    cheapest<direct_conv_parameters> all;
    for_each_direct_conv(k, m, [&](const direct_conv_parameters& p) {
        if (p.tile > usual_tile || p.unroll != 1 || p.ahead > 0 || p.part > 0 || p.chunk > 0 || p.widen) return;
        double cost = plane_cycles(k, filters, p, m) * (shares_lines(filters, p) ? 1.05 : 1);
        if (p.join && m.registers >= 32) cost *= 1.02;  // rows are not joined for nothing
        all.see(p, cost);
    });
    direct_conv_parameters best = all.found();
    const std::int32_t reduction = reduction_of(k);
    const bool in_order = best.samples == 1 && best.filters_outside == 0;  // over all filters for each sample
    const bool many_registers = m.registers >= 32;
    const bool large = std::int64_t{4} * reduction * a.filters >= large_weights;
    if (in_order && large && best.tile < least_tile && k.inputs[1].packed.stored != storage::float32)
        best.ahead = std::min(steps_soon(k, best), reduction);
    if (in_order && large && best.tile >= least_tile) {
        const std::int32_t rows = best.join ? 1 : k.output.extent[2];
        best.part = part_of(k, m, best);
        if (best.part > 0)
            best.ahead = best.part;
        else if (many_registers || best.tiles_in(row_of(k, best)) * rows <= most_ahead)
            best.ahead = reduction;
    }
    if (many_registers && in_order && best.part == 0) best.chunk = chunk_of_a_task(k, best);
    if (!many_registers && in_order && best.part == 0 && best.tile >= least_tile) {
        best.unroll = power_of_two_dividing(k.inputs[0].where.extent[0] / a.groups, 4);
        if (best.ahead == 0) best.chunk = chunk_that_pays(k, m, best);
    }
    return with_widened_weights(k, best);
}

direct_conv_parameters with_widened_weights(const kernel& k, const direct_conv_parameters& p) {
    if (k.inputs[1].packed.stored == storage::float32) return p;
    const auto register_blocks = [&](const direct_conv_parameters& each) {
        const std::int32_t rows = each.chunk > 0 ? each.chunk : rows_of(k, each);
        return rows * (each.join ? 1 : each.tiles_in(row_of(k, each)));
    };
    direct_conv_parameters widened = p;
    widened.widen = 1;
    widened.ahead = p.ahead > 0 ? steps_of(k, p) : 0;
    while (widened.chunk > 0 && register_blocks(widened) < enough_to_widen_for) {
        widened.chunk *= 2;
        if (widened.chunk >= rows_of(k, p)) widened.chunk = 0;
    }
    if (register_blocks(widened) < fewest_to_widen_for) return p;
    if (can_widen(k, widened)) return widened;
    if (p.samples > 1 || p.filters_outside) return p;
    widened.chunk = 0, widened.unroll = 1;
    for (widened.part = most_part; widened.part >= least_part; widened.part /= 2) {
        widened.ahead = p.ahead > 0 ? widened.part : 0;
        if (can_part(k, widened, widened.part) && can_widen(k, widened)) return widened;
    }
    return p;
}

void for_each_direct_conv(const kernel& k, const machine& m,
                          const std::function<void(const direct_conv_parameters&)>& f) {
    const auto a = unpack<ops::conv::attributes>(k.attributes);
    const std::int32_t filters = a.filters / a.groups;
    direct_conv_parameters p;
    p.lanes = m.lanes;
    while (p.lanes > 1 && p.lanes / 2 >= filters) p.lanes /= 2;
    if (a.groups > 1)  // a block must not straddle two groups
        while (filters % p.lanes != 0) p.lanes /= 2;
    for (std::int32_t vectors = 1; vectors <= 8; ++vectors) {
        if (vectors > 1 && divided_up(filters, p.lanes) < vectors) break;
        p.block = p.lanes * vectors;
        if (a.groups > 1 && filters % p.block != 0) continue;
        for (p.join = 0; p.join <= (k.output.extent[2] > 1 ? 1 : 0); ++p.join)
            for_each_tile(k, m, p, [&](direct_conv_parameters one) {
                f(one);
                if (can_widen(k, one)) one.widen = 1, f(one);
            });
    }
}

schedule schedule_of(const direct_conv_parameters& p) {
    return {
        family::direct_conv,
        {p.lanes, p.block, p.tile, p.unroll, p.ahead, p.part, p.samples, p.filters_outside, p.join, p.chunk, p.widen}};
}

double direct_conv_cycles(const kernel& k, const machine& m, const direct_conv_parameters& p) {
    const auto& e = k.output.extent;
    const double reduction = reduction_of(k);
    const double products = plane_cycles(k, e[0], p, m) * reduction * e[3];
    const double weights = static_cast<double>(bytes_of(k.inputs[1].packed.stored)) * reduction * e[0];
    const bool computed = k.inputs[1].is_computed;
    return std::max(products, computed ? weights / cache_bytes_per_cycle(weights, m) : first_read_cycles(weights, m));
}

}  // namespace kiln::schedules
