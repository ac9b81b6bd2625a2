#include <doctest/doctest.h>

#include <cctype>
#include <fstream>
#include <iterator>

#include <kiln/runtime/tensor_file.hpp>

#include "workplace.hpp"

using kiln::e2e::workplace;

TEST_CASE("list names every shipped network with its shapes and cost") {
    const workplace here;
    const auto networks = here.kiln_json("list --json");
    std::map<std::string, nlohmann::json> by_name;
    for (const auto& n : networks) by_name[n["name"]] = n;
    REQUIRE(by_name.contains("lenet5"));
    CHECK(by_name["lenet5"]["input"] == "28x28x1");
    CHECK(by_name["lenet5"]["parameters"] == 61706);
    for (const char* name : {"edges", "inception", "plain20", "residual20", "resnet18", "resnet34", "resnet50",
                             "resnet101", "resnet152", "volume"})
        CHECK_MESSAGE(by_name.contains(name), name);
    CHECK(by_name.size() == networks.size());
}

TEST_CASE("docs/operators.md has the table of operators as the command prints it") {
    const workplace here;
    std::ifstream file(std::string(KILN_SOURCES) + "/docs/operators.md");
    const std::string page{std::istreambuf_iterator<char>(file), {}};
    const std::string table = here.kiln_output("list --operators");
    CHECK(table.find("| [conv](ops/conv.md) |") != std::string::npos);
    CHECK_MESSAGE(page.find(table) != std::string::npos, "put the output of `kiln list --operators` into the page");
}

TEST_CASE("every operator of ONNX that is taken stands in the table, or among those evaluated while importing") {
    const workplace here;
    std::ifstream file(std::string(KILN_SOURCES) + "/docs/operators.md");
    std::string page{std::istreambuf_iterator<char>(file), {}};
    for (char& c : page)
        if (!std::isalnum(static_cast<unsigned char>(c))) c = ' ';
    for (const char* name : {
#define KILN_ONNX_OPERATOR(name, function) #name,
#include <kiln/compiler/onnx/operators.def>
#undef KILN_ONNX_OPERATOR
         })
        CHECK_MESSAGE(page.find(std::string(" ") + name + " ") != std::string::npos, name);
}

TEST_CASE("a classifier slides over a larger input under the same weights") {
    const workplace here;
    here.kiln_output("run windows --fill-mode random --seed 5 -o one.npz --slide-over 14x14x3");
    here.kiln_output("run windows --fill-mode random --seed 5 -o dense.npz");
    CHECK(kiln::read_tensors(here / "here/one.npz").at("output").values ==
          kiln::read_tensors(here / "here/dense.npz").at("output").values);
    here.kiln_output("run windows --fill-mode random --seed 5 -o slid.npz --slide-over 28x28x3");
    here.kiln_output("run sliding_28 --fill-mode random --seed 5 -o written.npz");
    const auto slid = kiln::read_tensors(here / "here/slid.npz").at("output");
    const auto written = kiln::read_tensors(here / "here/written.npz").at("output");
    REQUIRE(slid.values.size() == 8 * 8 * 4);
    for (std::size_t i = 0; i < slid.values.size(); ++i)
        CHECK(slid.values[i] == doctest::Approx(written.values[i]).epsilon(1e-4));
    CHECK(here.kiln_output("inspect windows --slide-over 16x16x3").find("2x2x4") != std::string::npos);
}

TEST_CASE("inspect prints the course's table") {
    const workplace here;
    const std::string table = here.kiln_output("inspect resnet50");
    CHECK(table.find("activation shape") != std::string::npos);
    CHECK(table.find("25,557,032") != std::string::npos);
}

TEST_CASE("inspect --json adds up") {
    const workplace here;
    const auto json = here.kiln_json("inspect lenet5 --json");
    std::int64_t parameters = 0, multiply_adds = 0, activations = 0;
    for (const auto& layer : json["layers"]) {
        for (const char* key : {"name", "operator", "shape", "activations", "parameters", "multiply_adds"})
            REQUIRE_MESSAGE(layer.contains(key), key);
        parameters += layer["parameters"].get<std::int64_t>();
        multiply_adds += layer["multiply_adds"].get<std::int64_t>();
        activations += layer["activations"].get<std::int64_t>();
    }
    CHECK(parameters == 61706);
    CHECK(json["total"]["parameters"] == parameters);
    CHECK(json["total"]["multiply_adds"] == multiply_adds);
    CHECK(json["total"]["activations"] == activations);
    CHECK(json["layers"][1]["operator"] == "conv");
    CHECK(json["layers"][1]["shape"] == nlohmann::json({28, 28, 6}));
}

TEST_CASE("inspect draws, dumps and times") {
    const workplace here;
    CHECK(here.kiln_output("inspect lenet5 --dot").starts_with("digraph"));
    const std::string imported = here.kiln_output("inspect residual20 --dump-after import");
    CHECK(imported.find("batch_norm") != std::string::npos);
    const std::string folded = here.kiln_output("inspect residual20 --dump-after fold_batch_norm");
    CHECK(folded.find("= batch_norm") == std::string::npos);
    const auto timed = here.kiln("inspect lenet5 --time-passes");
    CHECK(timed.exit_code == 0);
    CHECK(timed.err.find("fold_batch_norm") != std::string::npos);
}

TEST_CASE("bench --json has what scripts read") {
    const workplace here;
    const auto json = here.kiln_json("bench lenet5 --json --threads 1 --iterations 20 --warmup 1 --per-layer");
    for (const char* key :
         {"model", "cpu", "threads", "min_ms", "median_ms", "p99_ms", "gflops", "peak_share", "layers"})
        REQUIRE_MESSAGE(json.contains(key), key);
    CHECK(json["model"] == "lenet5");
    CHECK(json["threads"] == 1);
    CHECK(json["iterations"] == 20);
    CHECK(json["min_ms"].get<double>() > 0);
    CHECK(json["min_ms"] <= json["median_ms"]);
    CHECK(json["median_ms"] <= json["p99_ms"]);
    // Of a peak measured just before: beside other programs it may be any number.
    CHECK(json["peak_share"].get<double>() > 0);
    CHECK(json["peak_share"].get<double>() ==
          doctest::Approx(json["gflops"].get<double>() / json["peak_gflops"].get<double>()));
    CHECK(json["layers"].size() > 3);
    CHECK(json["layers"][0]["best_ms"].get<double>() > 0);
    CHECK(json["layers"][0]["best_ms"] <= json["layers"][0]["median_ms"]);
    CHECK(json["layers"][0]["schedule"].get<std::string>().find('(') != std::string::npos);
    CHECK(here.kiln_json("bench lenet5 --json --iterations 3")["layers"].empty());
}

TEST_CASE("the version and help are printed") {
    const workplace here;
    CHECK(here.kiln_output("--version").starts_with("kiln 0."));
    CHECK(here.kiln_output("--help").find("compile") != std::string::npos);
    CHECK(here.kiln_output("compile --help").find("--function-name") != std::string::npos);
}
