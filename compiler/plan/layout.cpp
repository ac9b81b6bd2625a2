#include <kiln/compiler/plan/layout.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <kiln/compiler/ops/operator.hpp>
#include <kiln/compiler/plan/arrange.hpp>
#include <kiln/compiler/plan/axes.hpp>
#include <kiln/dsl/ops/ops.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/schedules/conv_variants.hpp>
#include <kiln/schedules/streaming.hpp>

namespace kiln::plan {
namespace {

constexpr std::size_t at(int i) { return static_cast<std::size_t>(i); }

// Positions whose distance is a multiple of 4 KiB fall into the same set of the first-level cache; a convolution reads
// a dozen of them at once.
constexpr std::int32_t pitch_of(std::int32_t channels) { return channels % 256 == 0 ? channels + 16 : channels; }

using halo = std::array<std::int32_t, 3>;

/// What is read beyond the borders of a value, on the view's axes x, y and z.
struct border {
    halo before{}, after{};

    bool any() const { return before != halo{} || after != halo{}; }
    void widen(const border& other) {
        for (std::size_t axis = 0; axis < 3; ++axis) {
            before[axis] = std::max(before[axis], other.before[axis]);
            after[axis] = std::max(after[axis], other.after[axis]);
        }
    }
};

/// Whether the operator's kernel loads neighbouring channels at once.
bool wants_channels_side_by_side(op kind) {
    return kind == op::conv || kind == op::max_pool || kind == op::max_pool_place || kind == op::max_unpool ||
           kind == op::average_pool || kind == op::local_response_norm || kind == op::softmax || kind == op::upsample ||
           kind == op::filter_gradient;
}

/// Whether the operator leaves elements in their order.
bool keeps_order(op kind) { return kind == op::merge_batch || kind == op::split_batch || kind == op::reshape; }

struct builder {
    const ir::graph& g;
    const schedules::machine& machine;
    layout made{};
    std::vector<bool> read_densely = std::vector<bool>(at(g.size()));  // by flatten, reshape or a dense layer
    std::vector<border> borders = std::vector<border>(at(g.size()));   // what convolutions read beyond the value
    std::vector<bool> viewed = std::vector<bool>(at(g.size()));        // by an operator that only arranges
    std::vector<bool> staged = std::vector<bool>(at(g.size()));        // some reader needs channels side by side
    std::vector<value_copy> staging{};                                 // run before any other copy of the value

    int add_buffer(const ir::node& n, space where = space::arena, int index = 0) {
        buffer b;
        b.shape = ir::sample_dims(n);
        b.batch = ir::batch_of(n);
        b.layout.type = n.type;
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

    bool joins_channels(const ir::node& n) const {
        return n.kind == op::concat && ir::attributes_of<ops::concat::attributes>(n).from_last == 0;
    }

    // Whether the operand can be written straight into its concatenation.
    bool can_be_slice(ir::node_id id, const ir::node& whole) const {
        const ir::node& n = g[id];
        if (is_leaf(n.kind) || n.kind == op::flatten || n.kind == op::reshape || only_arranges(g, n)) return false;
        if (n.kind == op::concat && !joins_channels(n)) return false;
        return joins_channels(whole) && ir::batch_of(n) == ir::batch_of(whole) && !placed(id) && !is_output(id) &&
               !read_densely[at(id)];
    }

    // From the last to the first, so that a concatenation inside another one finds its place already given.
    void place_concatenations() {
        for (ir::node_id id = g.size() - 1; id >= 0; --id) {
            const ir::node& n = g[id];
            if (n.kind != op::concat) continue;
            if (!placed(id)) made.of[at(id)] = {add_buffer(n)};
            const location whole = made.of[at(id)];
            const auto axis = static_cast<std::size_t>(
                schedules::axis_of_sample(ir::attributes_of<ops::concat::attributes>(n).from_last));
            std::int32_t position = whole.position;
            for (const ir::node_id o : n.operands) {
                const location slice{whole.buffer, axis, position};
                if (can_be_slice(o, n))
                    made.of[at(o)] = slice;
                else
                    made.copies.push_back({o, {}, slice});
                position += extents_of(ir::sample_dims(g[o]), 1)[axis];
            }
        }
    }

    // How far a convolution reads before and after its input.
    void find_borders() {
        for (const ir::node& n : g.nodes) {
            if (!n.operands.empty() && wants_channels_side_by_side(n.kind)) staged[at(n.operands[0])] = true;
            if (!n.operands.empty() && only_arranges(g, n)) viewed[at(n.operands[0])] = true;
            if (n.kind != op::conv && n.kind != op::filter_gradient) continue;
            const auto a = unpack<ops::conv::attributes>(to_view_order(n.kind, n.attributes, ir::sample_dims(n)));
            ir::node_id x = n.operands[0];
            // Samples lie behind the spatial axes, so that these are where a sample alone has them.
            const auto in = extents_of(ir::sample_dims(g[x]), 1);
            const auto out = extents_of(ir::sample_dims(n.kind == op::conv ? n : g[n.operands[1]]), 1);
            const int spatial = ir::sample_dims(g[x]).rank - (n.kind == op::conv ? 1 : 2);
            border b;
            for (int axis = 0; axis < spatial; ++axis) {
                const ops::window& w = a.slide;
                const std::int32_t last = (out[at(axis) + 1] - 1) * w.stride[at(axis)] +
                                          (w.extent[at(axis)] - 1) * w.dilation[at(axis)] - w.pad_before[at(axis)];
                b.before[at(axis)] = w.pad_before[at(axis)];
                b.after[at(axis)] = std::max(0, last - (in[at(axis) + 1] - 1));
            }
            // Around the samples themselves, so that the batch is still merged by a view.
            if (n.kind == op::filter_gradient && g[x].kind == op::merge_batch) x = g[x].operands[0];
            borders[at(x)].widen(b);
        }
    }

    bool channels_side_by_side(const location& l) const {
        if (l.seen < 0) return true;
        return keeps_channels(g, g[l.seen]) && channels_side_by_side(made.of[at(g[l.seen].operands[0])]);
    }

    // Memory that is not the value's own has no border of zeros: whoever needs one reads a copy.
    void give_border(ir::node_id id) {
        location& l = made.of[at(id)];
        const border& b = borders[at(id)];
        const bool own = l.seen < 0 && !l.flat && made.buffers[at(l.buffer)].where == space::arena;
        if (!own && (b.any() || (staged[at(id)] && !channels_side_by_side(l)))) {
            const location copy{add_buffer(g[id])};
            staging.push_back({id, l, copy});
            l = copy;
        }
        if (!b.any()) return;
        schedules::view& v = made.buffers[at(l.buffer)].layout;
        border all{v.halo_before, v.halo_after};
        all.widen(b);
        v.halo_before = all.before;
        v.halo_after = all.after;
    }

    static bool has_halo(const buffer& b) { return b.layout.halo_before != halo{} || b.layout.halo_after != halo{}; }

    bool fills_buffer(ir::node_id id) const {
        const buffer& b = made.buffers[at(made.of[at(id)].buffer)];
        return ir::sample_dims(g[id]).volume() * ir::batch_of(g[id]) == b.shape.volume() * b.batch;
    }

    // Whether each kernel that reads the value does as well with a plane for each channel: it goes along x, or loads
    // single values.
    bool may_be_planar(ir::node_id id) const {
        const auto readable = [&](const ir::node& n) {
            if (n.kind == op::conv) return ir::attributes_of<ops::conv::attributes>(n).groups == 1;
            return n.kind == op::max_pool || n.kind == op::average_pool || compiler::row_of(n.kind).expression;
        };
        if (is_output(id) || read_densely[at(id)] || g[id].type != element::float32) return false;
        return std::all_of(g.nodes.begin(), g.nodes.end(), [&](const ir::node& n) {
            return std::find(n.operands.begin(), n.operands.end(), id) == n.operands.end() || readable(n);
        });
    }

    // Where there are few channels, vectors of positions along x are computed. They are stored at once where each
    // channel has a plane of its own.
    bool wants_planes(const ir::node& n) const {
        const dims shape = ir::sample_dims(n);
        if (shape.rank < 2 || n.operands.empty()) return false;
        const std::int32_t width = extents_of(shape, 1)[1];
        const location& from = made.of[at(n.operands[0])];  // of what it is computed with
        const bool whole = from.buffer >= 0 && from.seen < 0 && !from.flat;
        const bool planar = whole && made.buffers[at(from.buffer)].planar;
        const bool side_by_side = planar || (whole && made.buffers[at(from.buffer)].shape.channels() == 1);
        switch (n.kind) {
            case op::conv: return schedules::is_narrow(shape.channels(), width, side_by_side, machine);
            case op::max_pool:
            case op::average_pool: return schedules::goes_along_x(shape.channels(), width, side_by_side, machine);
            default: return compiler::row_of(n.kind).expression && planar;
        }
    }

    // A place where the value lies without gaps: its own if that can be made so, otherwise a copy's.
    location densely(ir::node_id id) {
        location& dense = made.dense_of[at(id)];
        if (dense.buffer >= 0) return dense;
        const location own = made.of[at(id)];
        if (own.flat || (own.seen < 0 && fills_buffer(id) && !has_halo(made.buffers[at(own.buffer)]))) {
            dense = own;
        } else {
            dense = {add_buffer(g[id])};
            made.copies.push_back({id, own, dense});
        }
        made.buffers[at(dense.buffer)].contiguous = true;
        return dense;
    }

    location place_for(ir::node_id id, int& inputs) {
        const ir::node& n = g[id];
        if (n.kind == op::input) return {add_buffer(n, space::input, inputs++)};
        if (only_arranges(g, n) && keeps_order(n.kind)) {  // a dense operand stays dense
            location l = made.of[at(n.operands[0])];
            const buffer& b = made.buffers[at(l.buffer)];
            if (l.flat || (l.seen < 0 && b.where == space::input)) {
                l.flat = true;
                return l;
            }
        }
        if (only_arranges(g, n)) return {.buffer = made.of[at(n.operands[0])].buffer, .seen = id};
        if (n.kind == op::flatten || n.kind == op::reshape) {
            location l = densely(n.operands[0]);
            l.flat = true;
            return l;
        }
        const int own = add_buffer(n);
        made.buffers[at(own)].planar = wants_planes(n) && may_be_planar(id);
        return {own};
    }

    // Borders first: what lies in a concatenation shares its buffer, and whether a buffer has a halo must be known
    // before a value is viewed densely.
    void place_values() {
        for (ir::node_id id = 0; id < g.size(); ++id)
            if (placed(id)) give_border(id);
        int inputs = 0;
        for (ir::node_id id = 0; id < g.size(); ++id) {
            const ir::node& n = g[id];
            if (ir::is_weight(n)) {
                // What a layer reads as its input, and other operators with a border or as a view, is an activation's
                // copy.
                if (!borders[at(id)].any() && !staged[at(id)] && !viewed[at(id)] && !read_densely[at(id)]) continue;
                made.of[at(id)] = {add_buffer(n)};
                staging.push_back({id, {}, made.of[at(id)]});
                give_border(id);
                continue;
            }
            if (!placed(id)) {
                made.of[at(id)] = place_for(id, inputs);
                give_border(id);
            }
            if (n.kind == op::dense) densely(n.operands[0]);
        }
    }

    void place_outputs() {
        for (std::size_t k = 0; k < g.outputs.size(); ++k) {
            const ir::node_id id = g.outputs[k].node;
            const location own = made.of[at(id)];
            const bool own_place = own.buffer >= 0 && own.seen < 0;
            if (own_place && made.buffers[at(own.buffer)].where == space::arena && fills_buffer(id) &&
                !has_halo(made.buffers[at(own.buffer)])) {
                buffer& b = made.buffers[at(own.buffer)];
                b.where = space::output;
                b.index = static_cast<int>(k);
                b.contiguous = true;
            } else {
                made.copies.push_back({id, own, {add_buffer(g[id], space::output, static_cast<int>(k))}});
            }
        }
    }

    void fix_strides() {
        for (buffer& b : made.buffers) {
            schedules::view& v = b.layout;
            v.extent = extents_of(b.shape, b.batch);
            std::int64_t stride = 1;
            for (const std::size_t axis : b.planar ? planar_order : memory_order) {
                v.stride[axis] = stride;
                std::int64_t extent = v.extent[axis];
                if (axis == 0 && !b.contiguous && !b.planar && b.shape.rank > 1) extent = pitch_of(v.extent[0]);
                if (axis >= 1 && axis <= 3) extent += v.halo_before[axis - 1] + v.halo_after[axis - 1];
                stride *= extent;
            }
            b.origin = v.origin();
            b.bytes = stride * bytes_of(v.type);
            if (stride > std::numeric_limits<std::int32_t>::max())
                throw error(
                    fmt::format("{}: an activation of {} for a batch of {} is larger than Kiln can index (2^31 "
                                "elements); use a smaller batch or input",
                                g.name, ir::text_of(b.shape), b.batch));
        }
    }
};

}  // namespace

strided layout::strided_of(const location& at_, const dims& d, std::int32_t batch, element type) const {
    if (at_.seen >= 0) {
        const ir::node& n = (*graph)[at_.seen];
        const ir::node& operand = (*graph)[n.operands[0]];
        return arranged(*graph, n,
                        strided_of(of[at(n.operands[0])], ir::sample_dims(operand), ir::batch_of(operand), type));
    }
    if (at_.flat) return {dense_view(d, batch, type), 0};
    schedules::view v = buffers[at(at_.buffer)].layout;
    v.extent = extents_of(d, batch);
    return {v, at_.position * v.stride[at_.axis]};
}

place layout::begin_of(int index, std::int64_t byte) const {
    const buffer& b = buffers[at(index)];
    return {b.where, b.index, b.byte + b.origin * bytes_of(b.layout.type) + byte};
}

layout lay_out(const ir::graph& g, const schedules::machine& m) {
    builder b{g, m};
    b.made.graph = &g;
    b.made.of.resize(at(g.size()));
    b.made.dense_of.resize(at(g.size()));
    for (const ir::node& n : g.nodes)
        if (n.kind == op::flatten || n.kind == op::reshape ||
            (n.kind == op::dense && ir::sample_dims(g[n.operands[0]]).rank > 1))
            b.read_densely[at(n.operands[0])] = true;
    b.find_borders();
    b.place_concatenations();
    b.place_values();
    b.place_outputs();
    // A copy into a concatenation was noted before its source had a place.
    for (value_copy& c : b.made.copies)
        if (c.from.buffer < 0) c.from = b.made.of[at(c.value)];
    b.made.copies.insert(b.made.copies.begin(), b.staging.begin(), b.staging.end());
    b.fix_strides();
    return std::move(b.made);
}

}  // namespace kiln::plan
