#include <fmt/format.h>

#include <kiln/compiler/emit/embedded_weights.hpp>
#include <kiln/compiler/emit/status.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/mapped_file.hpp>

namespace kiln::compiler {
namespace {

/// The path as a string of the assembler's language, which knows \" \\ and three octal digits.
std::string assembler_string(const std::string& path) {
    std::string text = "\"";
    for (const char c : path) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            text += {'\\', c};
        else if (byte < 0x20 || byte >= 0x7f)
            text += fmt::format("\\{:03o}", byte);
        else
            text += c;
    }
    return text + '"';
}

}  // namespace

void embed_weights(llvm::Module& module, const std::string& function_name, const std::string& file,
                   std::int64_t bytes) {
    const std::size_t found = mapped_file(file).bytes().size();
    if (found != static_cast<std::size_t>(bytes))
        throw error(fmt::format("{}: expected {} bytes of packed weights, found {}", file, bytes, found));
    module.appendModuleInlineAsm(fmt::format(R"(
.section .rodata.{0}_weights,"a",%progbits
.balign {1}
.globl {0}_weights
.type {0}_weights,%object
{0}_weights:
.incbin {2}
.size {0}_weights,{3}
.text
)",
                                             function_name, arena_alignment, assembler_string(file), bytes));
}

}  // namespace kiln::compiler
