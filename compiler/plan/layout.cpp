#include <kiln/compiler/plan/layout.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <kiln/compiler/plan/axes.hpp>
#include <kiln/dsl/ops/conv.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::plan {
namespace {

constexpr std::size_t at(int i) { return static_cast<std::size_t>(i); }

// Positions whose distance is a multiple of 4 KiB fall into the same set of the first-level cache; a convolution reads
// a dozen of them at once.
constexpr std::int32_t pitch_of(std::int32_t channels) { return channels % 256 == 0 ? channels + 16 : channels; }

struct builder {
    const ir::graph& g;
    layout made{};
    std::vector<bool> read_densely = std::vector<bool>(at(g.size()));  // by flatten or a dense layer

    int add_buffer(const dims& shape, space where = space::arena, int index = 0) {
        buffer b;
        b.shape = shape;
        b.where = where;
        b.index = index;
        b.contiguous = where != space::arena;
        made.buffers.push_back(b);
        return static_cast<int>(made.buffers.size()) - 1;
    }

    bool is_output(ir::node_id id) const {
        return std::any_of(g.outputs.begin(), g.outputs.end(), [&](const ir::output& o) { return o.node == id; });
    }

    bool placed(ir::node_id id) const { return made.of[at(id)].buffer >= 0; }

    // Whether the operand can be written straight into its concatenation.
    bool can_be_slice(ir::node_id id) const {
        const op kind = g[id].kind;
        return !is_leaf(kind) && kind != op::flatten && !placed(id) && !is_output(id) && !read_densely[at(id)];
    }

    // From the last to the first, so that a concatenation inside another one finds its place already given.
    void place_concatenations() {
        for (ir::node_id id = g.size() - 1; id >= 0; --id) {
            if (g[id].kind != op::concat) continue;
            if (!placed(id)) made.of[at(id)] = {add_buffer(ir::sample_dims(g[id])), 0, false};
            const location whole = made.of[at(id)];
            std::int32_t channel = whole.channel;
            for (const ir::node_id o : g[id].operands) {
                const location slice{whole.buffer, channel, false};
                if (can_be_slice(o))
                    made.of[at(o)] = slice;
                else
                    made.copies.push_back({o, {}, slice});
                channel += ir::sample_dims(g[o]).channels();
            }
        }
    }

    void place_others() {
        int inputs = 0;
        for (ir::node_id id = 0; id < g.size(); ++id) {
            const ir::node& n = g[id];
            if (ir::is_weight(n) || n.kind == op::flatten || placed(id)) continue;
            const bool input = n.kind == op::input;
            made.of[at(id)] = {
                add_buffer(ir::sample_dims(n), input ? space::input : space::arena, input ? inputs++ : 0)};
        }
    }

    // How far a convolution reads before and after its input on view axis 0 (x), 1 or 2.
    void want_halos() {
        for (const ir::node& n : g.nodes) {
            if (n.kind != op::conv) continue;
            const ir::node_id x = n.operands[0];
            const ops::conv::attributes a =
                to_view_order(ir::attributes_of<ops::conv::attributes>(n), ir::sample_dims(n));
            const auto in = extents_of(ir::sample_dims(g[x]), 1), out = extents_of(ir::sample_dims(n), 1);
            std::array<std::int32_t, 3> before{}, after{};
            bool any = false;
            for (int axis = 0; axis < 3; ++axis) {
                const ops::window& w = a.slide;
                const std::int32_t last = (out[at(axis) + 1] - 1) * w.stride[at(axis)] +
                                          (w.extent[at(axis)] - 1) * w.dilation[at(axis)] - w.pad_before[at(axis)];
                before[at(axis)] = w.pad_before[at(axis)];
                after[at(axis)] = std::max(0, last - (in[at(axis) + 1] - 1));
                any = any || before[at(axis)] > 0 || after[at(axis)] > 0;
            }
            if (any) widen(x, before, after);
        }
    }

    void widen(ir::node_id id, const std::array<std::int32_t, 3>& before, const std::array<std::int32_t, 3>& after) {
        location& l = made.of[at(id)];
        if (made.buffers[at(l.buffer)].where == space::input) {  // the caller's memory has no halo: read a copy
            const location staged{add_buffer(ir::sample_dims(g[id]))};
            made.copies.insert(made.copies.begin(), {id, l, staged});  // before any copy of the copy
            l = staged;
        }
        schedules::view& v = made.buffers[at(l.buffer)].layout;
        for (std::size_t axis = 0; axis < 3; ++axis) {
            v.halo_before[axis] = std::max(v.halo_before[axis], before[axis]);
            v.halo_after[axis] = std::max(v.halo_after[axis], after[axis]);
        }
    }

    static bool has_halo(const buffer& b) {
        const schedules::view& v = b.layout;
        return v.halo_before != std::array<std::int32_t, 3>{} || v.halo_after != std::array<std::int32_t, 3>{};
    }

    bool fills_buffer(ir::node_id id) const {
        const location& l = made.of[at(id)];
        return ir::sample_dims(g[id]).volume() == made.buffers[at(l.buffer)].shape.volume();
    }

    // A place where the value lies without gaps: its own if that can be made so, otherwise a copy's.
    location densely(ir::node_id id) {
        location& dense = made.dense_of[at(id)];
        if (dense.buffer >= 0) return dense;
        const location own = made.of[at(id)];
        if (own.flat || (fills_buffer(id) && !has_halo(made.buffers[at(own.buffer)]))) {
            dense = own;
        } else {
            dense = {add_buffer(ir::sample_dims(g[id]))};
            made.copies.push_back({id, own, dense});
        }
        made.buffers[at(dense.buffer)].contiguous = true;
        return dense;
    }

    void place_flat_views() {
        for (ir::node_id id = 0; id < g.size(); ++id) {
            const ir::node& n = g[id];
            if (n.kind != op::flatten && n.kind != op::dense) continue;
            location seen = densely(n.operands[0]);
            seen.flat = true;
            if (n.kind == op::flatten) made.of[at(id)] = seen;
        }
    }

    void place_outputs() {
        for (std::size_t k = 0; k < g.outputs.size(); ++k) {
            const ir::node_id id = g.outputs[k].node;
            const location own = made.of[at(id)];
            buffer& b = made.buffers[at(own.buffer)];
            if (b.where == space::arena && fills_buffer(id) && !has_halo(b)) {
                b.where = space::output;
                b.index = static_cast<int>(k);
                b.contiguous = true;
            } else {
                made.copies.push_back(
                    {id, own, {add_buffer(ir::sample_dims(g[id]), space::output, static_cast<int>(k))}});
            }
        }
    }

    void fix_strides() {
        for (buffer& b : made.buffers) {
            schedules::view& v = b.layout;
            v.extent = extents_of(b.shape, g.batch);
            v.stride[0] = 1;
            v.stride[1] = b.contiguous ? v.extent[0] : pitch_of(v.extent[0]);
            for (std::size_t axis = 1; axis < 4; ++axis)
                v.stride[axis + 1] =
                    v.stride[axis] * (v.halo_before[axis - 1] + v.extent[axis] + v.halo_after[axis - 1]);
            b.origin = v.origin();
            b.bytes = v.stride[4] * v.extent[4] * static_cast<std::int64_t>(sizeof(float));
            if (v.stride[4] > std::numeric_limits<std::int32_t>::max() ||
                b.bytes > std::int64_t(std::numeric_limits<std::int32_t>::max()) * 4)
                throw error(
                    fmt::format("{}: an activation of {} for a batch of {} is larger than Kiln can index (2^31 "
                                "elements); use a smaller batch or input",
                                g.name, ir::text_of(b.shape), g.batch));
        }
    }
};

}  // namespace

schedules::view layout::view_of(const location& at_, const dims& d, int batch) const {
    const buffer& b = buffers[at(at_.buffer)];
    schedules::view v = b.layout;
    if (at_.flat) {
        v = {};
        v.extent = {static_cast<std::int32_t>(d.volume()), 1, 1, 1, batch};
        v.stride = {1, d.volume(), d.volume(), d.volume(), d.volume()};
        return v;
    }
    v.extent = extents_of(d, batch);
    return v;
}

place layout::place_of(const location& at_) const {
    const buffer& b = buffers[at(at_.buffer)];
    return {b.where, b.index, b.byte + (b.origin + at_.channel) * static_cast<std::int64_t>(sizeof(float))};
}

layout lay_out(const ir::graph& g) {
    for (const ir::output& o : g.outputs)
        if (ir::is_weight(g[o.node]))
            throw error(
                fmt::format("{}: output \"{}\" is a weight, not something the network computes", g.name, o.name));
    builder b{g};
    b.made.of.resize(at(g.size()));
    b.made.dense_of.resize(at(g.size()));
    for (const ir::node& n : g.nodes)
        if (n.kind == op::flatten || (n.kind == op::dense && ir::sample_dims(g[n.operands[0]]).rank > 1))
            b.read_densely[at(n.operands[0])] = true;
    b.place_concatenations();
    b.place_others();
    b.want_halos();
    b.place_flat_views();
    b.place_outputs();
    // A copy into a concatenation was noted before its source had a place.
    for (value_copy& c : b.made.copies)
        if (c.from.buffer < 0) c.from = b.made.of[at(c.value)];
    b.fix_strides();
    return std::move(b.made);
}

}  // namespace kiln::plan
