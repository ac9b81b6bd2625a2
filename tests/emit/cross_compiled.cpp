#include <doctest/doctest.h>
#include <kiln/compiler/emit/emit.hpp>

#include <kiln/compiler/lower/lower.hpp>
#include <kiln/tests/emit/scratch_folder.hpp>

#include "c_program.hpp"
#include "sample_model.hpp"

using namespace kiln;
using namespace kiln::compiler;
using namespace kiln::testing;

TEST_SUITE("qemu") {
    TEST_CASE("an object for AArch64 is linked by its compiler and runs under emulation") {
        const scratch_folder folder;
        const std::string target = resolve_target("arm-64-linux");
        const emit_options options{.target = target, .function_name = "sample", .weights = weights_as::embedded};
        write_text(folder.file("sample.h"), emit_header(sample_plan(), options));
        write_text(folder.file("sample.o"), sample_object(target, "sample", weights_as::embedded));
        write_text(folder.file("main.c"), c_program);
        for (const char* how : {"-static", "-pie"}) {
            const auto built = run_command("cd " + folder.path().string() + " && aarch64-linux-gnu-gcc " + how +
                                           " -std=c99 -Wall -Wextra -Werror main.c sample.o -o program -lm -lpthread");
            REQUIRE_MESSAGE(built.status == 0, built.output);
            const auto ran = run_command("cd " + folder.path().string() +
                                         " && qemu-aarch64-static -L /usr/aarch64-linux-gnu ./program");
            CHECK(ran.output == c_program_prints);
        }
    }
}
