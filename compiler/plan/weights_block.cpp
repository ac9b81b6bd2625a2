#include <kiln/compiler/plan/weights_block.hpp>

#include <utility>

#include <kiln/compiler/plan/arena.hpp>
#include <kiln/compiler/plan/pack.hpp>

namespace kiln::plan {

std::int64_t weights_block::place(const call& c, std::size_t input) {
    const weight& source = c.inputs[input].constant;
    const schedules::packing p = c.k.inputs[input].packed;
    const bool flip = input == 1 && c.flip;
    const auto [entry, fresh] = packed_.try_emplace({source.value.get(), p, flip}, made_.weights_bytes);
    if (!fresh) return entry->second;
    packed_weight w{source.name, source.value, p, c.groups, flip, {}, made_.weights_bytes, 0};
    w.bytes = packed_bytes(c.k.inputs[input].shape, source.value->type, p);
    if (p.stored == schedules::storage::int8) w.scales = source.scales;
    made_.weights_bytes += (w.bytes + alignment - 1) / alignment * alignment;
    made_.weights.push_back(std::move(w));
    return entry->second;
}

}  // namespace kiln::plan
