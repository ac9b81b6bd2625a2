#include <kiln/compiler/plan/call.hpp>

#include <utility>

#include <kiln/compiler/plan/anchor_views.hpp>
#include <kiln/compiler/plan/axes.hpp>
#include <kiln/schedules/winograd_filters.hpp>

namespace kiln::plan {
namespace {

using schedules::operand;

constexpr std::size_t at(int i) { return static_cast<std::size_t>(i); }

int add_input(call& c, operand o, argument a) {
    c.k.inputs.push_back(std::move(o));
    c.inputs.push_back(std::move(a));
    return static_cast<int>(c.inputs.size()) - 1;
}

operand weight_operand(const dims& shape, element type) {
    operand o;
    o.is_weight = true;
    o.shape = shape;
    o.where = dense_view(shape, 1, type);
    return o;
}

/// Where an operand is shorter than what is computed, its one value serves the whole axis.
void stretch(schedules::view& v, const schedules::view& over) {
    for (std::size_t axis = 0; axis < schedules::axes; ++axis)
        if (v.extent[axis] == 1) {
            v.stride[axis] = 0;
            v.extent[axis] = over.extent[axis];
        }
}

class describer {
public:
    explicit describer(const layout& memory) : memory_(memory), g_(*memory.graph) {}

    call of(const group& made) {
        const bool copies = made.anchor < 0;
        if (copies) {
            begin_copy();
            add_operand(made.source);
        } else {
            add_anchor(made.anchor);
        }
        ir::node_id running = copies ? made.source : made.anchor;
        for (const ir::node_id id : made.epilogue) {
            add_epilogue_step(id, running);
            running = id;
        }
        set_output(memory_.of[at(running)], g_[running]);
        for (std::size_t i = at(copies ? 0 : c_.k.anchor_operands); i < c_.k.inputs.size(); ++i)
            stretch(c_.k.inputs[i].where, c_.k.output);
        if (copies) return std::move(c_);
        const ir::node& n = g_[made.anchor];
        turn_views(c_.k, n.kind, g_[n.operands[0]].shape.rank);
        return std::move(c_);
    }

    call of(const value_copy& copied) {
        begin_copy();
        const ir::node& n = g_[copied.value];
        if (ir::is_weight(n))
            add_weight(c_, {n.name, n.value}, n.shape, n.type);
        else
            add_activation(copied.from, ir::sample_dims(n), ir::batch_of(n), n.type);
        set_output(copied.to, n);
        c_.k.output.extent[schedules::batch_axis] = memory_.buffers[at(copied.to.buffer)].batch;  // of a concatenation
        stretch(c_.k.inputs[0].where, c_.k.output);
        c_.nodes.push_back(copied.value);
        return std::move(c_);
    }

    call of(ir::node_id value, const packing_copy& part, int block) {
        begin_copy();
        if (part.tile.outputs > 0) {
            c_.k.what = schedules::anchor::filter_transform;
            c_.k.attributes = schedules::attributes_of(part.tile);
        }
        const std::int64_t size = bytes_of(g_[value].type);
        operand o;
        o.where = part.from;
        add_input(c_, o, {.block = memory_.of[at(value)].buffer, .byte = part.from_offset * size});
        c_.k.output = part.to;
        c_.output = {.block = block, .byte = part.to_offset * size};
        c_.nodes.push_back(value);
        return std::move(c_);
    }

private:
    void begin_copy() {
        c_.k.what = schedules::anchor::copy;
        c_.k.anchor_operands = 1;
    }

    void add_anchor(ir::node_id id) {
        const ir::node& n = g_[id];
        c_.nodes.push_back(id);
        c_.k.anchor_operands = static_cast<int>(n.operands.size());
        if (n.kind == op::dense)
            add_dense(n);
        else
            add_operator(n);
        const bool packs = n.kind == op::conv || n.kind == op::dense;
        for (std::size_t i = 1; i < n.operands.size(); ++i)
            packs ? add_packed(n.operands[i]) : static_cast<void>(add_operand(n.operands[i]));
    }

    void add_operator(const ir::node& n) {
        c_.k.kind = n.kind;
        c_.k.attributes = to_view_order(n.kind, n.attributes, ir::sample_dims(n));
        add_operand(n.operands[0]);
        if (n.kind != op::conv) return;
        const auto a = ir::attributes_of<ops::conv::attributes>(n);
        c_.flip = a.flip != 0;
        c_.groups = a.groups;
    }

    void add_dense(const ir::node& n) {
        ops::conv::attributes a;
        a.filters = ir::sample_dims(n).channels();
        c_.k.kind = op::conv;
        c_.k.attributes = kiln::pack(a);
        const ir::node& x = g_[n.operands[0]];
        location flat = memory_.dense_of[at(n.operands[0])];
        flat.flat = true;
        add_activation(flat, dims::of(ir::sample_dims(x).volume()), ir::batch_of(n), n.type);
    }

    void add_epilogue_step(ir::node_id id, ir::node_id running) {
        const ir::node& n = g_[id];
        schedules::epilogue_step e{n.kind, n.attributes, {}};
        for (const ir::node_id o : n.operands) e.operands.push_back(o == running ? -1 : add_operand(o));
        c_.k.epilogue.push_back(std::move(e));
        c_.nodes.push_back(id);
    }

    int add_activation(const location& from, const dims& shape, std::int32_t batch, element type) {
        const strided s = memory_.strided_of(from, shape, batch, type);
        operand o;
        o.where = s.where;
        return add_input(c_, o, {.block = from.buffer, .byte = s.offset * bytes_of(type)});
    }

    int add_operand(ir::node_id id) {
        const ir::node& n = g_[id];
        const location& l = memory_.of[at(id)];
        if (l.buffer >= 0) return add_activation(l, ir::sample_dims(n), ir::batch_of(n), n.type);
        return add_weight(c_, {n.name, n.value}, n.shape, n.type);
    }

    /// A filter or bias. One that is computed is described like a weight, so that the same kernels serve.
    void add_packed(ir::node_id id) {
        const std::size_t index = at(add_operand(id));
        argument& a = c_.inputs[index];
        if (a.constant.value) return;
        a.packs = id;
        c_.k.inputs[index] = weight_operand(g_[id].shape, g_[id].type);
        c_.k.inputs[index].is_computed = true;
    }

    void set_output(const location& to, const ir::node& n) {
        const strided s = memory_.strided_of(to, ir::sample_dims(n), ir::batch_of(n), n.type);
        c_.k.output = s.where;
        c_.output = {.block = to.buffer, .byte = s.offset * bytes_of(n.type)};
    }

    const layout& memory_;
    const ir::graph& g_;
    call c_;
};

}  // namespace

int add_weight(call& c, weight w, const dims& shape, element type) {
    return add_input(c, weight_operand(shape, type), {.constant = std::move(w)});
}

bool reads(const call& reader, std::size_t input, const call& writer) {
    const argument& a = reader.inputs[input];
    const schedules::view &from = writer.k.output, &to = reader.k.inputs[input].where;
    return a.block == writer.output.block && a.byte == writer.output.byte && to.stride == from.stride &&
           to.extent == from.extent;
}

call call_of(const layout& memory, const group& made) { return describer(memory).of(made); }
call call_of(const layout& memory, const value_copy& copied) { return describer(memory).of(copied); }
call call_of(const layout& memory, ir::node_id value, const packing_copy& part, int block) {
    return describer(memory).of(value, part, block);
}

}  // namespace kiln::plan
