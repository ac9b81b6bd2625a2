#include <fmt/format.h>
#include <fmt/ranges.h>

#include <kiln/compiler/emit/c_text.hpp>
#include <kiln/compiler/emit/emit.hpp>
#include <kiln/compiler/emit/header_text.hpp>
#include <kiln/compiler/emit/identifier.hpp>
#include <kiln/compiler/emit/weights_file.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::compiler {
namespace {

std::span<const std::int32_t> extents_of(const plan::port& port) {
    return {port.shape.extent.data(), static_cast<std::size_t>(port.shape.rank)};
}

struct port_text {
    const plan::port& port;
    std::string identifier;
    std::string_view direction;  // INPUT or OUTPUT
};

class header_writer {
public:
    header_writer(const plan::plan& p, const emit_options& options)
        : plan_(p), options_(options), upper_(upper_case(options.function_name)) {
        std::vector<std::string> names;
        for (const plan::port& port : p.inputs) names.push_back(port.name);
        for (const plan::port& port : p.outputs) names.push_back(port.name);
        const auto identifiers =
            distinct_identifiers(names, {"weights", "arena", "inputs_", "outputs_", "check", "arena_", "weights_",
                                         options.function_name, options.function_name + "_model"});
        for (std::size_t i = 0; i < p.inputs.size(); ++i) ports_.push_back({p.inputs[i], identifiers[i], "INPUT"});
        for (std::size_t i = 0; i < p.outputs.size(); ++i)
            ports_.push_back({p.outputs[i], identifiers[p.inputs.size() + i], "OUTPUT"});
        values_ = {{"NAME", options.function_name},
                   {"UPPER", upper_},
                   {"BATCH", std::to_string(p.batch)},
                   {"PORTS", port_comments()},
                   {"WEIGHTS_HEADER", fmt::format("{}", fmt::join(weights_file_header(p), ", "))},
                   {"WEIGHTS_NOTE", weights_note()},
                   {"WEIGHTS_MEMBER", embedded() ? "" : "    const void *weights_;\n"}};
    }

    std::string write() {
        using namespace header_text;
        const bool file = options_.weights == weights_as::file;
        std::string text = fill(top, values_);
        text += file ? file_includes : memory_includes;
        text += open_c;
        text += constants() + statuses(options_.function_name, status_table);
        text += fill(entry, values_) + fill(memory, values_) + fill(arena, values_);
        if (file) text += fill(weights_file, values_);
        text += run_function();
        text += close_c;
        text += fill(cxx_top, values_) + cxx_constants();
        text += fill(embedded() ? cxx_embedded : file ? cxx_file : cxx_outside, values_);
        text += fill(
            "    @NAME@_model(const @NAME@_model &) = delete;\n"
            "    @NAME@_model &operator=(const @NAME@_model &) = delete;\n",
            values_);
        return text + call_operators() + fill(cxx_bottom, values_);
    }

private:
    bool embedded() const { return options_.weights == weights_as::embedded; }

    const char* weights_note() const {
        switch (options_.weights) {
            case weights_as::embedded: return "NULL for those in the object";
            case weights_as::file: return "from the function ..._weights_open below";
            case weights_as::outside: return "the packed block, 64-byte aligned";
        }
        return "";
    }

    std::string port_comments() const {
        std::string text;
        for (const port_text& p : ports_)
            text += fmt::format(
                " *   {:6} {}: {}{}\n", p.direction == "INPUT" ? "input" : "output", in_comment(p.port.name),
                p.port.shape.rank > 0 ? fmt::format("{}", fmt::join(extents_of(p.port), " x ")) : "one number",
                p.port.type == element::float32 ? "" : fmt::format(" ({})", c_type(p.port.type)));
        return text;
    }

    std::string constants() const {
        std::string text = fmt::format(
            "#define {0}_BATCH {1}\n#define {0}_INPUTS {2}\n#define {0}_OUTPUTS {3}\n#define {0}_STEPS {4}\n"
            "#define {0}_ARENA_BYTES ((size_t){5})\n#define {0}_WEIGHTS_BYTES ((size_t){6})\n\n",
            upper_, plan_.batch, plan_.inputs.size(), plan_.outputs.size(), plan_.steps.size(), plan_.arena_bytes,
            plan_.weights_bytes);
        for (const port_text& p : ports_) {
            const std::string prefix = fmt::format("{}_{}_{}", upper_, p.direction, upper_case(p.identifier));
            text += fmt::format("#define {}_RANK {}\n", prefix, p.port.shape.rank);
            if (p.port.shape.rank > 0)
                text += fmt::format("#define {}_SHAPE {{{}}}\n", prefix, fmt::join(extents_of(p.port), ", "));
            text += fmt::format("#define {}_ELEMENTS ((size_t){})\n", prefix, p.port.shape.volume());
        }
        return text;
    }

    std::string parameters(bool with_weights) const {
        std::string text = with_weights ? "const void *weights, " : "";
        for (const port_text& p : ports_)
            text +=
                fmt::format("{}{} *{}, ", p.direction == "INPUT" ? "const " : "", c_type(p.port.type), p.identifier);
        return text;
    }

    std::string pointers(std::string_view type, std::string_view name, std::string_view direction) const {
        std::vector<std::string_view> names;
        for (const port_text& p : ports_)
            if (p.direction == direction) names.push_back(p.identifier);
        if (names.empty()) return {};
        std::string text = fmt::format("    {} {}[{}];\n", type, name, names.size());
        for (std::size_t i = 0; i < names.size(); ++i) text += fmt::format("    {}[{}] = {};\n", name, i, names[i]);
        return text;
    }

    std::string run_function() const {
        std::string text = fmt::format(
            "\n/* The whole network. Arrays of ..._ELEMENTS elements, as above. */\n"
            "static inline int {}_run({}void *arena) {{\n",
            options_.function_name, parameters(!embedded()));
        text += pointers("const void *", "inputs_", "INPUT") + pointers("void *", "outputs_", "OUTPUT");
        return text + fmt::format("    return {}_execute({}, {}, {}, arena, 0, {}_STEPS);\n}}\n",
                                  options_.function_name, embedded() ? "NULL" : "weights",
                                  plan_.inputs.empty() ? "NULL" : "inputs_",
                                  plan_.outputs.empty() ? "NULL" : "outputs_", upper_);
    }

    std::string cxx_constants() const {
        std::string text;
        for (const port_text& p : ports_)
            text += fmt::format(
                "    static constexpr std::array<int, {1}> {0}_shape{{{{{2}}}}};\n"
                "    using {0}_array = std::array<{4}, {3}>;\n",
                p.identifier, p.port.shape.rank, fmt::join(extents_of(p.port), ", "), p.port.shape.volume(),
                c_type(p.port.type));
        return text + "\n";
    }

    std::string call_operators() const {
        std::vector<std::string> pointers, arrays, pass_pointers, pass_arrays;
        for (const port_text& p : ports_) {
            const char* constness = p.direction == "INPUT" ? "const " : "";
            pointers.push_back(fmt::format("{}{} *{}", constness, c_type(p.port.type), p.identifier));
            arrays.push_back(fmt::format("{}{}_array &{}", constness, p.identifier, p.identifier));
            pass_pointers.push_back(p.identifier);
            pass_arrays.push_back(p.identifier + ".data()");
        }
        return fmt::format(
            "\n    void operator()({0}) {{\n        check({1}_run({2}{3}, arena_));\n    }}\n"
            "    void operator()({4}) {{ (*this)({5}); }}\n",
            fmt::join(pointers, ", "), options_.function_name, embedded() ? "" : "weights_, ",
            fmt::join(pass_pointers, ", "), fmt::join(arrays, ", "), fmt::join(pass_arrays, ", "));
    }

    const plan::plan& plan_;
    const emit_options& options_;
    std::string upper_;
    std::vector<port_text> ports_;
    substitutions values_;
};

}  // namespace

std::string emit_header(const plan::plan& p, const emit_options& options) {
    if (!is_identifier(options.function_name))
        throw error(fmt::format("the function name '{}' is not usable in C", options.function_name));
    return header_writer(p, options).write();
}

}  // namespace kiln::compiler
