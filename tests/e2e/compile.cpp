#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <tuple>

#include <kiln/runtime/tensor_file.hpp>

#include "workplace.hpp"

using kiln::e2e::finished;
using kiln::e2e::workplace;

namespace {

/// A C program that runs lenet5 on the floats of image.raw and writes score.raw.
constexpr const char* program = R"(
#include <stdio.h>
#include "digits.h"
int main(void) {
    static float image[DIGITS_INPUT_INPUT_ELEMENTS], score[DIGITS_OUTPUT_OUTPUT_ELEMENTS];
    void *arena = digits_arena_create();
    FILE *in = fopen("image.raw", "rb"), *out = fopen("score.raw", "wb");
    if (!arena || !in || !out || fread(image, sizeof image, 1, in) != 1) return 2;
    @OPEN@
    if (digits_run(@WEIGHTS@image, score, arena) != DIGITS_OK) return 4;
    if (fwrite(score, sizeof score, 1, out) != 1 || fclose(out) != 0) return 5;
    digits_arena_destroy(arena);
    return fclose(in);
}
)";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to);
}

/// image.raw and image.npy, the same values.
void write_image(const workplace& here) {
    kiln::tensor image{{28, 28, 1}, {}};
    for (int i = 0; i < 28 * 28; ++i) image.values.push_back(static_cast<float>(i % 17) / 17);
    kiln::write_tensors(here / "here/image.npy", {{"image", image}});
    here.write("image.raw", {reinterpret_cast<const char*>(image.values.data()), image.values.size() * sizeof(float)});
}

std::vector<float> floats_of(const std::string& bytes) {
    std::vector<float> values(bytes.size() / sizeof(float));
    std::ranges::copy(bytes, reinterpret_cast<char*>(values.data()));
    return values;
}

/// Builds `source` with the object and runs it; both must succeed.
void link_and_run(const workplace& here, const std::string& source) {
    here.write("program.c", source);
    const finished built = here.shell(
        KILN_C_COMPILER " -std=c11 -Wall -Wextra -Werror program.c digits.o -o program -lm -lpthread && ./program");
    INFO(built.err);
    REQUIRE(built.exit_code == 0);
}

}  // namespace

TEST_CASE("a compiled network linked into a C program gives what kiln run gives, bit for bit") {
    const workplace here;
    write_image(here);
    here.kiln_output("run lenet5 -i image.npy --seed 7 -o score.npz");
    const auto expected = kiln::read_tensors(here / "here/score.npz").at("output").values;
    REQUIRE(expected.size() == 10);

    SUBCASE("weights in the object") {
        here.kiln_output("compile lenet5 -o digits.o --function-name digits --seed 7");
        link_and_run(here, replaced(replaced(program, "@OPEN@", ""), "@WEIGHTS@", ""));
    }
    SUBCASE("weights in a file") {
        here.kiln_output("compile lenet5 -o digits.o --function-name digits --seed 7 --weights-as file");
        CHECK(here.read("digits.o").size() < 200'000);
        link_and_run(here, replaced(replaced(program, "@OPEN@",
                                             "const void *weights = digits_weights_open(\"digits.weights\", NULL);"
                                             "if (!weights) return 3;"),
                                    "@WEIGHTS@", "weights, "));
    }
    SUBCASE("the same network as a source of one's own") {
        here.kiln_output("compile " KILN_SOURCES "/examples/lenet5.cpp -o digits.o --function-name digits --seed 7");
        link_and_run(here, replaced(replaced(program, "@OPEN@", ""), "@WEIGHTS@", ""));
    }
    CHECK(floats_of(here.read("score.raw")) == expected);
}

TEST_CASE("outputs are named after the model or after -o, and nothing else is written") {
    const workplace here;
    const std::string said = here.kiln_output("compile lenet5");
    CHECK(here.files() == std::vector<std::string>{"lenet5.h", "lenet5.o"});
    for (const char* fact : {"arena", "weights", "kernels", "wrote lenet5.o", "wrote lenet5.h"})
        CHECK_MESSAGE(said.find(fact) != std::string::npos, fact);
    const workplace all;
    CHECK(all.kiln_output("compile lenet5 -q -o x.o --emit object,header,stmt,llvm_assembly,dot") == "");
    CHECK(all.files() == std::vector<std::string>{"x.dot", "x.h", "x.ll", "x.o", "x.stmt"});
    CHECK(all.read("x.dot").starts_with("digraph"));
    CHECK(all.read("x.ll").find("define") != std::string::npos);
    CHECK(all.read("x.stmt").find("conv") != std::string::npos);
}

TEST_CASE("the same command writes the same bytes, cached or not") {
    const workplace here;
    here.kiln_output("compile lenet5 -o a.o --seed 3");
    here.kiln_output("compile lenet5 -o b.o --seed 3 --no-cache");
    CHECK(here.read("a.o") == here.read("b.o"));
    CHECK(here.read("a.h") == here.read("b.h"));
    here.kiln_output("compile lenet5 -o c.o --seed 4");
    CHECK(here.read("a.o") != here.read("c.o"));
}

TEST_CASE("weights written by another run are taken by name") {
    const workplace here;
    write_image(here);
    kiln::tensor_map weights;
    const auto put = [&](const char* name, std::vector<std::int64_t> shape) {
        std::int64_t size = 1;
        for (const std::int64_t extent : shape) size *= extent;
        weights[name] = {std::move(shape), std::vector<float>(static_cast<std::size_t>(size), 0.01F)};
    };
    put("conv1.weight", {5, 5, 1, 6});
    put("conv1.bias", {6});
    put("conv2.weight", {5, 5, 6, 16});
    put("conv2.bias", {16});
    put("dense1.weight", {400, 120});
    put("dense1.bias", {120});
    put("dense2.weight", {120, 84});
    put("dense2.bias", {84});
    put("dense3.weight", {84, 10});
    put("dense3.bias", {10});
    for (const char* file : {"w.safetensors", "w.npz"}) {
        kiln::write_tensors(here / (std::string("here/") + file), weights);
        here.kiln_output(fmt::format("run lenet5 -i image.npy --weights {} -o score.npy", file));
        // All digits have the same weights, so all have the same score.
        const auto scores = kiln::read_tensors(here / "here/score.npy").at("score").values;
        CHECK(scores.size() == 10);
        for (const float score : scores) CHECK(score == doctest::Approx(0.1));
    }
}

TEST_CASE("a batch gives each sample what it gets alone") {
    const workplace here;
    here.kiln_output("run lenet5 --batch 3 --fill-mode random --seed 5 -o three.npz");
    const auto three = kiln::read_tensors(here / "here/three.npz").at("output");
    CHECK(three.shape == std::vector<std::int64_t>{3, 10});
    float sum = 0;
    for (const float score : three.values) sum += score;
    CHECK(sum == doctest::Approx(3));
}

TEST_CASE("a depfile lists the source and what it includes") {
    const workplace here;
    here.write("block.hpp",
               "#include <kiln/dsl/dsl.hpp>\n"
               "using namespace kiln::literals;\n"
               "inline constexpr auto block = [](auto x) { return kiln::relu(x | kiln::conv(4_c, 3_c)); };\n");
    here.write("net.cpp",
               "#include \"block.hpp\"\n"
               "inline constexpr auto net = [](auto x) { return x | block; };\n"
               "KILN_EXPORT(net, kiln::shape<8, 8, 1>);\n");
    here.kiln_output("compile net.cpp -o net.o --depfile net.d");
    const std::string rule = here.read("net.d");
    CHECK(rule.starts_with("net.o:"));
    for (const char* file : {"net.cpp", "block.hpp", "dsl.hpp"})
        CHECK_MESSAGE(rule.find(file) != std::string::npos, file);

    // The plug-in is built again when an included file changes, and only then.
    CHECK(here.kiln_json("inspect net.cpp --json")["layers"][1]["shape"][2] == 4);
    here.shell("sed -i s/4_c/6_c/ block.hpp");
    CHECK(here.kiln_json("inspect net.cpp --json")["layers"][1]["shape"][2] == 6);
}

TEST_CASE("damaged plug-ins in the cache are built again") {
    const workplace here;
    here.write("net.cpp",
               "#include <kiln/dsl/dsl.hpp>\n"
               "inline constexpr auto net = [](auto x) { return kiln::relu(x); };\n"
               "KILN_EXPORT(net, kiln::shape<8>);\n");
    const std::string cached = "KILN_CACHE_DIR=$PWD/cache " KILN_COMMAND " inspect net.cpp --json";
    const std::string first = here.shell(cached).out;
    CHECK(here.shell("ls cache/plugins | wc -l").out == "1\n");
    CHECK(here.shell(cached).out == first);
    here.shell("truncate -s -100 cache/plugins/*");
    CHECK(here.shell(cached).out == first);
    here.shell("printf x | dd of=$(ls cache/plugins/*) conv=notrunc bs=1 seek=5000 2>/dev/null");
    CHECK(here.shell(cached).out == first);
}

TEST_CASE("a cache that cannot be written is no error") {
    const workplace here;
    here.write("file", "");
    const finished done =
        here.shell("KILN_CACHE_DIR=$PWD/file " KILN_COMMAND " compile " KILN_SOURCES "/examples/lenet5.cpp -q");
    INFO(done.err);
    CHECK(done.exit_code == 0);
    CHECK(here.files() == std::vector<std::string>{"file", "lenet5.h", "lenet5.o"});
}

TEST_CASE("targets name other processors") {
    const workplace here;
    here.kiln_output("compile lenet5 -o digits.o --function-name digits --target x86-64-linux");
    const std::string object = here.read("digits.o");
    CHECK(object.substr(1, 3) == "ELF");
    here.kiln_output("compile lenet5 -o arm.o --target arm-64-linux");
    CHECK(here.read("arm.o").at(18) == '\xb7');  // ELF's number for AArch64
}

TEST_CASE("weights stored as bf16 or int8 make the object smaller and change the answer a little") {
    const workplace here;
    here.write("rows.cpp",
               "#include <kiln/dsl/dsl.hpp>\n"
               "using namespace kiln;\n"
               "using namespace kiln::literals;\n"
               "inline constexpr auto rows = [](auto x) { return x | dense(512_c) | relu | dense(100_c); };\n"
               "KILN_EXPORT(rows, shape<784>);\n");
    const auto answer = [&](const std::string& type) {
        here.kiln_output("compile rows.cpp -o rows.o --weights-type " + type);
        here.kiln_output("run rows.cpp --fill-mode random -o " + type + ".npz --weights-type " + type);
        return kiln::read_tensors(here / ("here/" + type + ".npz")).begin()->second.values;
    };
    const std::vector<float> exact = answer("float32");
    const std::size_t size = here.read("rows.o").size();
    constexpr std::size_t weights = 784 * 512 + 512 * 100;
    float largest = 0;
    for (const float v : exact) largest = std::max(largest, std::abs(v));
    for (const auto& [type, bytes, tolerance] : {std::tuple("bf16", 2, 0.01F), std::tuple("int8", 1, 0.04F)}) {
        const std::vector<float> found = answer(type);
        REQUIRE(found.size() == exact.size());
        float worst = 0;
        for (std::size_t i = 0; i < found.size(); ++i) worst = std::max(worst, std::abs(found[i] - exact[i]));
        INFO(type);
        CHECK(worst > 0);
        CHECK(worst < tolerance * largest);
        CHECK(here.read("rows.o").size() < size - weights * static_cast<std::size_t>(4 - bytes) + 20'000);
    }
    CHECK(here.kiln("compile rows.cpp --weights-type half").exit_code == 2);
}
