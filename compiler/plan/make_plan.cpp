#include <kiln/compiler/plan/make_plan.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <thread>
#include <tuple>
#include <utility>

#include <kiln/compiler/plan/bands.hpp>
#include <kiln/compiler/plan/call.hpp>
#include <kiln/compiler/plan/choose.hpp>
#include <kiln/compiler/plan/groups.hpp>
#include <kiln/compiler/plan/layout.hpp>
#include <kiln/compiler/plan/packing_steps.hpp>
#include <kiln/compiler/plan/pool_into_producer.hpp>
#include <kiln/compiler/plan/step_memory.hpp>
#include <kiln/compiler/plan/weights_block.hpp>
#include <kiln/compiler/plan/zeros.hpp>
#include <kiln/dsl/ops/ops.hpp>
#include <kiln/schedules/family.hpp>

namespace kiln::plan {
namespace {

std::int32_t threads_expected(const plan_options& options) {
    return options.threads > 0 ? options.threads
                               : static_cast<std::int32_t>(std::max(1U, std::thread::hardware_concurrency()));
}

port port_of(const std::string& name, const ir::node& n) { return {name, n.shape, n.type, ir::has_batch(n)}; }

/// What a step is called and what it costs.
void describe(step& s, const call& c, const ir::graph& g) {
    const bool transforms = c.k.what == schedules::anchor::filter_transform;
    const bool copies = transforms || (c.k.what == schedules::anchor::copy && c.k.epilogue.empty());
    for (const ir::node_id id : c.nodes) {
        const ir::node& n = g[id];
        s.name += (s.name.empty() ? "" : " + ") + n.name;
        if (copies) continue;
        std::vector<dims> in;
        for (const ir::node_id o : n.operands) in.push_back(ir::sample_dims(g[o]));
        const cost each = cost_of(n.kind, n.attributes, in, ir::sample_dims(n));
        s.multiply_adds += each.multiply_adds * ir::batch_of(n);
        s.operations += each.operations * ir::batch_of(n);
    }
    if (c.rows.of > 0) {
        s.multiply_adds = s.multiply_adds / c.rows.of * c.rows.count;
        s.operations = s.operations / c.rows.of * c.rows.count;
    }
    if (copies) s.name = (transforms ? "frequencies of " : "copy of ") + s.name;
    if (c.rows.of > 0) s.name += fmt::format(", rows {} to {}", c.rows.first, c.rows.first + c.rows.count - 1);
}

class planner {
public:
    planner(const ir::graph& g, const std::string& target, const plan_options& options)
        : g_(g),
          threads_(threads_expected(options)),
          machine_(schedules::machine_of(target)),
          layout_(lay_out(g, machine_)),
          chooser_(machine_, options) {}

    plan make() {
        made_.name = g_.name;
        made_.batch = g_.batch;
        for (const ir::node_id id : g_.inputs()) made_.inputs.push_back(port_of(g_[id].name, g_[id]));
        for (const ir::output& o : g_.outputs) made_.outputs.push_back(port_of(o.name, g_[o.node]));
        add_steps();
        memory_.assign(made_);
        for (std::size_t s = 0; s < calls_.size(); ++s) bind(made_.steps[s], calls_[s]);
        return std::move(made_);
    }

private:
    int next_step() const { return static_cast<int>(made_.steps.size()); }

    void add_steps() {
        const std::vector<group> groups = partition(g_);
        auto next = groups.begin();
        std::vector<call> calls;
        for (ir::node_id id = 0; id < g_.size(); ++id) {
            if (next != groups.end() && next->result() == id) calls.push_back(call_of(layout_, *next++));
            for (const value_copy& c : layout_.copies)
                if (c.value == id) calls.push_back(call_of(layout_, c));
        }
        calls = pool_into_producers(calls, layout_, machine_, chooser_);
        for (call& c : in_bands(std::move(calls), machine_, threads_)) add_step(std::move(c));
    }

    void add_step(call c) {
        chooser_.choose(c);
        for (std::size_t i = 0; i < c.inputs.size(); ++i)
            if (c.inputs[i].packs >= 0) pack(c, i);
        step s;
        s.kernel = kernel_of(c.k);
        describe(s, c, g_);
        for (const argument& a : c.inputs)
            if (a.block >= 0) memory_.use(a.block, next_step());
        memory_.use(c.output.block, next_step());
        const schedules::scratch scratch = schedules::scratch_of(c.k);
        if (scratch.needed()) memory_.use_scratch(next_step(), scratch, threads_);
        made_.steps.push_back(std::move(s));
        calls_.push_back(std::move(c));
    }

    int kernel_of(const schedules::kernel& k) {
        const auto [entry, fresh] = kernels_.emplace(schedules::text_of(k), static_cast<int>(made_.kernels.size()));
        if (fresh) made_.kernels.push_back(k);
        return entry->second;
    }

    /// Steps that pack an operand which is no weight, before the kernel that reads it; none, where it lies like that
    /// already or another kernel has it packed.
    void pack(call& c, std::size_t input) {
        argument& a = c.inputs[input];
        const ir::node_id id = a.packs;
        const ir::node& n = g_[id];
        const schedules::packing& p = c.k.inputs[input].packed;
        const bool flip = input == 1 && c.flip;
        const strided value = layout_.strided_of(layout_.of[static_cast<std::size_t>(id)], n.shape, 1, n.type);
        if (lies_packed(value, n.shape, p, flip)) return;
        const auto [entry, fresh] = packed_.try_emplace({id, p, flip}, -1);
        if (fresh) entry->second = memory_.add(packed_elements(n.shape, p) * bytes_of(n.type));
        const int block = entry->second;
        a.block = block;
        a.byte = 0;
        if (!fresh) return;
        const packing_gap gap = packing_gap_of(n.shape, p);
        if (gap.runs > 0) memory_.zero_before(next_step(), block, zeros_in(gap, n.type));
        for (const packing_copy& part : packing_copies(value, n.shape, p, flip))
            add_step(call_of(layout_, id, part, block));
    }

    /// Everything has its place now.
    void bind(step& s, const call& c) {
        for (std::size_t i = 0; i < c.inputs.size(); ++i)
            s.inputs.push_back(c.inputs[i].block >= 0 ? memory_.place_of(c.inputs[i])
                                                      : place{space::weights, 0, weights_.place(c, i)});
        s.output = memory_.place_of(c.output);
    }

    const ir::graph& g_;
    std::int32_t threads_;
    schedules::machine machine_;
    layout layout_;
    plan made_{};
    step_memory memory_{layout_};
    weights_block weights_{made_};
    call_chooser chooser_;
    std::vector<call> calls_{};                                                  // of made_.steps
    std::map<std::string, int> kernels_{};                                       // by their text
    std::map<std::tuple<ir::node_id, schedules::packing, bool>, int> packed_{};  // blocks of what is packed at run time
};

}  // namespace

plan make_plan(const ir::graph& g, const std::string& target, const plan_options& options) {
    return planner(g, target, options).make();
}

}  // namespace kiln::plan
