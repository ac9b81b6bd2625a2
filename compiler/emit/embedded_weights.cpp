#include <elf.h>
#include <fmt/format.h>

#include <bit>
#include <cstring>

#include <kiln/compiler/emit/embedded_weights.hpp>
#include <kiln/compiler/emit/fail.hpp>
#include <kiln/compiler/emit/status.hpp>

namespace kiln::compiler {
namespace {

static_assert(std::endian::native == std::endian::little, "headers of x86-64 and AArch64 objects are read as they lie");

std::string section_name(const std::string& function_name) { return ".rodata." + function_name + "_weights"; }

/// A copy of the T at `offset`.
template <class T>
T read_at(const std::string& object, std::uint64_t offset) {
    if (offset > object.size() || object.size() - offset < sizeof(T))
        fail_internally("embedding weights", "the object is shorter than its headers say");
    T value;
    std::memcpy(&value, object.data() + offset, sizeof value);
    return value;
}

}  // namespace

void reserve_weights(llvm::Module& module, const std::string& function_name, std::int64_t bytes) {
    module.appendModuleInlineAsm(fmt::format(R"(
.section {1},"a",%nobits
.balign {2}
.globl {0}_weights
.type {0}_weights,%object
{0}_weights:
.zero {3}
.size {0}_weights,{3}
.text
)",
                                             function_name, section_name(function_name), arena_alignment, bytes));
}

void expect_weights_at_end(std::string& object, const std::string& function_name) {
    const auto file = read_at<Elf64_Ehdr>(object, 0);
    const auto header_at = [&](std::uint64_t section) { return file.e_shoff + section * sizeof(Elf64_Shdr); };
    const auto names = read_at<Elf64_Shdr>(object, header_at(file.e_shstrndx));
    const std::string wanted = section_name(function_name);
    for (std::uint64_t section = 0; section < file.e_shnum; ++section) {
        auto header = read_at<Elf64_Shdr>(object, header_at(section));
        if (object.compare(names.sh_offset + header.sh_name, wanted.size() + 1, wanted.c_str(), wanted.size() + 1) != 0)
            continue;
        object.resize((object.size() + arena_alignment - 1) / arena_alignment * arena_alignment);
        header.sh_type = SHT_PROGBITS;
        header.sh_offset = object.size();
        std::memcpy(object.data() + header_at(section), &header, sizeof header);
        return;
    }
    fail_internally("embedding weights", fmt::format("the object has no section {}", wanted));
}

}  // namespace kiln::compiler
