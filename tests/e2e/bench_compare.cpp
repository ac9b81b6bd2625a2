// kiln bench --compare: a shell script plays the Python that has ONNX Runtime.
#include <doctest/doctest.h>

#include <string>

#include <kiln/tests/onnx/model_writer.hpp>

#include "workplace.hpp"

using namespace kiln::testing;
using kiln::e2e::finished;
using kiln::e2e::workplace;

namespace {

/// Random inputs are not negative: what comes out is what went in, in the same order.
void write_relu(const workplace& here) {
    written_model relu;
    relu.inputs = {{"image", {1, 2, 4, 4}}};
    relu.nodes = {{"Relu", {"image"}, {"y"}}};
    relu.outputs = {"y"};
    here.write("relu.onnx", relu.bytes());
}

/// A python3 whose module of ONNX Runtime does this with the folder $3, ready for the front of PATH.
void write_peer(const workplace& here, const std::string& what_it_does) {
    here.shell("mkdir bin");
    here.write("bin/python3", "#!/bin/sh\n[ $# = 2 ] && exit 0  # there is such a module\n" + what_it_does);
    here.shell("chmod +x bin/python3");
}

constexpr const char* right_answer = R"(cp "$3/0.in" "$3/0.out"
echo '{"version":"0.5","host":"a shell","host_bytes":1000}'
while read -r wish; do
    echo "$wish" >>wishes
    echo '{"milliseconds":[4000,2000,8000],"peak_bytes":5000000}'
done
)";

finished compare(const workplace& here, const std::string& more) {
    return here.shell("PATH=\"$PWD/bin:$PATH\" '" KILN_COMMAND "' bench relu.onnx --threads 1 --compare onnxruntime " +
                      more);
}

}  // namespace

TEST_CASE("a peer that gives the same outputs is timed in turn") {
    const workplace here;
    write_relu(here);
    write_peer(here, right_answer);
    const finished told = compare(here, "--iterations 12 --warmup 2");
    INFO(told.err);
    CHECK(told.exit_code == 0);
    CHECK(told.out.find("ONNX Runtime 0.5 (a shell), in turn, 15 runs: min 2000.000 ms, median 4000.000 ms") !=
          told.out.npos);
    CHECK(told.out.find(", 12 runs\n") != told.out.npos);
    CHECK(told.out.find("outputs differ by 0.0e+00") != told.out.npos);
    CHECK(told.out.find("its process 5.0 MB, 1.0 kB of them without ONNX Runtime") != told.out.npos);
    std::string wishes;  // five rounds of twelve runs
    for (const int runs : {3, 3, 2, 2, 2})
        wishes += R"({"least":)" + std::to_string(runs) + R"(,"seconds":0,"warmup":2})" + "\n";
    std::string asked = here.read("wishes");
    for (std::size_t at; (at = asked.find("0.0")) != asked.npos;) asked.replace(at, 3, "0");
    CHECK(asked == wishes);

    const finished json = compare(here, "--iterations 3 --json");
    const auto peer = nlohmann::json::parse(json.out).at("peer");
    CHECK(peer.at("min_ms") == 2000);
    CHECK(peer.at("ratio_best").get<double>() > 1);
    CHECK(peer.at("difference") == 0);
}

TEST_CASE("a peer that gives other outputs ends the comparison with an error") {
    const workplace here;
    write_relu(here);
    write_peer(here, R"(head -c 124 "$3/0.in" >"$3/0.out"; printf '\0\0\200\77' >>"$3/0.out"  # the last of them: 1
echo '{"version":"0.5","host":"a shell","host_bytes":1000}'
while read -r wish; do echo '{"milliseconds":[1],"peak_bytes":1}'; done
)");
    const finished told = compare(here, "--iterations 1");
    CHECK(told.exit_code == 1);
    CHECK(told.err.find("relu and ONNX Runtime 0.5 (a shell): outputs differ by ") != told.err.npos);
    CHECK(told.err.find(", more than 0.0001") != told.err.npos);
    CHECK(compare(here, "--iterations 1 --tolerance 1").exit_code == 0);
}

TEST_CASE("what a peer complains about is shown") {
    const workplace here;
    write_relu(here);
    write_peer(here, "echo 'no such provider' >&2; exit 1");
    const finished told = compare(here, "--iterations 1");
    CHECK(told.exit_code == 1);
    CHECK(told.err.find("python3 ended without an answer: no such provider") != told.err.npos);
    here.write("bin/python3",
               "#!/bin/sh\n[ $# = 2 ] && exit 0\n: >\"$3/0.out\"\necho '{\"version\":\"0.5\",\"host\":\"a "
               "shell\",\"host_bytes\":1}'\n");
    CHECK(compare(here, "--iterations 1").err.find("output 0 has 0 bytes, not those of 1x2x4x4") != told.err.npos);
}

TEST_CASE("without ONNX Runtime it is said what to install") {
    const workplace here;
    write_relu(here);
    here.shell("mkdir bin");
    const finished told =
        here.shell("PATH=\"$PWD/bin\" '" KILN_COMMAND "' bench relu.onnx --compare onnxruntime --iterations 1");
    CHECK(told.exit_code == 1);
    CHECK(told.err.find("pip install onnxruntime") != told.err.npos);
    CHECK(told.err.find("npm install onnxruntime-node") != told.err.npos);
    CHECK(here.kiln("bench relu.onnx --compare tensorflow").exit_code == 2);
    CHECK(here.kiln("bench relu.onnx --compare onnxruntime --tolerance -1").exit_code == 2);
}
