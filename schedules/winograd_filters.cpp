#include <kiln/schedules/winograd_filters.hpp>

#include <algorithm>
#include <cstdlib>

#include <kiln/schedules/register_block.hpp>
#include <kiln/schedules/stages.hpp>

namespace kiln::schedules {

winograd_filters_parameters winograd_filters_parameters_of(const kernel& k) {
    const auto& p = k.how.parameters;
    return {p[0], p[1], p[2]};
}

namespace {

/// Tasks of as many blocks each.
std::int32_t tasks_of(const kernel& k) { return divisor_up_to(k.output.extent[batch_axis], tasks_for(work_of(k))); }

}  // namespace

winograd_filters_parameters winograd_filters_defaults(const kernel& k, const machine& m) {
    const view &from = k.inputs[0].where, &to = k.output;
    winograd_filters_parameters p;
    p.lanes = power_of_two_dividing(to.extent[0], m.lanes);
    const bool turned = std::abs(from.stride[0]) != 1 && std::abs(from.stride[1]) == 1;
    if (turned) p.channels = power_of_two_dividing(to.extent[1], m.lanes);
    p.tasks = tasks_of(k);
    return p;
}

void for_each_winograd_filters(const kernel& k, const machine& m,
                               const std::function<void(const winograd_filters_parameters&)>& f) {
    const std::int32_t most = power_of_two_dividing(k.output.extent[0], m.lanes);
    for (std::int32_t lanes = most; lanes >= std::max(most / 2, 4); lanes /= 2) {
        f({lanes, 0, tasks_of(k)});
        for (std::int32_t channels = power_of_two_dividing(k.output.extent[1], m.lanes); channels >= 4; channels /= 2)
            f({lanes, channels, tasks_of(k)});
    }
}

schedule schedule_of(const winograd_filters_parameters& p) {
    return {family::winograd_filters, {p.lanes, p.channels, p.tasks}};
}

attribute_words attributes_of(const winograd_tile& tile) { return {tile.outputs, tile.taps, tile.stride}; }

winograd_tile tile_of_filters(const kernel& k) { return {k.attributes[0], k.attributes[1], k.attributes[2]}; }

double winograd_filters_cycles(const kernel& convolution, const machine& m, const winograd_tile& tile) {
    const dims& shape = convolution.inputs[1].shape;
    const double taps = tile.taps, filters = static_cast<double>(shape.volume()) / (taps * taps);
    const double reach = tile.reach(), frequencies = tile.frequencies(), bytes = 4 * filters * frequencies;
    // Each is stored, loads its line before that, and the line leaves the cache again.
    const double traffic = 3 * bytes / cache_bytes_per_cycle(bytes, m);
    const double transform = filters / m.lanes * (taps * reach + frequencies) * 2.5 / 2;
    return traffic + transform + taps * taps * filters;
}

void schedule_winograd_filters(const kernel& k, const winograd_filters_parameters& p, stages& s) {
    using Halide::Var;
    winograd_stages& g = s.winograd;
    Var vec("vec"), lane("lane"), some("some"), channel("channel"), task("task"), in_task("in_task");
    Halide::Func f = s.result;
    f.split(s.c, vec, lane, p.lanes).split(s.x, some, channel, std::max(p.channels, 1));
    f.reorder({lane, s.y, channel, vec, some, s.z, s.n}).vectorize(lane).unroll(s.y);
    if (p.tasks > 1) f.split(s.n, task, in_task, k.output.extent[batch_axis] / p.tasks).parallel(task);
    g.columns.compute_at(f, channel)
        .store_in(Halide::MemoryType::Stack)
        .vectorize(s.c, p.lanes)
        .unroll(g.i)
        .unroll(g.j);
    if (p.channels == 0) return;
    g.taps.compute_at(f, vec)
        .store_in(Halide::MemoryType::Stack)
        .reorder_storage(s.x, s.c, g.i, g.j, s.n)
        .reorder(s.x, s.c, g.i, g.j)
        .vectorize(s.x, p.channels)
        .unroll(s.c);
}

}  // namespace kiln::schedules
