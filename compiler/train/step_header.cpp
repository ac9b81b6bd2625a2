#include <kiln/compiler/train/step_header.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <kiln/compiler/emit/c_text.hpp>
#include <kiln/compiler/emit/header_text.hpp>
#include <kiln/compiler/emit/identifier.hpp>
#include <kiln/compiler/train/step_header_text.hpp>

namespace kiln::train {
namespace {

constexpr std::int64_t alignment = 64;

std::int64_t aligned(std::int64_t bytes) { return (bytes + alignment - 1) / alignment * alignment; }

std::span<const std::int32_t> extents_of(const plan::port& port) {
    return {port.shape.extent.data(), static_cast<std::size_t>(port.shape.rank)};
}

/// A name as a string of C.
std::string quoted(std::string_view text) {
    std::string made;
    for (const char c : text) made += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
    return '"' + made + '"';
}

/// The rows of NAME_tensors.
std::string tensor_rows(const training_graphs& graphs, const state_layout& layout) {
    std::string text;
    for (std::size_t i = 0; i < graphs.state.size(); ++i) {
        const state_tensor& t = graphs.state[i];
        text += fmt::format("    {{{}, {:d}, {:d}, {}, {{{}}}, {}, {}, {:d}}},\n", quoted(t.name), t.parameter,
                            t.initial.type == element::int64, t.initial.shape.size(), fmt::join(t.initial.shape, ", "),
                            t.initial.size(), layout.places[i], graphs.step.next[i] >= 0);
    }
    return text;
}

}  // namespace

state_layout lay_out(const std::vector<state_tensor>& state) {
    state_layout layout;
    for (const state_tensor& t : state) {
        layout.places.push_back(layout.bytes);
        layout.bytes += aligned(static_cast<std::int64_t>(t.initial.size()) * bytes_of(t.initial.type));
    }
    return layout;
}

std::string step_header(const training_graphs& graphs, const plan::plan& p, const std::string& function_name,
                        std::int64_t initial) {
    const state_layout layout = lay_out(graphs.state);
    const auto data_inputs = static_cast<std::size_t>(graphs.step.data_inputs),
               data_outputs = static_cast<std::size_t>(graphs.step.data_outputs);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < data_inputs; ++i) names.push_back(p.inputs[i].name);
    for (std::size_t i = 1; i < data_outputs; ++i) names.push_back(p.outputs[i].name);
    const std::vector<std::string> identifiers =
        compiler::distinct_identifiers(names, {"cost", "learning_rate", "state", "arena", "inputs_", "outputs_",
                                               "written", "status", "i", "in", "out", function_name});
    std::string ports, parameters, results, inputs, outputs = "    outputs_[out++] = cost;\n";
    const auto port_line = [&](std::string_view direction, const plan::port& port) {
        ports += fmt::format(" *   {:6} {}: {}\n", direction, compiler::in_comment(port.name),
                             fmt::join(extents_of(port), " x "));
    };
    for (std::size_t i = 0; i < data_inputs; ++i) {
        port_line("input", p.inputs[i]);
        parameters += fmt::format("const {} *{}, ", compiler::c_type(p.inputs[i].type), identifiers[i]);
        inputs += fmt::format("    inputs_[in++] = {};\n", identifiers[i]);
    }
    ports += " *   input  learning_rate: one number\n *   output cost: one number, the mean over the batch\n";
    for (std::size_t i = 1; i < data_outputs; ++i) {
        const std::string& name = identifiers[data_inputs + i - 1];
        port_line("output", p.outputs[i]);
        results += fmt::format("{} *{}, ", compiler::c_type(p.outputs[i].type), name);
        outputs += fmt::format("    outputs_[out++] = {};\n", name);
    }
    const compiler::substitutions values = {
        {"NAME", function_name},
        {"UPPER", compiler::upper_case(function_name)},
        {"PORTS", ports},
        {"BATCH", std::to_string(p.batch)},
        {"STEPS", std::to_string(p.steps.size())},
        {"ARENA_BYTES", std::to_string(p.arena_bytes)},
        {"STATE_TENSORS", std::to_string(graphs.state.size())},
        {"STATE_BYTES", std::to_string(alignment + 2 * layout.bytes)},
        {"SET_BYTES", std::to_string(layout.bytes)},
        {"INITIAL", std::to_string(initial)},
        {"TENSORS", tensor_rows(graphs, layout)},
        {"WEIGHTS_NOTE", "NULL for those in the object"},
        {"PARAMETERS", parameters + "float learning_rate, float *cost, " + results},
        {"INPUTS", std::to_string(p.inputs.size())},
        {"OUTPUTS", std::to_string(p.outputs.size())},
        {"DATA_INPUTS", inputs},
        {"DATA_OUTPUTS", outputs},
    };
    std::vector<compiler::status_row> rows(compiler::status_table.begin(), compiler::status_table.end());
    rows.push_back(compiler::diverged);
    namespace fixed = step_header_text;
    namespace shared = compiler::header_text;
    std::string text = compiler::fill(fixed::top, values);
    text += shared::memory_includes;
    text += shared::open_c;
    text += compiler::fill(fixed::sizes, values) + compiler::statuses(function_name, rows);
    for (const std::string_view part : {shared::entry, shared::memory, shared::arena, fixed::state, fixed::step})
        text += compiler::fill(part, values);
    return text;
}

}  // namespace kiln::train
