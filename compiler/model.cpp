// compile.hpp's model: a compiled graph, loaded and called.
#include <fmt/format.h>

#include <algorithm>

#include <kiln/compiler/compile.hpp>
#include <kiln/compiler/emit/status.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::compiler {
namespace {

loaded_object load(const compiled_graph& compiled, const std::string& function_name) {
    emit_options options;
    options.target = compiled.target;
    options.function_name = function_name;
    options.weights = weights_as::outside;
    options.cache_folder = compiled.cache_folder;
    options.use_cache = compiled.use_cache;
    return loaded_object(emit_object(compiled.plan, compiled.kernels, options), function_name);
}

/// This thread's arena, grown to the largest model it has run. Kept, because fresh pages cost more than a small
/// network.
std::byte* arena_of_thread(std::size_t bytes) {
    thread_local aligned_block arena;
    if (arena.size() < bytes) {
        arena = aligned_block();  // first free, then take
        arena.resize(bytes);
    }
    return arena.data();
}

std::vector<std::int64_t> extents_of(const dims& d) { return {d.extent.begin(), d.extent.begin() + d.rank}; }

std::string_view sentence_of(int code) {
    const auto row = std::ranges::find(status_table, static_cast<execute_status>(code), &status_row::status);
    return row == status_table.end() ? "a kernel failed" : row->sentence;
}

}  // namespace

model::model(compiled_graph compiled, const std::string& function_name)
    : compiled_(std::move(compiled)), object_(load(compiled_, function_name)) {
    for (plan::packed_weight& w : compiled_.plan.weights) w.value.reset();  // packed by now
    compiled_.kernels.clear();
}

void model::run(const float* const* inputs, float* const* outputs, void* arena, int first, int end) const {
    const int code = object_.execute()(compiled_.weights.data(), inputs, outputs, arena, first, end);
    if (code != 0) throw error(fmt::format("{}: {} (code {})", compiled_.plan.name, sentence_of(code), code));
}

void model::run(const float* const* inputs, float* const* outputs) const {
    // An empty arena still needs an address.
    std::byte* arena =
        arena_of_thread(static_cast<std::size_t>(std::max<std::int64_t>(compiled_.plan.arena_bytes, 64)));
    run(inputs, outputs, arena, 0, static_cast<int>(compiled_.plan.steps.size()));
}

std::vector<tensor> model::operator()(const std::vector<tensor>& inputs) const {
    const plan::plan& p = compiled_.plan;
    if (inputs.size() != p.inputs.size())
        throw error(fmt::format("{} takes {} inputs, not {}", p.name, p.inputs.size(), inputs.size()));
    std::vector<const float*> in;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const std::vector<std::int64_t> expected = extents_of(p.inputs[i].shape);
        expect_consistent(inputs[i], p.inputs[i].name);
        if (inputs[i].shape != expected)
            throw error(fmt::format("{}: {} must have shape {}, not {}", p.name, p.inputs[i].name, shape_text(expected),
                                    shape_text(inputs[i].shape)));
        in.push_back(inputs[i].values.data());
    }
    std::vector<tensor> results;
    std::vector<float*> out;
    for (const plan::port& port : p.outputs) {
        results.push_back({extents_of(port.shape), std::vector<float>(static_cast<std::size_t>(port.shape.volume()))});
        out.push_back(results.back().values.data());
    }
    run(in.data(), out.data());
    return results;
}

}  // namespace kiln::compiler
