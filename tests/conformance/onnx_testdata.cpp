// Every case of ONNX's test data: imported, compiled, run on its inputs, compared with its outputs. What was imported
// is also exported, and imported again for its reference to run. A case is out of scope when the importer refuses the
// model; those are listed by reason. KILN_ONNX_TESTDATA says where the data is.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>

#include <kiln/compiler/compile.hpp>
#include <kiln/compiler/onnx/export_model.hpp>
#include <kiln/compiler/onnx/import_model.hpp>
#include <kiln/compiler/onnx/importer.hpp>
#include <kiln/compiler/ops/reference.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/mapped_file.hpp>
#include <kiln/tests/emit/scratch_folder.hpp>

using namespace kiln;
namespace fs = std::filesystem;

namespace {

fs::path data_folder() {
    const char* said = std::getenv("KILN_ONNX_TESTDATA");
    return said ? said : "/usr/share/libonnx-testdata/data";
}

tensor read_pb(const fs::path& file) {
    const mapped_file mapped(file);
    return *onnx::read_constant(onnx::read_tensor(mapped.bytes()), {}).value;
}

/// The largest difference relative to the larger of 1 and the expected value; infinite where only one is a number.
double difference(const tensor& found, const tensor& expected) {
    if (found.shape != expected.shape || found.type != expected.type) return INFINITY;
    double most = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
        const double a = number_at(found, i), b = number_at(expected, i);
        if (std::isnan(a) != std::isnan(b)) return INFINITY;
        if (!std::isnan(a) && a != b) most = std::max(most, std::abs(a - b) / std::max(1.0, std::abs(b)));
    }
    return most;
}

/// `found` without the rows of -1 that NonMaxSuppression puts behind what it chose: ONNX's output has as many rows as
/// were chosen, Kiln's as many as could be.
tensor without_padding(tensor found, const std::vector<std::int64_t>& shape) {
    if (shape.size() != 2 || found.shape.size() != 2 || shape[1] != found.shape[1] || shape[0] >= found.shape[0])
        return found;
    const auto kept = static_cast<std::ptrdiff_t>(shape[0] * shape[1]);
    if (std::any_of(found.integers.begin() + kept, found.integers.end(), [](auto i) { return i != -1; })) return found;
    found.integers.erase(found.integers.begin() + kept, found.integers.end());
    found.shape[0] = shape[0];
    return found;
}

ir::graph exported_and_imported(const ir::graph& g) {
    const testing::scratch_folder folder;
    std::string bytes;
    onnx::export_model(g, [&](byte_view piece) { bytes += text_of(piece); });
    testing::write_text(folder.file("net.onnx"), bytes);
    return onnx::import_model(folder.file("net.onnx"), {});
}

/// The largest difference over all data sets of a case.
double run_case(const fs::path& folder, const ir::graph& graph, std::size_t fixed_inputs) {
    const compiler::model model(compiler::compile_graph(graph, {}));
    const ir::graph again = exported_and_imported(graph);
    double most = 0;
    for (int set = 0;; ++set) {
        const fs::path data = folder / fmt::format("test_data_set_{}", set);
        if (!fs::exists(data) || (set > 0 && fixed_inputs > 0)) return set == 0 ? INFINITY : most;
        std::vector<tensor> inputs;
        for (std::size_t i = 0; i < model.plan().inputs.size(); ++i)
            inputs.push_back(read_pb(data / fmt::format("input_{}.pb", i)));
        // KILN_REFERENCE: the operators' references instead of compiled kernels, to tell whose fault a difference is.
        std::vector<tensor> found =
            std::getenv("KILN_REFERENCE") ? compiler::run_reference(graph, inputs) : model(inputs);
        std::vector<tensor> exported = compiler::run_reference(again, inputs);
        const bool pads = folder.filename().string().starts_with("test_nonmaxsuppression");
        for (std::size_t i = 0; i < found.size(); ++i) {
            const tensor expected = read_pb(data / fmt::format("output_{}.pb", i));
            for (tensor* t : {&found[i], &exported.at(i)}) {
                if (pads) *t = without_padding(std::move(*t), expected.shape);
                most = std::max(most, difference(*t, expected));
            }
        }
    }
}

/// A reason without the names of one model.
std::string kind_of(const std::string& refusal) {
    const std::size_t begin = refusal.find("cannot be taken: ");
    if (begin == std::string::npos) return refusal.substr(refusal.find(": ") + 2);
    const std::string what = refusal.substr(begin + 17);
    return what.substr(0, what.find(" at "));
}

ir::graph import_with_fixed(const fs::path& folder, std::size_t free_inputs, std::size_t& fixed_inputs) {
    const fs::path file = folder / "model.onnx";
    const mapped_file mapped(file);
    const onnx::model_proto model = onnx::read_model(mapped.bytes());
    onnx::import_options options;
    for (std::size_t i = free_inputs; i < model.inputs.size(); ++i) {
        const fs::path data = folder / "test_data_set_0" / fmt::format("input_{}.pb", i);
        if (fs::exists(data)) options.fixed.emplace(model.inputs[i].name, read_pb(data));
    }
    fixed_inputs = options.fixed.size();
    return onnx::import_model(file, options);
}

/// Node tests pass weights and shapes as inputs. Where the model is refused for that, all inputs but the first are
/// fixed to their values in the first data set, the only one that is run then; where it still is, the first one too.
ir::graph import_case(const fs::path& folder, std::size_t& fixed_inputs) {
    for (const std::size_t free_inputs : {SIZE_MAX, std::size_t{1}}) {
        try {
            return import_with_fixed(folder, free_inputs, fixed_inputs);
        } catch (const error&) {
        }
    }
    return import_with_fixed(folder, 0, fixed_inputs);
}

struct tally {
    int passed = 0;
    std::map<std::string, int> out_of_scope;
    std::vector<std::string> failed;
};

tally run_all(const std::string& group) {
    tally t;
    for (const fs::directory_entry& entry : fs::directory_iterator(data_folder() / group)) {
        const fs::path file = entry.path() / "model.onnx";
        if (!fs::exists(file)) continue;
        ir::graph graph;
        if (std::getenv("KILN_LIST_CASES")) fmt::print(stderr, "{}\n", entry.path().filename().string());
        std::size_t skipped = 0;
        try {
            graph = import_case(entry.path(), skipped);
        } catch (const error& refused) {
            ++t.out_of_scope[kind_of(refused.what())];
            continue;
        }
        try {
            const double found = run_case(entry.path(), graph, skipped);
            if (found < 1e-3)
                ++t.passed;
            else
                t.failed.push_back(fmt::format("{}: differs by {}", entry.path().filename().string(), found));
        } catch (const error& e) {
            t.failed.push_back(fmt::format("{}: {}", entry.path().filename().string(), e.what()));
        }
    }
    return t;
}

void check_group(const std::string& group, int at_least) {
    REQUIRE_MESSAGE(fs::exists(data_folder() / group), "install libonnx-testdata, or set KILN_ONNX_TESTDATA");
    const tally t = run_all(group);
    int outside = 0;
    std::vector<std::pair<int, std::string>> reasons;
    for (const auto& [reason, count] : t.out_of_scope) {
        outside += count;
        reasons.emplace_back(count, reason);
    }
    std::sort(reasons.rbegin(), reasons.rend());
    fmt::print("{}: {} passed, {} out of scope, {} failed\n", group, t.passed, outside, t.failed.size());
    if (std::getenv("KILN_LIST_SCOPE"))
        for (const auto& [count, reason] : reasons) fmt::print("  {:4}  {}\n", count, reason);
    for (const std::string& f : t.failed) FAIL_CHECK(f);
    CHECK_MESSAGE(t.passed >= at_least, "the scope shrank");
}

}  // namespace

// Of Debian 12; Debian 13 has newer ones, of which 741 are in scope.
TEST_CASE("ONNX's node tests") { check_group("node", 741); }
TEST_CASE("ONNX's simple tests") { check_group("simple", 7); }
TEST_CASE("ONNX's tests converted from PyTorch modules") { check_group("pytorch-converted", 81); }
TEST_CASE("ONNX's tests of PyTorch operators") { check_group("pytorch-operator", 30); }
