// compile.hpp's model: a compiled graph, loaded and called.
#include <fmt/format.h>

#include <algorithm>

#include <kiln/compiler/compile.hpp>
#include <kiln/compiler/emit/status.hpp>
#include <kiln/compiler/extents.hpp>
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

/// Nothing for the usual type.
std::string type_text(element type) {
    return type == element::float32 ? std::string() : fmt::format(" of {}", name_of(type));
}

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

void model::run(const void* const* inputs, void* const* outputs, void* arena, int first, int end) const {
    const int code = object_.execute()(compiled_.weights.data(), inputs, outputs, arena, first, end);
    if (code != 0) throw error(fmt::format("{}: {} (code {})", compiled_.plan.name, sentence_of(code), code));
}

void model::run(const void* const* inputs, void* const* outputs) const {
    // An empty arena still needs an address.
    std::byte* arena =
        arena_of_thread(static_cast<std::size_t>(std::max<std::int64_t>(compiled_.plan.arena_bytes, 64)));
    run(inputs, outputs, arena, 0, static_cast<int>(compiled_.plan.steps.size()));
}

std::vector<tensor> model::operator()(const std::vector<tensor>& inputs) const {
    const plan::plan& p = compiled_.plan;
    if (inputs.size() != p.inputs.size())
        throw error(fmt::format("{} takes {} inputs, not {}", p.name, p.inputs.size(), inputs.size()));
    std::vector<std::vector<std::byte>> stored;  // of ports that hold no floats, as kernels read and write them
    stored.reserve(p.inputs.size() + p.outputs.size());
    std::vector<const void*> in;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const plan::port& port = p.inputs[i];
        const std::vector<std::int64_t> expected = extents_of(port.shape);
        expect_consistent(inputs[i], port.name);
        if (inputs[i].shape != expected || inputs[i].type != port.type)
            throw error(fmt::format("{}: {} must have shape {}{}, not {}{}", p.name, port.name, shape_text(expected),
                                    type_text(port.type), shape_text(inputs[i].shape), type_text(inputs[i].type)));
        if (port.type == element::float32) {
            in.push_back(inputs[i].values.data());
        } else {
            stored.push_back(stored_integers(inputs[i]));
            in.push_back(stored.back().data());
        }
    }
    std::vector<tensor> results;
    std::vector<void*> out;
    const std::size_t first_output = stored.size();
    for (const plan::port& port : p.outputs) {
        results.push_back(zeros(extents_of(port.shape), port.type));
        if (port.type == element::float32) {
            out.push_back(results.back().values.data());
        } else {
            stored.emplace_back(static_cast<std::size_t>(port.shape.volume() * bytes_of(port.type)));
            out.push_back(stored.back().data());
        }
    }
    run(in.data(), out.data());
    std::size_t next = first_output;
    for (tensor& result : results)
        if (result.type != element::float32) load_integers(stored[next++], result);
    return results;
}

}  // namespace kiln::compiler
