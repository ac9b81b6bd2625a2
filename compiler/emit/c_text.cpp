#include <kiln/compiler/emit/c_text.hpp>

#include <fmt/format.h>

#include <kiln/compiler/emit/identifier.hpp>

namespace kiln::compiler {

std::string fill(std::string_view text, const substitutions& values) {
    std::string result;
    for (std::size_t from = 0;;) {
        const std::size_t open = text.find('@', from);
        result += text.substr(from, open - from);
        if (open == text.npos) return result;
        const std::size_t close = text.find('@', open + 1);
        result += values.find(text.substr(open + 1, close - open - 1))->second;
        from = close + 1;
    }
}

std::string in_comment(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c == '*' || static_cast<unsigned char>(c) < 0x20 || c == '\\') c = '_';
    return result;
}

std::string_view c_type(element e) {
    switch (e) {
        case element::float32: return "float";
        case element::int64: return "int64_t";
        case element::int32: return "int32_t";
        case element::boolean: return "uint8_t";
    }
    return "void";
}

std::string statuses(const std::string& function_name, std::span<const status_row> rows) {
    const std::string upper = upper_case(function_name);
    std::string names = fmt::format("\nenum {}_status {{\n", function_name);
    std::string cases;
    for (const status_row& row : rows) {
        names += fmt::format("    {}_{} = {},\n", upper, row.name, static_cast<int>(row.status));
        cases += fmt::format("        case {}_{}: return \"{}\";\n", upper, row.name, row.sentence);
    }
    names.erase(names.size() - 2, 1);  // C89 wants no comma there
    return names + fmt::format(
                       "}};\n\nstatic inline const char *{}_error_text(int status) {{\n"
                       "    switch (status) {{\n{}        default: return \"a kernel failed\";\n    }}\n}}\n",
                       function_name, cases);
}

}  // namespace kiln::compiler
