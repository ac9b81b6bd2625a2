#include <kiln/compiler/tune/single_kernel.hpp>

#include <algorithm>

#include <kiln/compiler/emit/emit.hpp>
#include <kiln/compiler/lower/lower.hpp>
#include <kiln/compiler/plan/pack.hpp>
#include <kiln/schedules/family.hpp>

namespace kiln::tune {
namespace {

constexpr std::int64_t page = 4096;

std::int64_t round_up(std::int64_t bytes, std::int64_t multiple) {
    return (bytes + multiple - 1) / multiple * multiple;
}

/// Elements from element (0, ..., 0) to the last one that is read, halo included.
std::int64_t reach_of(const schedules::view& v) {
    std::int64_t reach = 1;
    for (std::size_t axis = 0; axis < schedules::axes; ++axis)
        reach += std::max<std::int64_t>(v.stride[axis], 0) * (v.extent[axis] - 1);
    for (std::size_t axis = 0; axis < 3; ++axis)
        reach += std::max<std::int64_t>(v.stride[axis + 1], 0) * v.halo_after[axis];
    return reach;
}

/// Takes the room of a view at the arena's end.
plan::place append(plan::plan& p, const schedules::view& v) {
    const std::int64_t size = bytes_of(v.type), begin = p.arena_bytes;
    // Buffers of a network begin anywhere within a page; the same place for all would be an unlucky one.
    p.arena_bytes = round_up(begin + (v.origin() + reach_of(v)) * size, page) + 320;
    p.arena_bytes = round_up(p.arena_bytes, 64);
    return {plan::space::arena, 0, begin + v.origin() * size};
}

}  // namespace

plan::plan plan_of(const schedules::kernel& k) {
    plan::plan p;
    p.name = "kernel";
    p.kernels.push_back(k);
    plan::step s;
    s.name = schedules::summary_of(k);
    for (const schedules::operand& o : k.inputs) {
        if (!o.is_weight) {
            s.inputs.push_back(append(p, o.where));
            continue;
        }
        s.inputs.push_back({plan::space::weights, 0, p.weights_bytes});
        p.weights_bytes += round_up(plan::packed_bytes(o.shape, o.where.type, o.packed), 64);
    }
    s.output = append(p, k.output);
    if (const schedules::scratch scratch = schedules::scratch_of(k); scratch.needed()) {
        s.scratch_byte = p.arena_bytes;
        s.scratch_slots = scratch.slots;
        p.arena_bytes = round_up(p.arena_bytes + scratch.bytes(scratch.slots), 64);
    }
    p.steps.push_back(std::move(s));
    return p;
}

bool runs_on_anything(const schedules::kernel& k) {
    return k.output.type == element::float32 &&
           std::ranges::all_of(k.inputs, [](const auto& o) { return o.where.type == element::float32; });
}

std::string object_of(const schedules::kernel& k, const std::string& target, const std::string& name,
                      const std::string& cache_folder) {
    return object_around(compiler::lower_to_bitcode(k, target, "kiln_kernel_" + name), k, target, name, cache_folder);
}

std::string object_around(const std::string& bitcode, const schedules::kernel& k, const std::string& target,
                          const std::string& name, const std::string& cache_folder) {
    const compiler::built_kernel built{"kiln_kernel_" + name, bitcode};
    compiler::emit_options options;
    options.target = target;
    options.function_name = name;
    options.weights = compiler::weights_as::outside;
    options.cache_folder = cache_folder;
    return compiler::emit_object(plan_of(k), std::span(&built, 1), options);
}

}  // namespace kiln::tune
