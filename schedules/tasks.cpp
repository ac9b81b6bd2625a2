#include <algorithm>

#include <kiln/dsl/ops/conv.hpp>
#include <kiln/dsl/ops/local_response_norm.hpp>
#include <kiln/dsl/ops/pool.hpp>
#include <kiln/schedules/family.hpp>

namespace kiln::schedules {
namespace {

// Handing a task over costs less than a microsecond; at tens of GFLOP/s this is a task's worthwhile size.
constexpr std::int64_t operations_per_task = 500'000;
// Enough for a few tasks on each of many cores, so that the last one finishing late costs little.
constexpr std::int64_t most_tasks = 64;

}  // namespace

std::int64_t work_of(const kernel& k) {
    std::int64_t elements = 1;
    for (const std::int32_t e : anchor_extent(k)) elements *= e;
    std::int64_t each = 1 + static_cast<std::int64_t>(k.epilogue.size());
    if (k.what == anchor::operation && k.kind == op::conv) {
        const auto a = unpack<ops::conv::attributes>(k.attributes);
        each += 2 * ops::window_volume(a.slide, 3) * (k.inputs[0].where.extent[0] / a.groups);
    } else if (k.what == anchor::operation &&
               (k.kind == op::max_pool || k.kind == op::max_pool_place || k.kind == op::average_pool)) {
        each += 8 * ops::window_volume(unpack<ops::pool_attributes>(k.attributes).slide, 3);
    } else if (k.what == anchor::operation && k.kind == op::filter_gradient) {
        const auto& e = k.inputs[1].where.extent;
        each += 2 * std::int64_t{e[1]} * e[2] * e[3] * e[batch_axis];
    } else if (k.what == anchor::operation && k.kind == op::matmul) {
        each += 2 * std::int64_t{k.inputs[0].where.extent[0]};
    } else if (k.what == anchor::operation && k.kind == op::ranking) {
        each += 4 * std::int64_t{k.output.extent[static_cast<std::size_t>(k.attributes[0])]};  // its axis comes first
    } else if (k.what == anchor::operation && k.kind == op::reduce) {
        std::int64_t read = 1;
        for (const std::int32_t e : k.inputs[0].where.extent) read *= e;
        each += 2 * read / elements;
    } else if (k.what == anchor::operation && k.kind == op::local_response_norm) {
        const std::int32_t size = unpack<ops::local_response_norm::attributes>(k.attributes).size;
        each += 2 * std::min(size, k.output.extent[0]) + 16;  // a division and square roots
    } else {
        each += 8;  // bound by memory, not arithmetic
    }
    return elements * each;
}

std::int64_t tasks_for(std::int64_t work) {
    return std::clamp<std::int64_t>(work / operations_per_task, 1, most_tasks);
}

std::int32_t rows_per_task(std::int64_t work, std::int32_t rows, std::int64_t repeats) {
    const std::int64_t tasks = tasks_for(work);
    if (tasks < 2) return rows;
    const std::int64_t per_repeat = std::clamp<std::int64_t>((tasks + repeats - 1) / repeats, 1, rows);
    return static_cast<std::int32_t>((rows + per_repeat - 1) / per_repeat);
}

}  // namespace kiln::schedules
