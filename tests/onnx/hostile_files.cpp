// Models nobody should trust: whatever their bytes say, the answer is a graph or a kiln::error.
#include <doctest/doctest.h>
#include <kiln/compiler/onnx/export_model.hpp>
#include <kiln/compiler/onnx/import_model.hpp>

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <limits>
#include <random>

#include <kiln/compiler/onnx/constant.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/tests/emit/scratch_folder.hpp>

#include "refusals.hpp"

using namespace kiln;
using namespace kiln::testing;
namespace fs = std::filesystem;

namespace {

/// Whether the bytes were taken, and written again; anything but a kiln::error escapes.
bool taken(const scratch_folder& folder, const std::string& bytes) {
    write_text(folder.file("net.onnx"), bytes);
    try {
        onnx::export_model(onnx::import_model(folder.file("net.onnx"), {}), [](byte_view) {});
        return true;
    } catch (const error& e) {
        CHECK(std::string(e.what()).size() < 10'000);
        return false;
    }
}

/// What is said of the small model with filters that lie in a file.
std::string refusal_of_external(const scratch_folder& folder, const std::string& location,
                                const std::vector<std::pair<std::string, std::string>>& more = {}) {
    written_model m = small_model();
    std::vector<std::pair<std::string, std::string>> entries{{"location", location}};
    entries.insert(entries.end(), more.begin(), more.end());
    m.initializers[0] = external_tensor("w", {2, 2, 3, 3}, entries);
    fs::create_directory(folder.file("models"));
    write_text(folder.file("models/net.onnx"), m.bytes());
    try {
        onnx::import_model(folder.file("models/net.onnx"), {});
    } catch (const error& e) {
        return e.what();
    }
    return "taken";
}

}  // namespace

TEST_CASE("a model cut off anywhere is refused") {
    const scratch_folder folder;
    const std::string whole = small_model().bytes();
    CHECK(taken(folder, whole));
    for (std::size_t size = 0; size < whole.size(); ++size) CHECK_FALSE(taken(folder, whole.substr(0, size)));
}

TEST_CASE("a model with changed bytes is taken or refused, never the end of the process") {
    const scratch_folder folder;
    const std::string whole = small_model().bytes();
    const char* said = std::getenv("KILN_MUTATIONS");
    const int mutations = said ? std::atoi(said) : 3000;
    std::mt19937 random(7);
    for (int i = 0; i < mutations; ++i) {
        std::string changed = whole;
        for (std::uint32_t n = 1 + random() % 4; n > 0; --n) {
            const std::size_t at = random() % changed.size();
            switch (random() % 4) {
                case 0: changed[at] = static_cast<char>(random()); break;
                case 1: changed[at] = static_cast<char>(changed[at] ^ (1 << random() % 8)); break;
                case 2: changed.erase(at, 1 + random() % 8); break;
                default: changed.insert(at, changed.substr(random() % changed.size(), random() % 32));
            }
            if (changed.empty()) changed = whole;
        }
        taken(folder, changed);
    }
}

TEST_CASE("absurd extents, windows and paddings are refused before anything is reserved for them") {
    written_model m = small_model();
    m.inputs[0].second = {1, 1 << 30, 1 << 30, 1 << 30};
    CHECK_CONTAINS(refusal_of(m), "more elements than Kiln can index");
    m = small_model();
    m.inputs[0].second = {1, 2, std::int64_t{1} << 40, 4};
    CHECK_CONTAINS(refusal_of(m), "which is too large");
    m = small_model();
    m.nodes[0].integer_lists[1].second = {1, 1, std::int64_t{1} << 62, 1};
    CHECK_CONTAINS(refusal_of(m), "padding 4611686018427387904 is not possible");
    m = small_model();
    m.nodes[2].integer_lists[1].second = {0, 0};
    CHECK_CONTAINS(refusal_of(m), "must be at least 1");
    m = small_model();
    m.initializers[0] = float_tensor("w", {std::int64_t{1} << 60, 1 << 30, 3, 3}, counting(36));
    CHECK_CONTAINS(refusal_of(m), "is not possible");
    m.initializers[0] = float_tensor("w", {2, 2, -3, -3}, counting(36));
    CHECK_CONTAINS(refusal_of(m), "is not possible");
    m.initializers[0] = float_tensor("w", {2, 2, 3, 3}, counting(35));
    CHECK_CONTAINS(refusal_of(m), "needs 144 bytes, found 140");
}

TEST_CASE("cycles, missing and doubled tensors are refused") {
    written_model m = small_model();
    m.nodes[0].inputs[0] = "r";
    CHECK_CONTAINS(refusal_of(m), "'r' is read before anything defines it");
    m = small_model();
    m.nodes[0].inputs[1] = "nowhere";
    CHECK_CONTAINS(refusal_of(m), "'nowhere' is read before anything defines it");
    m = small_model();
    m.nodes[1].outputs[0] = "c";
    CHECK_CONTAINS(refusal_of(m), "'c' is defined twice");
    m = small_model();
    m.initializers.push_back(m.initializers[0]);
    CHECK_CONTAINS(refusal_of(m), "two initializers are called 'w'");
    m = small_model();
    m.outputs = {"elsewhere"};
    CHECK_CONTAINS(refusal_of(m), "no tensor 'elsewhere'");
    m.outputs = {};
    CHECK_CONTAINS(refusal_of(m), "no outputs");
    m = small_model();
    m.nodes[1].outputs.clear();
    CHECK_CONTAINS(refusal_of(m), "has no outputs");
    m = small_model();
    m.nodes[1].outputs[0] = "\x1b[2J";
    CHECK_CONTAINS(refusal_of(m), "not printable");
    m = small_model();
    m.opset = 99;
    CHECK_CONTAINS(refusal_of(m), "operator set 99; Kiln knows");
    m = small_model();
    m.input_type = 8;
    CHECK_CONTAINS(refusal_of(m), "Kiln takes float32, int64, int32 and boolean inputs");
}

TEST_CASE("two bytes a node do not become gigabytes") {
    std::string graph, bytes;
    protozero::pbf_writer writer(graph);
    for (int i = 0; i < 200'000; ++i) writer.add_message(1, std::string());
    protozero::pbf_writer model(bytes);
    model.add_message(7, graph);
    const scratch_folder folder;
    write_text(folder.file("net.onnx"), bytes);
    CHECK_THROWS_WITH_AS(onnx::import_model(folder.file("net.onnx"), {}), doctest::Contains("more than 100000 nodes"),
                         error);
}

TEST_CASE("names and shapes beyond any sense are refused, and not repeated in full") {
    written_model m = small_model();
    m.nodes[1].outputs[0] = m.nodes[2].inputs[0] = std::string(5000, 'r');
    CHECK_CONTAINS(refusal_of(m), "a name has 5000 bytes, more than 4096: 'rrr");
    CHECK(refusal_of(m).size() < 300);
    m = small_model();
    m.initializers[0] = float_tensor("w", extents(70, 1), {1});
    CHECK_CONTAINS(refusal_of(m), "tensor 'w' has 70 axes, more than 64");
    m = small_model();
    m.inputs[0].second = extents(70, 1);
    CHECK_CONTAINS(refusal_of(m), "more than 64 axes of one value");
    m = small_model();
    m.nodes.push_back({"Concat", std::vector<std::string>(20'000, "r"), {"q"}, {}, {{"axis", 1}}});
    m.nodes.push_back({"Concat", {"q", "scores"}, {"z"}, {}, {{"axis", 1}}});
    CHECK_CONTAINS(refusal_of(m), "cannot be taken");
    CHECK(refusal_of(m).size() < 1000);
}

TEST_CASE("subgraphs are not entered, however deep they go") {
    std::string graph;
    for (int depth = 0; depth < 20'000; ++depth) {
        std::string attribute, node, outer;
        protozero::pbf_writer a(attribute);
        a.add_string(1, "then_branch");
        a.add_message(6, graph);
        protozero::pbf_writer n(node);
        n.add_string(2, "y");
        n.add_string(4, "If");
        n.add_message(5, attribute);
        protozero::pbf_writer(outer).add_message(1, node);
        graph = std::move(outer);
        if (graph.size() > (1 << 20)) break;
    }
    std::string bytes;
    protozero::pbf_writer model(bytes);
    protozero::pbf_writer(model, 8).add_int64(2, 13);
    model.add_message(7, graph);
    CHECK_THROWS_WITH_AS(onnx::import_model(bytes_of(bytes), "net", "", {}), doctest::Contains("'If' (not an operator"),
                         error);
}

TEST_CASE("many tensors that name the same external bytes do not multiply them") {
    const scratch_folder folder;
    const std::vector<float> values(100'000, 1);
    write_text(folder.file("w.bin"), {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)});
    written_model m;
    m.inputs = {{"x", {1, 4}}};
    m.outputs = {"y0"};
    for (int i = 0; i < 200; ++i) {
        const std::string number = std::to_string(i);
        m.initializers.push_back(external_tensor("w" + number, {100'000}, {{"location", "w.bin"}}));
        m.nodes.push_back({"Identity", {"w" + number}, {"y" + number}});
    }
    const std::string bytes = m.bytes();
    CHECK_THROWS_WITH_AS(onnx::import_model(bytes_of(bytes), "net", folder.file(""), {}),
                         doctest::Contains("too large for a model of so few bytes"), error);
}

TEST_CASE("external data is read from the model's folder and nowhere else") {
    const scratch_folder folder;
    const std::vector<float> filters = counting(40);
    const std::string_view data(reinterpret_cast<const char*>(filters.data()), filters.size() * sizeof(float));
    write_text(folder.file("secret"), data);
    fs::create_directories(folder.file("models/deep"));
    write_text(folder.file("models/w.bin"), data);
    write_text(folder.file("models/deep/w.bin"), data);
    CHECK(refusal_of_external(folder, "w.bin") == "taken");
    CHECK(refusal_of_external(folder, "deep/w.bin") == "taken");
    CHECK(refusal_of_external(folder, "./w.bin", {{"offset", "16"}, {"length", "144"}}) == "taken");
    CHECK_CONTAINS(refusal_of_external(folder, ""), "no usable location");
    CHECK_CONTAINS(refusal_of_external(folder, "missing.bin"), "cannot be found");
    CHECK_CONTAINS(refusal_of_external(folder, "../secret"), "outside the model's folder");
    CHECK_CONTAINS(refusal_of_external(folder, "deep/../../secret"), "outside the model's folder");
    CHECK_CONTAINS(refusal_of_external(folder, folder.file("secret")), "outside the model's folder");
    CHECK_CONTAINS(refusal_of_external(folder, "/dev/zero"), "outside the model's folder");
    CHECK_CONTAINS(refusal_of_external(folder, std::string("w.bin\0x", 7)), "no usable location");
    fs::create_symlink("../secret", folder.file("models/link.bin"));
    CHECK_CONTAINS(refusal_of_external(folder, "link.bin"), "leaves the model's folder");
    fs::create_directory_symlink("..", folder.file("models/up"));
    CHECK_CONTAINS(refusal_of_external(folder, "up/secret"), "leaves the model's folder");
    fs::create_symlink("/dev/zero", folder.file("models/zero.bin"));
    CHECK_CONTAINS(refusal_of_external(folder, "zero.bin"), "leaves the model's folder");
    fs::create_symlink("loop.bin", folder.file("models/loop.bin"));
    CHECK_CONTAINS(refusal_of_external(folder, "loop.bin"), "cannot be found");
    CHECK_CONTAINS(refusal_of_external(folder, "deep"), "it is a directory");
    CHECK_CONTAINS(refusal_of_external(folder, "w.bin", {{"offset", "17"}}), "ends beyond");
    CHECK_CONTAINS(refusal_of_external(folder, "w.bin", {{"offset", "18446744073709551615"}}), "ends beyond");
    CHECK_CONTAINS(refusal_of_external(folder, "w.bin", {{"offset", "-1"}}), "is not a number");
    CHECK_CONTAINS(refusal_of_external(folder, "w.bin", {{"offset", "1e3"}}), "is not a number");
    CHECK_CONTAINS(refusal_of_external(folder, "w.bin", {{"length", "12"}}), "needs 144 bytes");
    CHECK_CONTAINS(refusal_of_external(folder, "w.bin", {{"length", "99999999999999999999"}}), "is not a number");
    CHECK_CONTAINS(refusal_of_external(folder, std::string(5000, 'a')), "cannot be found");
    CHECK_CONTAINS(refusal_of_external(folder, "w.bin/"), "cannot be found");
    CHECK_CONTAINS(refusal_of_external(folder, "."), "it is a directory");
    CHECK_CONTAINS(refusal_of_external(folder, ".."), "outside the model's folder");
    CHECK_CONTAINS(refusal_of_external(folder, "./deep/.././../secret"), "outside the model's folder");
    CHECK_CONTAINS(refusal_of_external(folder, "//etc/passwd"), "outside the model's folder");
    CHECK_CONTAINS(refusal_of_external(folder, "file:///etc/passwd"), "cannot be found");
    CHECK_CONTAINS(refusal_of_external(folder, "\x1b[2J"), "'\\x1b[2J' cannot be found");
    fs::create_symlink("gone", folder.file("models/dangling.bin"));
    CHECK_CONTAINS(refusal_of_external(folder, "dangling.bin"), "cannot be found");
    fs::create_symlink("link.bin", folder.file("models/second.bin"));
    CHECK_CONTAINS(refusal_of_external(folder, "second.bin"), "leaves the model's folder");
    fs::create_directory(folder.file("models2"));
    write_text(folder.file("models2/w.bin"), data);
    fs::create_symlink("../models2/w.bin", folder.file("models/sibling.bin"));
    CHECK_CONTAINS(refusal_of_external(folder, "sibling.bin"), "leaves the model's folder");
    fs::create_symlink("deep/w.bin", folder.file("models/inside.bin"));
    CHECK(refusal_of_external(folder, "inside.bin") == "taken");
    REQUIRE(::mkfifo(folder.file("models/fifo").c_str(), 0600) == 0);
    CHECK_CONTAINS(refusal_of_external(folder, "fifo"), "it is a FIFO");
    write_text(folder.file("models/empty.bin"), "");
    CHECK_CONTAINS(refusal_of_external(folder, "empty.bin"), "ends beyond the 0 bytes");
    CHECK_CONTAINS(refusal_of_external(folder, "w.bin", {{"offset", " 0"}}), "is not a number");
    CHECK_CONTAINS(refusal_of_external(folder, "w.bin", {{"offset", "18446744073709551615"}, {"length", "144"}}),
                   "ends beyond");
    CHECK_CONTAINS(refusal_of_external(folder, "w.bin", {{"length", "-144"}}), "is not a number");
    CHECK_CONTAINS(refusal_of_external(folder, "w.bin", {{"length", "18446744073709551615"}}), "needs 144 bytes");
}

TEST_CASE("operators that write, sample or choose are refused where their attributes ask for too much") {
    const auto refused = [](const written_node& node, std::vector<std::int64_t> shape, extents numbers = {1},
                            std::vector<float> floats = {1}) {
        written_model m;
        m.inputs = {{"x", std::move(shape)}};
        m.nodes = {node};
        m.outputs = {"y"};
        const auto count = static_cast<std::int64_t>(floats.size());
        m.initializers = {integer_tensor("i", numbers), float_tensor("f", {count}, floats),
                          float_tensor("boxes", {1, 1, 4}, {0, 0, 1, 1}), float_tensor("flat", {1, 4}, {0, 0, 1, 1})};
        return refusal_of(m);
    };
    CHECK_CONTAINS(refused({"TopK", {"x", "i"}, {"y", "z"}}, {2, 3}, {4}), "the 4 largest of 3 are not possible");
    CHECK_CONTAINS(refused({"TopK", {"x", "i"}, {"y", "z"}}, {2, 3}, {0}), "are not possible");
    CHECK_CONTAINS(refused({"TopK", {"x", "i"}, {"y", "z"}}, {2, 3}, {1, 2}), "are not possible");
    CHECK_CONTAINS(refused({"TopK", {"x", "i"}, {"y", "z"}}, {2, 3}, {std::numeric_limits<std::int64_t>::max()}),
                   "are not possible");
    CHECK_CONTAINS(refused({"TopK", {"x", "i"}, {"y", "z"}}, {2, 1 << 17}, {1}), "Kiln sorts up to 65536");
    CHECK_CONTAINS(refused({"ScatterElements", {"x", "i", "f"}, {"y"}}, {2, 3}), "cannot be taken");
    CHECK_CONTAINS(refused({"ScatterElements", {"x", "i", "f"}, {"y"}}, {2}, {0, 1}), "there must be an update");
    CHECK_CONTAINS(refused({"ScatterND", {"x", "i", "f"}, {"y"}}, {2}, {0, 1}), "its indices do not fit");
    CHECK_CONTAINS(refused({"ScatterND", {"x", "i", "f"}, {"y"}}, {4}, {0}, {1, 2}), "its updates do not fit");
    CHECK_CONTAINS(refused({"GatherND", {"x", "i"}, {"y"}, {}, {{"batch_dims", 5}}}, {4}), "batch_dims do not fit");
    CHECK_CONTAINS(refused({"GatherND", {"x", "i"}, {"y"}, {}, {{"batch_dims", -1}}}, {4}), "batch_dims do not fit");
    CHECK_CONTAINS(refused({"MaxUnpool", {"x", "x"}, {"y"}}, {1, 1, 2, 2}), "a value for each spatial axis");
    CHECK_CONTAINS(refused({"MaxUnpool", {"x", "x"}, {"y"}, {{"kernel_shape", {1 << 20, 1 << 20}}}}, {1, 1, 2, 2}),
                   "too large");
    CHECK_CONTAINS(
        refused({"MaxUnpool", {"x", "x"}, {"y"}, {{"kernel_shape", {std::int64_t{1} << 62, 2}}}}, {1, 1, 2, 2}),
        "is not possible");
    CHECK_CONTAINS(
        refused({"MaxUnpool", {"x", "x"}, {"y"}, {{"kernel_shape", {2, 2}}, {"pads", {2, 2, 2, 2}}}}, {1, 1, 1, 1}),
        "leaves nothing");
    CHECK_CONTAINS(refused({"MaxPool", {"x"}, {"y", "z"}, {{"kernel_shape", {64, 64}}}}, {1, 1, 64, 64}),
                   "a window of 4096 cells");
    CHECK_CONTAINS(refused({"MaxPool", {"x"}, {"y", "z"}, {{"kernel_shape", {2}}, {"pads", {1, 1}}}}, {1, 1 << 25, 2}),
                   "too large for a model of so few bytes");
    CHECK_CONTAINS(refused({"GridSample", {"x", "boxes"}, {"y"}}, {1, 1, 2, 2}), "does not fit an image");
    CHECK_CONTAINS(refused({"GridSample", {"x", "x"}, {"y"}}, {2, 1 << 14, 1 << 8, 2}), "too many places");
    CHECK_CONTAINS(refused({"RoiAlign", {"x", "flat", "i"}, {"y"}}, {1, 1, 8, 8}), "sampling_ratio 0");
    const auto regions = [&](std::int64_t samples, std::int64_t height) {
        return refused(
            {"RoiAlign", {"x", "flat", "i"}, {"y"}, {}, {{"sampling_ratio", samples}, {"output_height", height}}},
            {1, 1, 8, 8}, {0});
    };
    CHECK(regions(2, 7) == "taken");
    CHECK_CONTAINS(regions(-1, 7), "are not possible");
    CHECK_CONTAINS(regions(2, std::int64_t{1} << 40), "are not possible");
    CHECK_CONTAINS(regions(4096, 4), "are not possible");
    const auto suppressed = [&](std::vector<std::int64_t> boxes, std::int64_t most) {
        written_model m;
        const std::int64_t count = boxes[1];
        m.inputs = {{"x", std::move(boxes)}, {"s", {1, 1, count}}};
        m.nodes = {{"NonMaxSuppression", {"x", "s", "i"}, {"y"}}};
        m.outputs = {"y"};
        m.initializers = {integer_tensor("i", {most})};
        return refusal_of(m);
    };
    CHECK(suppressed({1, 100, 4}, std::int64_t{1} << 62) == "taken");
    CHECK_CONTAINS(suppressed({1, 100, 4}, 0), "must be at least 1");
    CHECK_CONTAINS(suppressed({1, 100, 4}, -5), "must be at least 1");
    CHECK_CONTAINS(suppressed({1, 100, 3}, 5), "do not fit boxes");
    CHECK_CONTAINS(suppressed({1, 1 << 20, 4}, 1 << 20), "Kiln chooses up to 1024");
}
