// Models nobody should trust: whatever their bytes say, the answer is a graph or a kiln::error.
#include <doctest/doctest.h>
#include <kiln/compiler/onnx/import_model.hpp>

#include <cstdlib>
#include <filesystem>
#include <random>

#include <kiln/compiler/onnx/constant.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/tests/emit/scratch_folder.hpp>

#include "model_writer.hpp"

using namespace kiln;
using namespace kiln::testing;
namespace fs = std::filesystem;

namespace {

/// Whether the bytes were taken; anything but a kiln::error escapes.
bool taken(const scratch_folder& folder, const std::string& bytes) {
    write_text(folder.file("net.onnx"), bytes);
    try {
        onnx::import_model(folder.file("net.onnx"), {});
        return true;
    } catch (const error& e) {
        CHECK(std::string(e.what()).size() < 10'000);
        return false;
    }
}

std::string refusal_of(const written_model& m) {
    const scratch_folder folder;
    write_text(folder.file("net.onnx"), m.bytes());
    try {
        onnx::import_model(folder.file("net.onnx"), {});
    } catch (const error& e) {
        return e.what();
    }
    return "taken";
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

bool contains(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

#define CHECK_CONTAINS(text, part)                   \
    do {                                             \
        const std::string found = (text);            \
        CHECK_MESSAGE(contains(found, part), found); \
    } while (false)

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
    CHECK_CONTAINS(refusal_of(m), "cannot");
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
}

TEST_CASE("operators of one node are refused where their inputs do not fit, before anything is read or reserved") {
    const auto refused = [](const written_node& node, std::vector<std::int64_t> shape = {2, 3}) {
        written_model m;
        m.inputs = {{"x", std::move(shape)}};
        m.nodes = {node};
        m.outputs = {"y"};
        m.initializers = {float_tensor("f", {1}, {1}), integer_tensor("i", {1}), integer_tensor("two", {0, 1}),
                          float_tensor("deep", {1, 1, 1, 1, 1, 1, 1, 1, 1}, {1})};
        return refusal_of(m);
    };
    CHECK_CONTAINS(refused({"Range", {"i", "i", "f"}, {"y"}}), "three numbers of one type");
    CHECK_CONTAINS(refused({"Split", {"x"}, {"y"}, {{"num_outputs", {0}}}}), "cannot be taken");
    CHECK_CONTAINS(refused({"Trilu", {"x", "two"}, {"y"}}), "must be one number");
    CHECK_CONTAINS(refused({"Trilu", {"x"}, {"y"}}, {1, 1 << 30}), "along an axis");
    CHECK_CONTAINS(refused({"Softmax", {"deep"}, {"y"}}), "too many axes");
    CHECK_CONTAINS(refused({"InstanceNormalization", {"x", "deep", "f"}, {"y"}}, {1, 2, 3}), "cannot be taken");
}
