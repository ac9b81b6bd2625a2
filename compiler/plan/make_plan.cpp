#include <kiln/compiler/plan/make_plan.hpp>

#include <algorithm>
#include <map>
#include <thread>
#include <tuple>

#include <kiln/compiler/plan/arena.hpp>
#include <kiln/compiler/plan/axes.hpp>
#include <kiln/compiler/plan/groups.hpp>
#include <kiln/compiler/plan/layout.hpp>
#include <kiln/compiler/plan/packing_steps.hpp>
#include <kiln/compiler/plan/rounding.hpp>
#include <kiln/compiler/plan/winograd_error.hpp>
#include <kiln/dsl/ops/ops.hpp>
#include <kiln/schedules/family.hpp>
#include <kiln/schedules/stored_weights.hpp>
#include <kiln/schedules/winograd.hpp>

namespace kiln::plan {
namespace {

using schedules::anchor;
using schedules::kernel;
using schedules::operand;
using schedules::storage;

constexpr std::size_t at(int i) { return static_cast<std::size_t>(i); }

struct weight {
    std::string name;
    std::shared_ptr<const tensor> value;
};

// A kernel under construction and where its operands are.
struct call {
    kernel k;
    std::vector<place> inputs;       // activations; buffers' bytes are added once they are known
    std::vector<int> buffers;        // of the inputs, as planner::lives counts them; -1 for weights
    std::vector<weight> weights;     // without a value for activations
    std::vector<ir::node_id> packs;  // what the kernel reads packed though it is no weight; -1 for all else
    place output;
    int output_buffer = -1;
    std::vector<ir::node_id> nodes;  // what it computes
    bool flip = false;
    int groups = 1;
};

struct planner {
    const ir::graph& g;
    schedules::machine machine;
    layout memory;
    plan made{};
    std::vector<lifetime> lives{};     // of the layout's buffers, then of scratch and of filters packed at run time
    std::vector<int> scratch_lives{};  // of each step; -1: none
    plan_options options{};
    std::map<std::string, int> kernel_of{};
    std::map<std::tuple<const tensor*, int, int, int, int, bool>, std::int64_t> packed{};
    std::map<const tensor*, std::shared_ptr<const tensor>> scales_of{};  // of filters stored as int8
    std::map<std::tuple<ir::node_id, int, int, bool>, int> packed_lives{};
    // What must be zero in blocks that have no place yet: the step before which, the block, and bytes from its begin.
    struct later_fill {
        int step = 0, life = 0;
        zero_fill zeros;
    };
    std::vector<later_fill> later_fills{};

    int add_activation(call& c, const location& from, const dims& shape, std::int32_t batch, element type) const {
        const strided s = memory.strided_of(from, shape, batch, type);
        operand o;
        o.where = s.where;
        c.k.inputs.push_back(o);
        c.inputs.push_back({space::arena, 0, s.offset * bytes_of(type)});
        c.buffers.push_back(from.buffer);
        c.weights.emplace_back();
        c.packs.push_back(-1);
        return static_cast<int>(c.k.inputs.size()) - 1;
    }

    int add_operand(call& c, ir::node_id id) const {
        const ir::node& n = g[id];
        if (memory.of[at(id)].buffer >= 0)
            return add_activation(c, memory.of[at(id)], ir::sample_dims(n), ir::batch_of(n), n.type);
        return add_weight(c, id);
    }

    int add_weight(call& c, ir::node_id id) const {
        return add_weight(c, {g[id].name, g[id].value}, g[id].shape, g[id].type);
    }

    static int add_weight(call& c, weight w, const dims& shape, element type) {
        operand o;
        o.is_weight = true;
        o.shape = shape;
        o.where = dense_view(shape, 1, type);  // read like this unless the anchor packs it
        c.k.inputs.push_back(o);
        c.inputs.emplace_back();
        c.buffers.push_back(-1);
        c.weights.push_back(std::move(w));
        c.packs.push_back(-1);
        return static_cast<int>(c.k.inputs.size()) - 1;
    }

    // A filter or bias. One that is computed is described like a weight, so that the same kernels serve.
    void add_packed(call& c, ir::node_id id) const {
        const int index = add_operand(c, id);
        if (c.weights[at(index)].value) return;
        const ir::node& n = g[id];
        operand& o = c.k.inputs[at(index)];
        o.is_weight = true;
        o.shape = n.shape;
        o.where = dense_view(n.shape, 1, n.type);
        c.packs[at(index)] = id;
    }

    // Where an operand is shorter than what is computed, its one value serves the whole axis.
    static void stretch(schedules::view& v, const schedules::view& over) {
        for (std::size_t axis = 0; axis < schedules::axes; ++axis)
            if (v.extent[axis] == 1) {
                v.stride[axis] = 0;
                v.extent[axis] = over.extent[axis];
            }
    }

    void set_output(call& c, const location& to, const ir::node& n) const {
        const strided s = memory.strided_of(to, ir::sample_dims(n), ir::batch_of(n), n.type);
        c.k.output = s.where;
        c.output = {space::arena, 0, s.offset * bytes_of(n.type)};
        c.output_buffer = to.buffer;
    }

    // A dense layer is a 1x1 convolution whose x axis is the batch.
    static void batch_to_x(schedules::view& v) {
        std::swap(v.extent[1], v.extent[4]);
        std::swap(v.stride[1], v.stride[4]);
    }

    // A filter's gradient has the samples of its operands on the batch axis, and the window's outermost axis there. The
    // axes of a view: see axes.hpp.
    static void first_to_batch(schedules::view& v, int rank) {
        const std::size_t first = view_axis(0, rank);
        std::swap(v.extent[first], v.extent[schedules::batch_axis]);
        std::swap(v.stride[first], v.stride[schedules::batch_axis]);
    }

    // Where an input's cells along x lie side by side, those of a window are one run of taps times channels: in memory,
    // and in the filter too. A first layer's three channels then fill a block as well as others.
    static void join_taps_with_channels(kernel& k) {
        auto a = unpack<ops::conv::attributes>(k.attributes);
        schedules::view &x = k.inputs[0].where, &w = k.output;
        const std::int32_t channels = x.extent[0];
        if (a.groups != 1 || a.flip != 0 || a.slide.dilation[0] != 1) return;
        if (x.stride[0] != 1 || x.stride[1] != channels || w.stride[2] != w.stride[1] * channels) return;
        x.extent[0] = w.extent[1] = channels * a.slide.extent[0];
        a.slide.extent[0] = w.extent[2] = 1;
        k.attributes = kiln::pack(a);
    }

    call call_of(const group& made_group) const {
        call c;
        ir::node_id running = made_group.source;
        const ir::node& result = g[made_group.result()];
        if (made_group.anchor >= 0) {
            const ir::node& n = g[made_group.anchor];
            running = made_group.anchor;
            c.nodes.push_back(running);
            c.k.kind = n.kind == op::dense ? op::conv : n.kind;
            c.k.attributes = to_view_order(n.kind, n.attributes, ir::sample_dims(n));
            c.k.anchor_operands = static_cast<int>(n.operands.size());
            if (n.kind == op::dense) {
                ops::conv::attributes a;
                a.filters = ir::sample_dims(n).channels();
                c.k.attributes = kiln::pack(a);
                location flat = memory.dense_of[at(n.operands[0])];
                flat.flat = true;
                add_activation(c, flat, dims::of(ir::sample_dims(g[n.operands[0]]).volume()), ir::batch_of(n), n.type);
            } else {
                add_operand(c, n.operands[0]);
            }
            for (std::size_t i = 1; i < n.operands.size(); ++i)
                if (n.kind == op::conv || n.kind == op::dense)
                    add_packed(c, n.operands[i]);
                else
                    add_operand(c, n.operands[i]);
            if (n.kind == op::conv) {
                const auto a = ir::attributes_of<ops::conv::attributes>(n);
                c.flip = a.flip != 0;
                c.groups = a.groups;
            }
        } else {
            c.k.what = anchor::copy;
            c.k.anchor_operands = 1;
            add_operand(c, made_group.source);
        }
        for (const ir::node_id id : made_group.epilogue) {
            const ir::node& n = g[id];
            schedules::epilogue_step e{n.kind, n.attributes, {}};
            for (const ir::node_id o : n.operands) e.operands.push_back(o == running ? -1 : add_operand(c, o));
            c.k.epilogue.push_back(e);
            c.nodes.push_back(id);
            running = id;
        }
        set_output(c, memory.of[at(made_group.result())], result);
        const bool copies = c.k.what == anchor::copy;
        for (std::size_t i = at(copies ? 0 : c.k.anchor_operands); i < c.k.inputs.size(); ++i)
            stretch(c.k.inputs[i].where, c.k.output);
        if (made_group.anchor >= 0 && g[made_group.anchor].kind == op::dense) {
            batch_to_x(c.k.output);
            for (operand& o : c.k.inputs) batch_to_x(o.where);
        }
        if (made_group.anchor >= 0 && g[made_group.anchor].kind == op::filter_gradient) {
            const int rank = g[g[made_group.anchor].operands[0]].shape.rank;
            for (operand& o : c.k.inputs) first_to_batch(o.where, rank);
            if (rank == 5) first_to_batch(c.k.output, rank);
            join_taps_with_channels(c.k);
        }
        return c;
    }

    call call_of(const value_copy& copied) const {
        call c;
        c.k.what = anchor::copy;
        c.k.anchor_operands = 1;
        const ir::node& n = g[copied.value];
        if (ir::is_weight(n))
            add_weight(c, copied.value);
        else
            add_activation(c, copied.from, ir::sample_dims(n), ir::batch_of(n), n.type);
        set_output(c, copied.to, n);
        c.k.output.extent[schedules::batch_axis] = memory.buffers[at(copied.to.buffer)].batch;  // of a concatenation
        stretch(c.k.inputs[0].where, c.k.output);
        c.nodes.push_back(copied.value);
        return c;
    }

    void touch(int buffer) {
        if (buffer < 0) return;
        const int now = static_cast<int>(made.steps.size());
        lifetime& life = lives[at(buffer)];
        if (life.first < 0) life.first = now;
        life.last = now;
    }

    std::int64_t place_weight(const call& c, std::size_t input) {
        const weight& source = c.weights[input];
        const tensor& value = *source.value;
        const bool flip = input == 1 && c.flip;
        const schedules::packing p = c.k.inputs[input].packed;
        const auto key =
            std::make_tuple(&value, static_cast<int>(p.layout), p.block, p.tile, static_cast<int>(p.stored), flip);
        const auto found = packed.find(key);
        if (found != packed.end()) return found->second;
        packed_weight w{source.name, source.value, p, c.groups, flip, {}, made.weights_bytes, 0};
        w.bytes = packed_bytes(c.k.inputs[input].shape, value.type, p);
        if (p.stored == storage::int8) w.scales = scales_of.at(&value);
        made.weights_bytes += (w.bytes + alignment - 1) / alignment * alignment;
        packed.emplace(key, w.byte);
        made.weights.push_back(std::move(w));
        return made.weights.back().byte;
    }

    // Copies that pack an operand which is no weight, before the kernel that reads it; or its own place, where it lies
    // like that.
    void pack(call& c, std::size_t input) {
        const ir::node_id id = c.packs[input];
        const ir::node& n = g[id];
        const schedules::packing& p = c.k.inputs[input].packed;
        const bool flip = input == 1 && c.flip;
        const location& own = memory.of[at(id)];
        const strided value = memory.strided_of(own, n.shape, 1, n.type);
        if (lies_packed(value, n.shape, p, flip)) return;
        const auto [found, fresh] = packed_lives.emplace(std::make_tuple(id, static_cast<int>(p.layout), p.block, flip),
                                                         static_cast<int>(lives.size()));
        const int life = found->second;
        c.buffers[input] = life;
        c.inputs[input] = {};
        if (!fresh) return;
        const std::int64_t size = bytes_of(n.type);
        lives.push_back({-1, -1, packed_elements(n.shape, p) * size, 0});
        const packing_gap gap = packing_gap_of(n.shape, p);
        if (gap.runs > 0)
            later_fills.push_back(
                {static_cast<int>(made.steps.size()),
                 life,
                 {gap.first * size, gap.elements * size, {gap.runs, 1, 1}, {gap.distance * size, 0, 0}}});
        for (const packing_copy& copied : packing_copies(value, n.shape, p, flip)) {
            call copy;
            copy.k.what = anchor::copy;
            copy.k.anchor_operands = 1;
            copy.k.inputs.emplace_back();
            copy.k.inputs[0].where = copied.from;
            copy.k.output = copied.to;
            copy.inputs.push_back({space::arena, 0, copied.from_offset * size});
            copy.buffers.push_back(own.buffer);
            copy.weights.emplace_back();
            copy.packs.push_back(-1);
            copy.output = {space::arena, 0, copied.to_offset * size};
            copy.output_buffer = life;
            copy.nodes.push_back(id);
            add_step(std::move(copy));
        }
    }

    // How the filters are stored. A filter's int8 numbers are multiples of its scale: the epilogue's first step
    // multiplies the sum by it, and the bias is added after that.
    void choose_storage(call& c) {
        if (c.k.what != anchor::operation || c.k.kind != op::conv || !c.weights[1].value) return;
        const storage stored = schedules::storage_for(c.k, machine, options.precision, options.weights);
        const weight filters = c.weights[1];
        if (stored == storage::int8 && !scales_of.contains(filters.value.get())) {
            const std::optional<tensor> scales = int8_scales(*filters.value);
            if (!scales) return;
            scales_of.emplace(filters.value.get(), std::make_shared<tensor>(*scales));
        }
        c.k.inputs[1].packed.stored = stored;
        if (stored != storage::int8) return;
        const int scales = add_weight(c, {filters.name + ".scale", scales_of.at(filters.value.get())},
                                      dims::of(c.k.inputs[1].shape.channels()), element::float32);
        std::vector<schedules::epilogue_step> before{{op::multiply, {}, {-1, scales}}};
        if (c.k.anchor_operands > 2) before.push_back({op::add, {}, {-1, 2}});
        c.k.anchor_operands = 2;
        c.k.epilogue.insert(c.k.epilogue.begin(), before.begin(), before.end());
    }

    // Winograd's convolution is taken where it is exact enough for the layer's own weights, which must be known.
    bool is_exact_enough(const call& c) const {
        if (c.k.how.which != schedules::family::winograd) return true;
        return c.weights[1].value &&
               winograd_error(*c.weights[1].value, c.flip, c.k.inputs[1].packed.tile) <= tolerated_winograd_error;
    }

    void choose_schedule(call& c) const {
        if (options.choose) {
            options.choose(c.k, machine);
            if (is_exact_enough(c)) return;
        }
        schedules::choose(c.k, machine, options.precision);
        if (!is_exact_enough(c)) schedules::choose(c.k, machine, schedules::precision::strict);
    }

    void choose(call& c) {
        choose_storage(c);
        choose_schedule(c);
        if (c.k.how.which != schedules::family::winograd) return;
        schedules::packing& filters = c.k.inputs[1].packed;
        filters.stored = schedules::winograd_storage(filters.stored, filters.tile);
    }

    void add_step(call c) {
        choose(c);
        for (std::size_t i = 0; i < c.packs.size(); ++i)
            if (c.packs[i] >= 0) pack(c, i);
        const auto [entry, fresh] = kernel_of.emplace(schedules::text_of(c.k), static_cast<int>(made.kernels.size()));
        if (fresh) made.kernels.push_back(c.k);
        step s;
        s.kernel = entry->second;
        for (std::size_t i = 0; i < c.inputs.size(); ++i) {
            touch(c.buffers[i]);
            s.inputs.push_back(c.weights[i].value ? place{space::weights, 0, place_weight(c, i)} : place{});
        }
        touch(c.output_buffer);
        const schedules::scratch scratch = schedules::scratch_of(c.k);
        scratch_lives.push_back(scratch.needed() ? static_cast<int>(lives.size()) : -1);
        if (scratch.needed()) {
            const int now = static_cast<int>(made.steps.size());
            lives.push_back({now, now, scratch.bytes(std::min(scratch.slots, threads_expected())), 0});
        }
        const bool copies = c.k.what == anchor::copy && c.k.epilogue.empty();
        for (const ir::node_id id : c.nodes) {
            s.name += (s.name.empty() ? "" : " + ") + g[id].name;
            if (copies) continue;
            std::vector<dims> in;
            for (const ir::node_id o : g[id].operands) in.push_back(ir::sample_dims(g[o]));
            const cost each = cost_of(g[id].kind, g[id].attributes, in, ir::sample_dims(g[id]));
            s.multiply_adds += each.multiply_adds * ir::batch_of(g[id]);
            s.operations += each.operations * ir::batch_of(g[id]);
        }
        if (copies) s.name = "copy of " + s.name;
        made.steps.push_back(std::move(s));
        calls.push_back(std::move(c));
    }

    std::int32_t threads_expected() const {
        return options.threads > 0 ? options.threads
                                   : static_cast<std::int32_t>(std::max(1U, std::thread::hardware_concurrency()));
    }

    // Scratch takes all the room that is left beside it while its step runs: more threads find a slot, and the arena is
    // no larger.
    void place_scratch(std::size_t s) {
        lifetime& block = lives[at(scratch_lives[s])];
        const schedules::scratch scratch = schedules::scratch_of(calls[s].k);
        grow_into_gap(lives, at(scratch_lives[s]), scratch.bytes(scratch.slots), made.arena_bytes);
        made.steps[s].scratch_byte = block.byte;
        made.steps[s].scratch_slots = scratch.slots_in(block.bytes);
    }

    std::vector<call> calls{};

    // Everything that must be zero around a buffer before its first writer.
    static std::vector<zero_fill> zeros_of(const buffer& b) {
        const schedules::view& v = b.layout;
        const std::int64_t size = bytes_of(v.type);
        const std::int64_t inside = b.byte + b.origin * size;
        // Of a tensor without a batch they may be behind x, y and z.
        const std::size_t samples = v.extent[schedules::batch_axis] > 1 ? schedules::batch_axis : 5;
        std::vector<zero_fill> fills;
        for (std::size_t axis = 0; axis < 3; ++axis) {
            zero_fill f;
            const std::int64_t step = v.stride[axis + 1] * size;
            for (std::size_t outer = axis + 1; outer < 4; ++outer) {
                f.count[outer - axis - 1] = v.extent[outer < 3 ? outer + 1 : samples];
                f.stride[outer - axis - 1] = v.stride[outer < 3 ? outer + 1 : samples] * size;
            }
            // An outer axis' slab has the full width of the inner axes, halo included; it starts before them.
            std::int64_t begin = inside;
            for (std::size_t inner = 0; inner < axis; ++inner)
                begin -= v.halo_before[inner] * v.stride[inner + 1] * size;
            if (axis == 0 && v.halo_before[0] > 0 && v.halo_after[0] > 0 && v.halo_before[1] > 0 &&
                v.halo_after[1] > 0) {
                // The end of a row and the beginning of the next are one run, from the row before the first on.
                ++f.count[0];
                f.arena_byte = begin + v.extent[1] * step - f.stride[0];
                f.bytes = (v.halo_before[0] + v.halo_after[0]) * step;
                fills.push_back(f);
                continue;
            }
            if (v.halo_before[axis] > 0) {
                f.arena_byte = begin - v.halo_before[axis] * step;
                f.bytes = v.halo_before[axis] * step;
                fills.push_back(f);
            }
            if (v.halo_after[axis] > 0) {
                f.arena_byte = begin + v.extent[axis + 1] * step;
                f.bytes = v.halo_after[axis] * step;
                fills.push_back(f);
            }
        }
        if (b.planar) {  // each channel's plane
            const std::vector<zero_fill> first = fills;
            for (std::int32_t channel = 1; channel < v.extent[0]; ++channel)
                for (zero_fill f : first) {
                    f.arena_byte += channel * v.stride[0] * size;
                    fills.push_back(f);
                }
        }
        return fills;
    }

    place place_of(int life, std::int64_t byte) const {
        if (at(life) < memory.buffers.size()) return memory.begin_of(life, byte);
        return {space::arena, 0, lives[at(life)].byte + byte};
    }

    void finish_places() {
        made.arena_bytes = assign_offsets(lives);
        for (std::size_t i = 0; i < memory.buffers.size(); ++i)
            if (memory.buffers[i].where == space::arena) memory.buffers[i].byte = lives[i].byte;
        for (std::size_t i = 0; i < memory.buffers.size(); ++i) {
            const buffer& b = memory.buffers[i];
            if (b.where == space::arena && lives[i].first >= 0) {
                auto& zeros = made.steps[at(lives[i].first)].zeros;
                const auto more = zeros_of(b);
                zeros.insert(zeros.end(), more.begin(), more.end());
            }
        }
        for (later_fill& fill : later_fills) {
            fill.zeros.arena_byte += lives[at(fill.life)].byte;
            made.steps[at(fill.step)].zeros.push_back(fill.zeros);
        }
        for (std::size_t s = 0; s < made.steps.size(); ++s) {
            if (scratch_lives[s] >= 0) place_scratch(s);
            for (std::size_t i = 0; i < calls[s].inputs.size(); ++i)
                if (calls[s].buffers[i] >= 0)
                    made.steps[s].inputs[i] = place_of(calls[s].buffers[i], calls[s].inputs[i].byte);
            made.steps[s].output = place_of(calls[s].output_buffer, calls[s].output.byte);
        }
    }

    void run() {
        lives.resize(memory.buffers.size());
        for (std::size_t i = 0; i < lives.size(); ++i)
            lives[i].bytes = memory.buffers[i].where == space::arena ? memory.buffers[i].bytes : 0;
        const std::vector<group> groups = partition(g);
        std::size_t next = 0;
        for (ir::node_id id = 0; id < g.size(); ++id) {
            if (next < groups.size() && groups[next].result() == id) add_step(call_of(groups[next++]));
            for (const value_copy& c : memory.copies)
                if (c.value == id) add_step(call_of(c));
        }
        finish_places();
    }
};

}  // namespace

namespace {

port port_of(const std::string& name, const ir::node& n) { return {name, n.shape, n.type, ir::has_batch(n)}; }

}  // namespace

plan make_plan(const ir::graph& g, const std::string& target, const plan_options& options) {
    const schedules::machine machine = schedules::machine_of(target);
    planner p{g, machine, lay_out(g, machine)};
    p.options = options;
    p.made.name = g.name;
    p.made.batch = g.batch;
    for (const ir::node_id id : g.inputs()) p.made.inputs.push_back(port_of(g[id].name, g[id]));
    for (const ir::output& o : g.outputs) p.made.outputs.push_back(port_of(o.name, g[o.node]));
    p.run();
    return std::move(p.made);
}

}  // namespace kiln::plan
