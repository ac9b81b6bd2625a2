#include <kiln/compiler/plan/pool_into_producer.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <kiln/dsl/ops/leaky_relu.hpp>
#include <kiln/dsl/ops/pool.hpp>
#include <kiln/schedules/family.hpp>

namespace kiln::plan {
namespace {

using schedules::anchor;

/// Whether a larger value never becomes a smaller one.
bool never_decreases(const schedules::epilogue_step& e) {
    if (e.kind == op::leaky_relu) return unpack<ops::leaky_relu::attributes>(e.attributes).slope >= 0;
    return e.kind == op::relu || e.kind == op::clip;
}

/// The extent of the pooling's windows along x and y, which lie side by side; none where they are others.
std::optional<std::int32_t> side_by_side(const call& pool) {
    if (pool.k.what != anchor::operation || pool.k.kind != op::max_pool) return std::nullopt;
    const ops::window w = unpack<ops::pool_attributes>(pool.k.attributes).slide;
    const std::int32_t extent = w.extent[0];
    const std::array wanted{extent, extent, 1};
    if (extent < 2 || pool.k.output.extent[1] * extent > pool.k.inputs[0].where.extent[1] ||
        pool.k.output.extent[2] * extent > pool.k.inputs[0].where.extent[2])
        return std::nullopt;
    for (std::size_t axis = 0; axis < wanted.size(); ++axis)
        if (w.extent[axis] != wanted[axis] || w.stride[axis] != wanted[axis] || w.dilation[axis] != 1 ||
            w.pad_before[axis] != 0)
            return std::nullopt;
    return extent;
}

/// Whether the call `at` is the only one that reads what the one before it writes.
bool alone_reads(const std::vector<call>& calls, std::size_t at, const layout& memory) {
    const int block = calls[at - 1].output.block;
    if (memory.buffers[static_cast<std::size_t>(block)].where != space::arena) return false;
    std::ptrdiff_t readers = 0;
    for (const call& c : calls) readers += std::ranges::count(c.inputs, block, &argument::block);
    return readers == 1 && reads(calls[at], 0, calls[at - 1]);
}

call joined(call conv, call pool, std::int32_t extent) {
    const int before = static_cast<int>(conv.inputs.size()) - 1;  // of pool's inputs, the first is gone
    conv.k.pool = extent;
    conv.k.output = pool.k.output;
    conv.output = pool.output;
    conv.nodes.insert(conv.nodes.end(), pool.nodes.begin(), pool.nodes.end());
    for (std::size_t i = 1; i < pool.inputs.size(); ++i) {
        conv.k.inputs.push_back(std::move(pool.k.inputs[i]));
        conv.inputs.push_back(std::move(pool.inputs[i]));
    }
    for (schedules::epilogue_step& e : pool.k.epilogue) {
        for (int& operand : e.operands)
            if (operand >= 0) operand += before;
        conv.k.epilogue.push_back(std::move(e));
    }
    return conv;
}

/// The call at `at`, computed by the one before it, where that is a convolution of Winograd's family anyway.
std::optional<call> into_producer(const std::vector<call>& calls, std::size_t at, const layout& memory,
                                  const schedules::machine& machine, call_chooser& chooser) {
    const call& conv = calls[at - 1];
    const std::optional<std::int32_t> extent = side_by_side(calls[at]);
    if (!extent || conv.k.what != anchor::operation || conv.k.kind != op::conv ||
        !std::ranges::all_of(conv.k.epilogue, never_decreases) || !alone_reads(calls, at, memory))
        return std::nullopt;
    call alone = conv;
    chooser.choose(alone);
    if (!schedules::is_winograd(alone.k.how.which)) return std::nullopt;
    call both = joined(conv, calls[at], *extent);
    if (!schedules::can_pool(both.k, machine) || !chooser.choose(both)) return std::nullopt;
    return both;
}

}  // namespace

std::vector<call> pool_into_producers(const std::vector<call>& calls, const layout& memory,
                                      const schedules::machine& machine, call_chooser& chooser) {
    std::vector<call> all;
    for (std::size_t i = 0; i < calls.size(); ++i) {
        if (i > 0)
            if (std::optional<call> both = into_producer(calls, i, memory, machine, chooser)) {
                all.back() = *std::move(both);
                continue;
            }
        all.push_back(calls[i]);
    }
    return all;
}

}  // namespace kiln::plan
