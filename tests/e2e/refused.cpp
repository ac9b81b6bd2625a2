// What cannot be done is refused: one clear line, an exit code, and no file left behind.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include <kiln/runtime/tensor_file.hpp>

#include "workplace.hpp"

using kiln::e2e::finished;
using kiln::e2e::workplace;

namespace {

struct refusal {
    const char* arguments;
    int exit_code;
    const char* says;  // part of the message
};

/// Requires the command to fail with one line on standard error and to leave the folder as it was.
void expect_refused(const workplace& here, const refusal& expected) {
    const auto before = here.files();
    const finished done = here.kiln(expected.arguments);
    INFO("kiln ", std::string(expected.arguments));
    INFO(done.err);
    CHECK(done.exit_code == expected.exit_code);
    CHECK(done.out == "");
    CHECK(done.err.starts_with("kiln: error: "));
    CHECK(std::ranges::count(done.err, '\n') == 1);
    CHECK(done.err.find(expected.says) != std::string::npos);
    CHECK(here.files() == before);
}

kiln::tensor zeros(std::vector<std::int64_t> shape) {
    std::int64_t size = 1;
    for (const std::int64_t extent : shape) size *= extent;
    return {std::move(shape), std::vector<float>(static_cast<std::size_t>(size))};
}

}  // namespace

TEST_CASE("bad arguments are one line and exit code 2") {
    const workplace here;
    for (const refusal& r : {
             refusal{"", 2, "subcommand"},
             refusal{"frobnicate", 2, "frobnicate"},
             refusal{"complie lenet5", 2, "did you mean compile?"},
             refusal{"compile", 2, "MODEL"},
             refusal{"compile lenet5 --batch 0", 2, "--batch"},
             refusal{"compile lenet5 --batch many", 2, "many"},
             refusal{"compile lenet5 --weights-as magic", 2, "magic"},
             refusal{"run lenet5 --resize squash", 2, "squash"},
             refusal{"list --json --operators", 2, "--json"},
             refusal{"inspect lenet5 --json --dot", 2, "--dot"},
             refusal{"bench lenet5 --threads -1", 2, "--threads"},
         })
        expect_refused(here, r);
}

TEST_CASE("unknown things are named, and near ones suggested") {
    const workplace here;
    here.write("notes.txt", "no model\n");
    for (const refusal& r : {
             refusal{"compile letnet5", 1, "did you mean lenet5?"},
             refusal{"run no_such_network", 1, "unknown model 'no_such_network'"},
             refusal{"inspect missing.cpp", 1, "cannot read the network's source 'missing.cpp'"},
             refusal{"inspect notes.txt", 1, "notes.txt"},
             refusal{"compile lenet5 --target z80-cpm", 1, "z80-cpm"},
             refusal{"compile lenet5 --emit object,poetry", 1, "poetry"},
             refusal{"compile lenet5 --dump-after no_such_pass", 1, "no_such_pass"},
             refusal{"inspect lenet5 --dump-after no_such_pass", 1, "no_such_pass"},
             refusal{"compile lenet5 --function-name 5x", 1, "5x"},
             refusal{"compile lenet5 -o x.h", 1, "x.h"},
             refusal{"inspect lenet5 --slide-over 28x28", 1, "'lenet5' takes 28x28x1"},
             refusal{"inspect lenet5 --slide-over 20x28x1", 1, "no smaller"},
             refusal{"inspect lenet5 --slide-over wide", 1, "expected the extents of one sample"},
             refusal{"inspect lenet5 --slide-over 99999999999x28x1", 1, "99999999999 is not possible"},
             refusal{"inspect siamese --slide-over 200x200x3", 1, "has 3 inputs"},
         })
        expect_refused(here, r);
}

TEST_CASE("weights that do not fit are refused") {
    const workplace here;
    here.write("truncated.safetensors", std::string("\x40\0\0\0\0\0\0\0{\"conv1", 15));
    here.write("text.npz", "these are no weights");
    kiln::write_tensors(here / "here/other.npz", {{"somebody.weight", zeros({3, 3})}});
    const workplace shapes;
    kiln::write_tensors(shapes / "here/shape.safetensors", {{"conv1.weight", zeros({3, 3, 1, 6})}});
    for (const refusal& r : {
             refusal{"compile lenet5 --weights missing.safetensors", 1, "missing.safetensors"},
             refusal{"compile lenet5 --weights truncated.safetensors", 1, "truncated.safetensors"},
             refusal{"compile lenet5 --weights text.npz", 1, "text.npz"},
             refusal{"compile lenet5 --weights other.npz", 1, "conv1.weight"},
             refusal{"compile lenet5 --weights .", 1, "."},
         })
        expect_refused(here, r);
    expect_refused(shapes, {"compile lenet5 --weights shape.safetensors", 1, "5x5x1x6"});
}

TEST_CASE("inputs that do not fit are refused") {
    const workplace here;
    kiln::write_tensors(here / "here/small.npy", {{"small", zeros({5, 5, 1})}});
    kiln::write_tensors(here / "here/two.npz", {{"a", zeros({28, 28, 1})}, {"b", zeros({28, 28, 1})}});
    here.write("broken.png", "\x89PNG\r\n\x1a\n");
    here.write("gray.ppm", "P6 1 1 255 abc");
    here.kiln_output("run edges --fill-mode random -o edges.png");  // 320x320, one channel
    for (const refusal& r : {
             refusal{"run lenet5", 1, "--fill-mode"},
             refusal{"run lenet5 -i missing.png", 1, "missing.png"},
             refusal{"run lenet5 -i broken.png", 1, "broken.png"},
             refusal{"run lenet5 -i gray.ppm", 1, "gray.ppm"},
             refusal{"run lenet5 -i small.npy", 1, "1x28x28x1"},
             refusal{"run lenet5 -i two.npz", 1, "none of them called input"},
             refusal{"run lenet5 -i picture=small.npy", 1, "no input 'picture'"},
             refusal{"run lenet5 -i small.npy -i small.npy", 1, "small.npy"},
             refusal{"run lenet5 -i edges-sobel.png --resize refuse", 1, "320x320"},
             refusal{"run edges -i edges-sobel.png --channels refuse", 1, "1 channel"},
             refusal{"run edges -i edges-sobel.png --mean 1,2", 1, "--mean"},
             refusal{"run volume -i edges-sobel.png", 1, "14x14x14x1"},
             refusal{"run lenet5 --fill-mode zero --labels missing.txt", 1, "missing.txt"},
         })
        expect_refused(here, r);
}

TEST_CASE("outputs that cannot be written leave nothing") {
    const workplace here;
    here.shell("mkdir full locked; touch full/edges-vertical.png; mkdir full/edges-horizontal.png");
    for (const refusal& r : {
             refusal{"compile lenet5 -o no/such/folder/x.o", 1, "no/such/folder"},
             refusal{"compile lenet5 -o full", 1, "full"},
             refusal{"compile lenet5 -o /proc/x.o", 1, "/proc"},
             refusal{"compile lenet5 --depfile no/such/x.d", 1, "no/such"},
             refusal{"run lenet5 --fill-mode zero -o out.png", 1, "out.png"},
             refusal{"run lenet5 --fill-mode zero -o out.jpg", 1, "out.jpg"},
             refusal{"run edges --fill-mode zero -o out.npy", 1, "out.npy"},
             refusal{"run edges --fill-mode zero -o no/such/out.png", 1, "no/such"},
             refusal{"run edges --fill-mode zero -o full/edges.png", 1, "edges-horizontal.png"},
         })
        expect_refused(here, r);
    CHECK(here.shell("ls -A full | wc -l").out == "2\n");
}

TEST_CASE("a source that does not compile shows the sentence and the user's line") {
    const workplace here;
    here.write("net.cpp",
               "#include <kiln/dsl/dsl.hpp>\n"
               "using namespace kiln;\n"
               "using namespace kiln::literals;\n"
               "inline constexpr auto net = [](auto x) {\n"
               "    auto y = x | conv(8_c, 3_c);\n"
               "    return x + y;\n"
               "};\n"
               "KILN_EXPORT(net, shape<9, 9, 8>);\n");
    const auto before = here.files();
    const finished done = here.kiln("compile net.cpp");
    INFO(done.err);
    CHECK(done.exit_code == 1);
    CHECK(here.files() == before);
    const std::size_t last_line = done.err.rfind('\n', done.err.size() - 2) + 1;
    const std::string last = done.err.substr(last_line);
    CHECK(last.starts_with("kiln: error: "));
    CHECK(last.find("net.cpp:6: ") != std::string::npos);
    CHECK(last.find("both inputs must have the same shape") != std::string::npos);
    CHECK(last.find("shape<9, 9, 8>, shape<7, 7, 8>") != std::string::npos);

    // clang says it in another order.
    if (here.shell("command -v clang++-14").exit_code != 0) return;
    const finished by_clang = here.shell("KILN_CXX=clang++-14 " KILN_COMMAND " compile net.cpp 2>&1 | tail -1");
    CHECK(by_clang.out == last);
}

TEST_CASE("a source must export a network, and the one asked for") {
    const workplace here;
    here.write("none.cpp", "int unrelated() { return 0; }\n");
    here.write("two.cpp",
               "#include <kiln/dsl/dsl.hpp>\n"
               "using namespace kiln;\n"
               "inline constexpr auto first = [](auto x) { return relu(x); };\n"
               "inline constexpr auto second = [](auto x) { return tanh(x); };\n"
               "KILN_EXPORT(first, shape<4>);\n"
               "KILN_EXPORT(second, shape<4>);\n"
               "KILN_EXPORT(second, shape<5>);\n");
    for (const refusal& r : {
             refusal{"inspect none.cpp", 1, "KILN_EXPORT"},
             refusal{"inspect two.cpp", 1, "first@4, second@4, second@5"},
             refusal{"inspect two.cpp:third", 1, "no network 'third'"},
             refusal{"inspect two.cpp:second", 1, "NAME@SHAPE"},
             refusal{"inspect two.cpp:", 1, "no name after its colon"},
         })
        expect_refused(here, r);
    CHECK(here.kiln_json("inspect --json two.cpp:first")["model"] == "first");
    CHECK(here.kiln_json("inspect --json two.cpp:second@5")["layers"][0]["shape"][0] == 5);
}
