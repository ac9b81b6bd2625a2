#include <doctest/doctest.h>
#include <kiln/compiler/emit/emit.hpp>

#include <algorithm>
#include <kiln/compiler/emit/system_symbols.hpp>
#include <kiln/compiler/lower/lower.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/tests/emit/scratch_folder.hpp>

#include "sample_model.hpp"

using namespace kiln;
using namespace kiln::compiler;
using namespace kiln::testing;

namespace {

/// The names of the object's symbols of the given types of nm's.
std::vector<std::string> symbols(const std::string& object, std::string_view types) {
    const scratch_folder folder;
    write_text(folder.file("model.o"), object);
    const auto listed = run_command("nm " + folder.file("model.o"));
    REQUIRE(listed.status == 0);
    std::vector<std::string> names;
    std::istringstream lines(listed.output);
    for (std::string line; std::getline(lines, line);)
        if (line.size() > 19 && types.find(line[17]) != types.npos) names.push_back(line.substr(19));
    return names;
}

const std::string avx2 = "x86-64-linux-avx-avx2-f16c-fma-sse41";

}  // namespace

TEST_CASE("an object exports its entry point and nothing else of its own") {
    CHECK(symbols(sample_object(avx2, "sample"), "TDBR") == std::vector<std::string>{"sample_execute"});
}

TEST_CASE("an object needs the C library, the maths library and pthread alone") {
    const std::string object = sample_object(avx2, "sample");
    const auto undefined = symbols(object, "Uw");
    CHECK(undefined.size() > 5);
    for (const std::string& name : undefined) CHECK_MESSAGE(is_system_symbol(name), name);
    CHECK(undefined == undefined_symbols(object));
    // Parts of Halide's runtime that no model uses.
    for (const char* name : {"dlopen", "fopen", "dlsym"})
        CHECK_MESSAGE(std::ranges::find(undefined, name) == undefined.end(), name);
}

TEST_CASE("the stack of a program with the object is not executable") {
    const scratch_folder folder;
    write_text(folder.file("model.o"), sample_object(avx2, "sample"));
    const auto sections = run_command("readelf -SW " + folder.file("model.o"));
    CHECK(sections.output.find(".note.GNU-stack") != std::string::npos);
}

TEST_CASE("equal input gives equal bytes") {
    const auto kernels = sample_kernels(avx2);
    const emit_options options{
        .target = avx2, .function_name = "sample", .weights = weights_as::outside, .use_cache = false};
    CHECK(emit_object(sample_plan(), kernels, options) == emit_object(sample_plan(), kernels, options));
}

TEST_CASE("only kernels use the target's instructions: the entry point runs on any processor") {
    const scratch_folder folder;
    write_text(folder.file("model.o"),
               sample_object("x86-64-linux-avx-avx2-avx512-avx512_skylake-f16c-fma-sse41", "sample"));
    const auto code = run_command("objdump -d --no-show-raw-insn " + folder.file("model.o"));
    std::string function;
    bool kernels_use_them = false;
    std::istringstream lines(code.output);
    for (std::string line; std::getline(lines, line);) {
        if (line.ends_with(">:")) function = line;
        const bool wide = line.find("ymm") != line.npos || line.find("zmm") != line.npos;
        if (function.find("kiln_kernel_") != function.npos)
            kernels_use_them = kernels_use_them || wide;
        else
            CHECK_MESSAGE(!wide, function, line);
    }
    CHECK(kernels_use_them);
}

TEST_CASE("every target that is offered can be emitted") {
    for (const char* target :
         {"x86-64-linux-sse41", "x86-64-linux-avx2", "x86-64-linux-avx512_skylake", "arm-64-linux"})
        CHECK(sample_object(resolve_target(target), "sample")
                  .starts_with("\x7f"
                               "ELF"));
}

TEST_CASE("embedded weights are read-only, aligned, and end the file") {
    const scratch_folder folder;
    const std::string object = sample_object(avx2, "sample", weights_as::embedded);
    CHECK(symbols(object, "R") == std::vector<std::string>{"sample_weights"});
    write_text(folder.file("model.o"), object);
    const auto sections = run_command("readelf -SW " + folder.file("model.o") + " | grep rodata.sample_weights");
    CHECK(sections.output.find("000100 00   A  0   0 64") != std::string::npos);
}

TEST_CASE("a function name that C cannot take is refused") {
    for (const char* name : {"", "9lives", "two words", "int", "class", "_x", "a-b"})
        CHECK_THROWS_WITH_AS(sample_object(avx2, name), doctest::Contains("function name"), error);
}

TEST_CASE("damaged bitcode is an error, not the end of the process") {
    auto kernels = sample_kernels(avx2);
    const emit_options options{
        .target = avx2, .function_name = "sample", .weights = weights_as::outside, .use_cache = false};
    kernels[1].bitcode.resize(100);
    CHECK_THROWS_WITH_AS(emit_object(sample_plan(), kernels, options), doctest::Contains("kernel kiln_kernel_add"),
                         error);
    kernels = sample_kernels(avx2);
    kernels[1].symbol = "kiln_kernel_missing";
    CHECK_THROWS_WITH_AS(emit_object(sample_plan(), kernels, options), doctest::Contains("does not define it"), error);
}

TEST_CASE("the assembly for people shows the driver and the kernels") {
    const std::string text = emit_llvm_assembly(
        sample_plan(), sample_kernels(avx2),
        {.target = avx2, .function_name = "sample", .weights = weights_as::outside, .use_cache = false});
    CHECK(text.find("@sample_execute(") != text.npos);
    const std::size_t name = text.find(" @kiln_kernel_scale(");  // attributes of the result differ between versions
    REQUIRE(name != text.npos);
    CHECK(text.substr(text.rfind('\n', name) + 1).starts_with("define internal "));
}
