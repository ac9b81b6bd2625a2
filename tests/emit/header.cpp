#include <doctest/doctest.h>
#include <kiln/compiler/emit/emit.hpp>

#include <set>
#include <sstream>
#include <string>

#include <kiln/compiler/emit/weights_file.hpp>
#include <kiln/compiler/lower/lower.hpp>
#include <kiln/tests/emit/scratch_folder.hpp>

#include "c_program.hpp"
#include "sample_model.hpp"

using namespace kiln;
using namespace kiln::compiler;
using namespace kiln::testing;

namespace {

emit_options options_for(weights_as weights) {
    return {.target = "x86-64-linux-avx2", .function_name = "sample", .weights = weights};
}

/// Writes the sample's header and object to `folder`.
void write_sample(const scratch_folder& folder, weights_as weights) {
    const sample_array w = sample_weights();
    const std::string_view block(reinterpret_cast<const char*>(w.data()), sizeof w);
    write_text(folder.file("sample.h"), emit_header(sample_plan(), options_for(weights)));
    write_text(folder.file("sample.o"), sample_object(resolve_target("host"), "sample", weights));
    write_weights_file(folder.file("sample.weights"), sample_plan(), bytes_of(block));
}

command_result build_and_run(const scratch_folder& folder, const std::string& compiler, std::string_view source,
                             const std::string& source_name) {
    write_text(folder.file(source_name), source);
    const auto built =
        run_command("cd " + folder.path().string() + " && " + compiler + " -Wall -Wextra -Werror -pedantic " +
                    source_name + " sample.o -o program -lm -lpthread");
    REQUIRE_MESSAGE(built.status == 0, built.output);
    return run_command("cd " + folder.path().string() + " && ./program");
}

}  // namespace

TEST_CASE("a strict C99 program links the object with libm and libpthread alone, and runs it") {
    const scratch_folder folder;
    write_sample(folder, weights_as::embedded);
    const auto ran = build_and_run(folder, KILN_C_COMPILER " -std=c99", c_program, "main.c");
    CHECK(ran.status == 0);
    CHECK(ran.output == c_program_prints);
}

TEST_CASE("a C++ program uses the model through its class") {
    constexpr std::string_view program = R"(
        #include "sample.h"
        #include <cstdio>
        int main() {
            static_assert(sample_model::x_shape[1] == 8 && sample_model::y_array().size() == 64, "");
            sample_model model;
            sample_model::x_array x{};
            sample_model::y_array y{};
            x[4] = 1.5F;
            model(x, y);
            std::printf("%g\n", y[4]);
            try {
                model(nullptr, y.data());
            } catch (const std::runtime_error &e) {
                std::puts(e.what());
            }
        }
    )";
    const scratch_folder folder;
    write_sample(folder, weights_as::embedded);
    const auto ran = build_and_run(folder, KILN_CXX_COMPILER " -std=c++17", program, "main.cpp");
    CHECK(ran.output == "4\nan input, an output, the weights or the arena is NULL\n");
}

TEST_CASE("a model with its weights in a file maps them, and refuses files of other models") {
    constexpr std::string_view program = R"(
        #include "sample.h"
        #include <stdio.h>
        int main(void) {
            const char *files[] = {"sample.weights", "other.weights", "short.weights", "missing.weights", "."};
            int i, status;
            for (i = 0; i < 5; ++i) {
                const void *weights = sample_weights_open(files[i], &status);
                printf("%d %d\n", weights != NULL, status);
                if (weights) {
                    float x[64] = {0}, y[64];
                    void *arena = sample_arena_create();
                    printf("%d", sample_run(weights, x, y, arena));
                    printf(" %g\n", y[4]);
                    sample_arena_destroy(arena);
                }
                sample_weights_close(weights);
            }
            printf("%d\n", sample_weights_open("missing.weights", NULL) == NULL);
            return 0;
        }
    )";
    const scratch_folder folder;
    write_sample(folder, weights_as::file);
    const std::string right = read_text(folder.file("sample.weights"));
    CHECK(right.size() == 64 + 256);
    CHECK(right.starts_with("KILNWTS1"));
    plan::plan other = sample_plan();
    other.weights.push_back({});
    write_weights_file(folder.file("other.weights"), other, bytes_of(std::string_view(right).substr(64)));
    write_text(folder.file("short.weights"), right.substr(0, 300));
    const auto ran = build_and_run(folder, KILN_C_COMPILER " -std=c99", program, "main.c");
    CHECK(ran.output == "1 0\n0 1\n0 6\n0 6\n0 5\n0 6\n1\n");
}

TEST_CASE("a C++ program opens a model's weights file") {
    constexpr std::string_view program = R"(
        #include "sample.h"
        #include <cstdio>
        int main() {
            sample_model model("sample.weights");
            sample_model::x_array x{};
            sample_model::y_array y{};
            model(x, y);
            std::printf("%g\n", y[4]);
            try {
                sample_model("missing");
            } catch (const std::runtime_error &e) {
                std::puts(e.what());
            }
        }
    )";
    const scratch_folder folder;
    write_sample(folder, weights_as::file);
    const auto ran = build_and_run(folder, KILN_CXX_COMPILER " -std=c++17", program, "main.cpp");
    CHECK(ran.output == "1\nthe weights file cannot be opened or mapped\n");
}

TEST_CASE("two models in one program share the thread pool") {
    constexpr std::string_view program = R"(
        #include "first.h"
        #include "second.h"
        #include <cstdio>
        int main() {
            first_model one;
            second_model two;
            first_model::x_array x{};
            first_model::y_array y{}, z{};
            x[4] = 1;
            first_set_threads(2);
            one(x, y);
            two(x, z);
            std::printf("%g %g %d\n", y[4], z[4], halide_set_num_threads(3));
        }
    )";
    const scratch_folder folder;
    for (const char* name : {"first", "second"}) {
        emit_options options = options_for(weights_as::embedded);
        options.function_name = name;
        write_text(folder.file(name) + std::string(".h"), emit_header(sample_plan(), options));
        write_text(folder.file(name) + std::string(".o"),
                   sample_object(resolve_target("host"), name, weights_as::embedded));
    }
    const auto ran = build_and_run(
        folder, KILN_CXX_COMPILER " first.o -r -nostdlib second.o -o sample.o;" KILN_CXX_COMPILER " -std=c++20",
        program, "main.cpp");
    CHECK(ran.output == "3 3 2\n");
}

TEST_CASE("a header includes a file once") {
    for (const weights_as weights : {weights_as::embedded, weights_as::file, weights_as::outside}) {
        std::istringstream header(emit_header(sample_plan(), options_for(weights)));
        std::set<std::string> included;
        for (std::string line; std::getline(header, line);)
            if (line.starts_with("#include")) CHECK_MESSAGE(included.insert(line).second, line);
        CHECK(included.contains("#include <sys/mman.h>"));
    }
}

TEST_CASE("port names of any form become distinct C names") {
    plan::plan p = sample_plan();
    p.inputs = {{"image.left", dims::of(1, 4, 4, 3)}, {"image/left", dims::of(1, 4, 4, 3)}, {"int", dims::of(1, 2)}};
    p.outputs = {{"*/ oops", dims::of(1, 10)}, {"arena", dims::of(1, 7)}, {"weights", dims::of(1, 7)}};
    for (const weights_as weights : {weights_as::embedded, weights_as::file, weights_as::outside}) {
        const scratch_folder folder;
        write_text(folder.file("sample.h"), emit_header(p, options_for(weights)));
        write_text(folder.file("main.c"),
                   "#include \"sample.h\"\nint main(void) { return (int)SAMPLE_INPUT_IMAGE_LEFT_2_ELEMENTS; }\n");
        for (const char* compiler :
             {KILN_C_COMPILER " -std=c99", KILN_C_COMPILER " -std=c17", KILN_CXX_COMPILER " -std=c++17 -x c++"}) {
            const auto built = run_command("cd " + folder.path().string() + " && " + compiler +
                                           " -Wall -Wextra -Werror -pedantic -fsyntax-only main.c");
            CHECK_MESSAGE(built.status == 0, compiler, built.output);
        }
    }
}
