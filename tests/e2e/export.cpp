// kiln export and kiln weights.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include <kiln/runtime/tensor_file.hpp>
#include <kiln/tests/onnx/model_writer.hpp>

#include "workplace.hpp"

using kiln::e2e::finished;
using kiln::e2e::workplace;

namespace {

void expect_refused(const workplace& here, const std::string& arguments, int exit_code, const std::string& says) {
    const auto before = here.files();
    const finished done = here.kiln(arguments);
    INFO("kiln ", arguments);
    INFO(done.err);
    CHECK(done.exit_code == exit_code);
    CHECK(done.out == "");
    CHECK(done.err.starts_with("kiln: error: "));
    CHECK(std::ranges::count(done.err, '\n') == 1);
    CHECK(done.err.find(says) != std::string::npos);
    CHECK(here.files() == before);
}

bool same(const kiln::tensor_map& a, const kiln::tensor_map& b) {
    return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
        return x.first == y.first && x.second.shape == y.second.shape && x.second.values == y.second.values;
    });
}

}  // namespace

TEST_CASE("an exported network runs as the network does, weights of the seed included") {
    const workplace here;
    CHECK(here.kiln_output("export lenet5 -o lenet5.onnx --seed 5 --batch 2") == "wrote lenet5.onnx (248.0 kB)\n");
    CHECK(here.kiln_output("export lenet5 -o quiet.onnx -q --seed 5 --batch 2") == "");
    CHECK(here.read("quiet.onnx") == here.read("lenet5.onnx"));
    here.kiln_output("run lenet5 --seed 5 --batch 2 --fill-mode one -o direct.npz");
    here.kiln_output("run lenet5.onnx --fill-mode one -o exported.npz");
    const auto read = [&](const std::string& name) { return kiln::read_tensors(here / ("here/" + name)).at("output"); };
    const kiln::tensor direct = read("direct.npz"), exported = read("exported.npz");
    CHECK(direct.shape == std::vector<std::int64_t>{2, 10});
    CHECK(exported.shape == direct.shape);
    for (std::size_t i = 0; i < direct.size(); ++i) CHECK(exported.values[i] == doctest::Approx(direct.values[i]));
}

TEST_CASE("DSL sources and ONNX models are exported too, with weights from a file") {
    const workplace here;
    here.write("net.cpp",
               "#include <kiln/dsl/dsl.hpp>\n"
               "using namespace kiln;\n"
               "using namespace kiln::literals;\n"
               "inline constexpr auto net = [](auto x) { return x | dense(2_c, no_bias); };\n"
               "KILN_EXPORT(net, shape<3>);\n");
    const kiln::tensor_map given{{"dense1.weight", {{3, 2}, {1, 2, 3, 4, 5, 6}}}};
    kiln::write_tensors(here / "here/w.safetensors", given);
    here.kiln_output("export net.cpp -o net.onnx --weights w.safetensors");
    here.kiln_output("export net.onnx -o again.onnx");
    here.kiln_output("weights again.onnx -o w.npz");
    CHECK(same(kiln::read_tensors(here / "here/w.npz"), given));
}

TEST_CASE("weights are listed with their types, and converted") {
    const workplace here;
    const nlohmann::json listed = here.kiln_json("weights lenet5 --json");
    CHECK(listed["values"] == 61'706);
    CHECK(listed["bytes"] == 4 * 61'706);
    CHECK(listed["tensors"].size() == 10);
    CHECK(listed["tensors"][0] == nlohmann::json::parse(R"({"name": "conv1.weight", "type": "float32",
                                                            "shape": [5, 5, 1, 6], "bytes": 600})"));
    CHECK(here.kiln_output("weights lenet5").find("10 tensors, 61,706 values, 246.8 kB") != std::string::npos);

    here.kiln_output("weights lenet5 --seed 3 -o a.safetensors");
    here.kiln_output("weights a.safetensors -o b.npz");
    here.kiln_output("export lenet5 --seed 3 -o a.onnx");
    here.kiln_output("export lenet5 --weights b.npz -o b.onnx");
    CHECK(here.read("a.onnx") == here.read("b.onnx"));
    CHECK(here.kiln_json("weights b.npz --json")["values"] == 61'706);
    const nlohmann::json initializers = here.kiln_json("weights a.onnx --json");
    CHECK(initializers["tensors"][0]["shape"] == std::vector<int>{6, 1, 5, 5});  // as the file has it

    here.write("half.safetensors", std::string("\x38\0\0\0\0\0\0\0", 8) +
                                       R"({"h":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}  )" +
                                       std::string("\0\x3c\0\x40", 4));
    CHECK(here.kiln_output("weights half.safetensors").find("float16") != std::string::npos);
    here.kiln_output("weights half.safetensors -o half.npy");
    CHECK(kiln::read_tensors(here / "here/half.npy").at("half").values == std::vector<float>{1, 2});
}

TEST_CASE("what cannot be exported, listed or converted is one line and leaves nothing") {
    const workplace here;
    here.write("garbage.onnx", "no model at all");
    here.write("short.safetensors", "abc");
    here.shell("mkdir full");
    expect_refused(here, "export lenet5", 2, "-o is required");
    expect_refused(here, "export", 2, "MODEL is required");
    expect_refused(here, "export lenet5 -o net.txt", 1, "net.txt: models are exported to ONNX");
    expect_refused(here, "export lenet5 -o no/such/net.onnx", 1, "no/such/net.onnx");
    expect_refused(here, "export lenet5 -o /proc/net.onnx", 1, "/proc/net.onnx");
    expect_refused(here, "export lenet5 -o net.onnx --batch 0", 2, "--batch");
    expect_refused(here, "export letnet5 -o net.onnx", 1, "did you mean lenet5?");
    expect_refused(here, "export garbage.onnx -o net.onnx", 1, "garbage.onnx");
    expect_refused(here, "export lenet5 -o net.onnx --weights missing.npz", 1, "missing.npz");
    expect_refused(here, "export lenet5 -o net.onnx --weights garbage.onnx", 1, "garbage.onnx: tensors are kept in");
    expect_refused(here, "weights", 2, "FILE is required");
    expect_refused(here, "weights missing.npz", 1, "missing.npz");
    expect_refused(here, "weights missing.onnx", 1, "missing.onnx");
    expect_refused(here, "weights garbage.onnx", 1, "garbage.onnx");
    expect_refused(here, "weights garbage.onnx -o w.npz", 1, "garbage.onnx");
    expect_refused(here, "weights short.safetensors", 1, "short.safetensors");
    expect_refused(here, "weights letnet5", 1, "did you mean lenet5?");
    expect_refused(here, "weights lenet5 -o w.bin", 1, "w.bin");
    expect_refused(here, "weights lenet5 -o no/such/w.npz", 1, "no/such/w.npz");
    expect_refused(here, "weights lenet5 -o w.npy", 1, "one tensor");
    expect_refused(here, "weights lenet5 -o w.npz --json", 2, "--json");
}

TEST_CASE("outputs of whole numbers are written as such") {
    const workplace here;
    kiln::testing::written_model m = kiln::testing::small_model();
    m.nodes.push_back({"ArgMax", {"scores"}, {"best"}, {}, {{"axis", 1}}});
    m.outputs = {"best"};
    here.write("best.onnx", m.bytes());
    here.kiln_output("run best.onnx --fill-mode one -o best.npy");
    CHECK(here.read("best.npy").find("'<i8'") != std::string::npos);
    here.kiln_output("run best.onnx --fill-mode one -o best.safetensors");
    CHECK(here.read("best.safetensors").find("\"I64\"") != std::string::npos);
    CHECK(kiln::read_tensors(here / "here/best.npy").at("best").values ==
          kiln::read_tensors(here / "here/best.safetensors").at("best").values);
}
