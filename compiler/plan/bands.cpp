#include <kiln/compiler/plan/bands.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <utility>

#include <kiln/dsl/ops/conv.hpp>
#include <kiln/dsl/ops/pool.hpp>
#include <kiln/schedules/register_block.hpp>
#include <kiln/schedules/winograd.hpp>

namespace kiln::plan {
namespace {

using schedules::anchor;
using schedules::operand;
using schedules::view;

constexpr std::size_t y = 2;            // of a view's axes
constexpr std::size_t y_of_window = 1;  // of a window's
// Of the last layer, in a band: fewer are more calls than work.
constexpr std::int32_t fewest_rows = 4;
// Weights are read once for each band; so many times as large, a tensor is worth it.
constexpr double worth_of_weights = 8;

struct rows {
    std::int32_t first = 0, end = 0;
};

/// The window that an anchor slides over rows; none where it takes each row for itself.
std::optional<ops::window> window_of(const schedules::kernel& k) {
    if (k.what != anchor::operation) return std::nullopt;
    if (k.kind == op::conv) return unpack<ops::conv::attributes>(k.attributes).slide;
    return unpack<ops::pool_attributes>(k.attributes).slide;
}

void set_window(schedules::kernel& k, const ops::window& w) {
    const auto set = [&](auto a) {
        a.slide = w;
        k.attributes = kiln::pack(a);
    };
    k.kind == op::conv ? set(unpack<ops::conv::attributes>(k.attributes))
                       : set(unpack<ops::pool_attributes>(k.attributes));
}

/// The rows of its anchor's input that some of its output's need, those beyond the ends included.
rows needed(const schedules::kernel& k, const rows& of_output) {
    const std::optional<ops::window> w = window_of(k);
    if (!w) return of_output;
    const std::int32_t reach = ops::dilated(w->extent[y_of_window], w->dilation[y_of_window]);
    const std::int32_t stride = w->stride[y_of_window], before = w->pad_before[y_of_window];
    return {of_output.first * stride - before, (of_output.end - 1) * stride - before + reach};
}

std::int64_t bytes_written(const call& c) { return elements_of(c.k.output) * bytes_of(c.k.output.type); }

std::int64_t weights_bytes_of(const call& c) {
    std::int64_t bytes = 0;
    for (const operand& o : c.k.inputs)
        if (o.is_weight) bytes += o.shape.volume() * 4;
    return bytes;
}

/// Whether rows of its output can be computed by themselves and lose nothing by it, as Winograd's convolutions would:
/// their weights, which are many times as large, would be read again for the few tiles of each band.
bool has_rows(const call& c, const schedules::machine& m) {
    if (schedules::winograd_takes(c.k, m) || c.k.pool > 1) return false;
    const view& out = c.k.output;
    if (out.extent[y] < 2 || out.extent[3] != 1 || schedules::is_wide(c.k) || out.type != element::float32 ||
        out.extent[schedules::batch_axis] > 1)
        return false;
    if (c.k.what == anchor::filter_transform) return false;
    if (c.k.what == anchor::operation && c.k.kind != op::conv && c.k.kind != op::max_pool) return false;
    for (std::size_t i = 0; i < c.inputs.size(); ++i) {
        const operand& o = c.k.inputs[i];
        if (c.inputs[i].packs >= 0 || (c.inputs[i].block >= 0 && c.inputs[i].block == c.output.block)) return false;
        const bool of_anchor = static_cast<int>(i) < c.k.anchor_operands;
        if (o.is_weight && !of_anchor && o.shape.rank > 1) return false;  // it would have to be cut, too
        if (!o.is_weight && o.where.stride[y] < 0) return false;
        if (!o.is_weight && i > 0 && of_anchor) return false;
    }
    return c.k.what == anchor::operation || c.k.inputs[0].where.extent == out.extent;
}

/// Rows `of_all` of a view, none of which are beyond its ends.
void cut(view& v, argument& a, const rows& of_all) {
    if (of_all.first > 0) v.halo_before[y_of_window] = 0;
    if (of_all.end < v.extent[y]) v.halo_after[y_of_window] = 0;
    v.extent[y] = of_all.end - of_all.first;
    a.byte += of_all.first * v.stride[y] * bytes_of(v.type);
}

/// The part of a call that computes these rows.
call part_of(call c, const rows& wanted) {
    const std::int32_t height = c.k.output.extent[y];
    for (std::size_t i = 0; i < c.inputs.size(); ++i) {
        operand& o = c.k.inputs[i];
        if (o.is_weight) continue;
        const std::int32_t input_height = o.where.extent[y];
        rows of_input = wanted;
        if (std::optional<ops::window> w = i == 0 ? window_of(c.k) : std::nullopt) {
            const rows all = needed(c.k, wanted);
            of_input = {std::max(all.first, 0), std::min(all.end, input_height)};
            w->pad_before[y_of_window] = of_input.first - all.first;
            w->pad_after[y_of_window] = all.end - of_input.end;
            set_window(c.k, *w);
        }
        cut(o.where, c.inputs[i], of_input);
    }
    cut(c.k.output, c.output, wanted);
    c.rows = {wanted.first, wanted.end - wanted.first, height};
    return c;
}

class chain {
public:
    chain(const std::vector<call>& calls, std::size_t first, std::size_t end)
        : calls_(calls), first_(first), end_(end) {}

    /// How many rows each call must have computed before the last one has computed `last`.
    std::vector<std::int32_t> progress(std::int32_t last) const {
        std::vector<std::int32_t> done(end_ - first_, 0);
        done.back() = last;
        for (std::size_t i = end_ - 1; i > first_; --i) {
            const call& reader = calls_[i];
            for (std::size_t input = 0; input < reader.inputs.size(); ++input)
                for (std::size_t writer = first_; writer < i; ++writer) {
                    if (!reads(reader, input, calls_[writer])) continue;
                    const rows of_reader{0, done[i - first_]};
                    const std::int32_t end = input == 0 ? needed(reader.k, of_reader).end : of_reader.end;
                    std::int32_t& of_writer = done[writer - first_];
                    of_writer = std::max(of_writer, std::min(end, calls_[writer].k.output.extent[y]));
                }
        }
        return done;
    }

    void append(std::int32_t bands, std::vector<call>& all) const {
        std::vector<std::int32_t> done(end_ - first_, 0);
        const std::int32_t height = calls_[end_ - 1].k.output.extent[y];
        for (std::int32_t band = 1; band <= bands; ++band) {
            std::vector<std::int32_t> next = progress((height * band + bands - 1) / bands);
            for (std::size_t i = first_; i < end_; ++i) {
                std::int32_t& end = next[i - first_];
                if (band == bands) end = calls_[i].k.output.extent[y];
                if (end > done[i - first_]) all.push_back(part_of(calls_[i], {done[i - first_], end}));
            }
            done = std::move(next);
        }
    }

private:
    const std::vector<call>& calls_;
    std::size_t first_, end_;
};

/// Whether the call may run by bands together with those since `first`: what it reads of theirs it reads whole, rows
/// for rows, and it writes to nothing that their later bands touch.
bool follows(const std::vector<call>& calls, std::size_t first, std::size_t i) {
    for (std::size_t before = first; before < i; ++before) {
        if (calls[before].output.block == calls[i].output.block) return false;
        for (const argument& a : calls[before].inputs)
            if (a.block == calls[i].output.block) return false;
        for (std::size_t input = 0; input < calls[i].inputs.size(); ++input)
            if (calls[i].inputs[input].block == calls[before].output.block && !reads(calls[i], input, calls[before]))
                return false;
    }
    return true;
}

/// Whether what the call before it wrote would have to come back from beyond the second-level cache, which is worth
/// reading its weights again for each band.
bool gains(const std::vector<call>& calls, std::size_t i, double cache) {
    const call &writer = calls[i - 1], &reader = calls[i];
    bool linked = false;
    for (std::size_t input = 0; input < reader.inputs.size(); ++input) linked |= reads(reader, input, writer);
    const auto between = static_cast<double>(bytes_written(writer));
    return linked && between > cache && worth_of_weights * static_cast<double>(weights_bytes_of(reader)) < between;
}

}  // namespace

std::vector<call> in_bands(std::vector<call> calls, const schedules::machine& m, std::int32_t threads) {
    const double cache = schedules::stays_in_l2(m) * threads;
    std::vector<call> all;
    for (std::size_t first = 0, end = 0; first < calls.size(); first = end) {
        std::int64_t most = 0;  // that two neighbours write
        end = first + 1;
        if (has_rows(calls[first], m))
            for (; end < calls.size() && has_rows(calls[end], m); ++end) {
                if (!gains(calls, end, cache) || !follows(calls, first, end)) break;
                most = std::max(most, bytes_written(calls[end - 1]) + bytes_written(calls[end]));
            }
        const auto bands = static_cast<std::int32_t>(std::ceil(static_cast<double>(most) / cache));
        if (bands > 1 && calls[end - 1].k.output.extent[y] / bands >= fewest_rows)
            chain(calls, first, end).append(bands, all);
        else
            std::move(calls.begin() + static_cast<std::ptrdiff_t>(first),
                      calls.begin() + static_cast<std::ptrdiff_t>(end), std::back_inserter(all));
    }
    return all;
}

}  // namespace kiln::plan
