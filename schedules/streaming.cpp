#include <kiln/schedules/streaming.hpp>

#include <algorithm>

#include <kiln/dsl/ops/max_unpool.hpp>
#include <kiln/dsl/ops/pool.hpp>
#include <kiln/schedules/spread.hpp>

namespace kiln::schedules {
namespace {

struct vector_loop {
    Halide::Var outer{"vo"}, inner{"vi"}, other;
};

/// Whether the loops over a pooling's window cost as much as what they do.
bool has_small_window(const kernel& k) {
    constexpr std::int64_t small = 9;
    if (k.what != anchor::operation) return false;
    switch (k.kind) {
        case op::max_pool:
        case op::max_pool_place:
        case op::average_pool: return ops::window_volume(unpack<ops::pool_attributes>(k.attributes).slide, 3) <= small;
        case op::max_unpool:
            return ops::max_unpool::windows(unpack<ops::max_unpool::attributes>(k.attributes)) <= small;
        default: return false;
    }
}

// Splits and vectorises the result; returns the loops.
vector_loop vectorize_result(const kernel& k, const streaming_parameters& p, stages& s) {
    using Halide::TailStrategy;
    vector_loop v;
    const Halide::Var& along = p.along_x ? s.x : s.c;
    v.other = p.along_x ? s.c : s.x;
    const std::int32_t extent = k.output.extent[p.along_x ? 1 : 0];
    s.result
        .split(along, v.outer, v.inner, p.lanes,
               extent % p.lanes == 0 ? TailStrategy::RoundUp : TailStrategy::ShiftInwards)
        .vectorize(v.inner);
    spread(k, s,
           p.along_x ? std::vector<Halide::VarOrRVar>{v.inner, v.other, v.outer}
                     : std::vector<Halide::VarOrRVar>{v.inner, v.outer, v.other});
    return v;
}

}  // namespace

bool reduces_columns_first(const kernel& k) {
    if (k.what != anchor::operation || k.kind != op::max_pool || k.how.parameters[1] == 0) return false;
    const ops::window w = unpack<ops::pool_attributes>(k.attributes).slide;
    return w.extent[0] > 1 && w.extent[0] == w.stride[0] && w.dilation[0] == 1 && w.pad_before[0] == 0 &&
           w.pad_after[0] == 0 && k.inputs[0].where.stride[1] == 1;
}

schedule schedule_of(family which, const streaming_parameters& p) { return {which, {p.lanes, p.along_x}}; }

void for_each_streaming(const kernel& k, const machine& m, const std::function<void(const streaming_parameters&)>& f) {
    for (std::int32_t along_x = 0; along_x <= 1; ++along_x)
        for (std::int32_t lanes = 1; lanes <= std::min(m.lanes, k.output.extent[along_x ? 1 : 0]); lanes *= 2)
            f({lanes, along_x});
}

std::int32_t too_few_channels(bool side_by_side, const machine& m) {
    return side_by_side ? std::min(m.lanes, 8) : m.lanes / 2;
}

bool goes_along_x(std::int32_t channels, std::int32_t width, bool side_by_side, const machine& m) {
    return channels < too_few_channels(side_by_side, m) && width > channels;
}

streaming_parameters streaming_defaults(const kernel& k, const machine& m) {
    const std::int32_t channels = k.output.extent[0], width = k.output.extent[1];
    streaming_parameters p;
    const bool side_by_side = !k.inputs.empty() && k.inputs[0].where.stride[1] == 1 && k.output.stride[1] == 1;
    p.along_x = goes_along_x(channels, width, side_by_side, m);
    const std::int32_t extent = p.along_x ? width : channels;
    while (p.lanes * 2 <= std::min(m.lanes, extent)) p.lanes *= 2;
    return p;
}

void schedule_pointwise(const kernel& k, const streaming_parameters& p, stages& s) { vectorize_result(k, p, s); }

void schedule_pooling(const kernel& k, const streaming_parameters& p, stages& s) {
    const vector_loop v = vectorize_result(k, p, s);
    const Halide::Var& along = p.along_x ? s.x : s.c;
    if (s.columns.defined()) {
        const std::vector<Halide::RVar> rows = s.columns.rvars();
        std::vector<Halide::VarOrRVar> order{s.x};
        for (const Halide::RVar& r : rows) order.emplace_back(r);
        s.columns.compute_at(s.result, v.other).store_in(Halide::MemoryType::Stack).vectorize(s.x, p.lanes).unroll(s.x);
        s.columns.update().reorder(order).vectorize(s.x, p.lanes).unroll(s.x);
        if (has_small_window(k))
            for (const Halide::RVar& r : rows) s.columns.update().unroll(r);
    }
    std::vector<Halide::VarOrRVar> order{along};
    for (const Halide::RVar& r : s.reduction) order.emplace_back(r);
    std::vector<Halide::Func> accumulators = s.per_position;
    accumulators.push_back(s.sum);
    for (Halide::Func f : accumulators) {
        f.compute_at(s.result, p.along_x ? v.other : v.outer)
            .store_in(Halide::MemoryType::Stack)
            .vectorize(along, p.lanes);
        f.update().reorder(order).vectorize(along, p.lanes);
        if (has_small_window(k))
            for (const Halide::RVar& r : s.reduction) f.update().unroll(r);
    }
}

std::int32_t softmax_lanes(std::int32_t channels) {
    for (const std::int32_t lanes : {16, 8, 4})
        if (channels % lanes == 0) return lanes;
    return 16;
}

void schedule_softmax(const kernel& k, const streaming_parameters&, stages& s) {
    // Statistics are per position, so channels fill the vector however few there are.
    streaming_parameters along_channels;
    while (along_channels.lanes * 2 <= std::min(16, k.output.extent[0])) along_channels.lanes *= 2;
    const vector_loop v = vectorize_result(k, along_channels, s);
    for (Halide::Func f : s.per_position) {
        f.compute_at(s.result, v.other).store_in(Halide::MemoryType::Stack);
        const Halide::Var first = f.args()[0];
        if (first.name() == "lane") {
            f.bound(first, 0, softmax_lanes(k.output.extent[0])).vectorize(first);
            if (f.has_update_definition()) f.update().reorder({first, s.reduction[0]}).vectorize(first);
        }
    }
}

}  // namespace kiln::schedules
