// Every operator of ops.def to ONNX and back: see exported.hpp.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include <kiln/compiler/ir/print.hpp>
#include <kiln/compiler/onnx/export_model.hpp>
#include <kiln/compiler/onnx/import_model.hpp>
#include <kiln/compiler/ops/reference.hpp>
#include <kiln/tests/emit/scratch_folder.hpp>

#include "cases.hpp"
#include "compare.hpp"
#include "exported.hpp"

namespace kiln::testing {
namespace {
namespace fs = std::filesystem;

void write(const fs::path& file, const tensor& t) {
    std::vector<std::byte> storage;
    write_text(file, text_of(stored(t, storage)));
}

void check_exported(ir::graph (*make)(dice&, int), std::uint32_t seed, const fs::path& folder) {
    dice d{std::mt19937(seed)};
    ir::graph g = make(d, d.one_of({1, 1, 2, 3}));
    bind_random(g, seed);
    std::vector<tensor> inputs = random_inputs(g, seed + 1), expected = compiler::run_reference(g, inputs);
    for (std::size_t i = 0; i < inputs.size(); ++i) inputs[i] = onnx::as_exported(inputs[i], g[g.inputs()[i]]);
    for (std::size_t i = 0; i < expected.size(); ++i)
        expected[i] = onnx::as_exported(expected[i], g[g.outputs[i].node]);

    fs::create_directories(folder);
    const fs::path file = folder / "net.onnx";
    std::string model;
    onnx::export_model(g, [&](byte_view bytes) { model += text_of(bytes); });
    write_text(file, model);
    for (std::size_t i = 0; i < inputs.size(); ++i) write(folder / (g[g.inputs()[i]].name + ".in"), inputs[i]);
    for (std::size_t i = 0; i < expected.size(); ++i) write(folder / (std::to_string(i) + ".expected"), expected[i]);

    INFO("seed ", seed, ": ", ir::print(g));
    const ir::graph back = onnx::import_model(file, {});
    const std::vector<tensor> found = compiler::run_reference(back, inputs);
    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        INFO("output ", i, " of ", ir::print(back));
        REQUIRE(found[i].shape == expected[i].shape);
        REQUIRE(found[i].type == expected[i].type);
        CHECK(found[i].integers == expected[i].integers);
        CHECK(relative_difference(found[i], expected[i]) < 2e-5);
    }
}

}  // namespace

void check_exports(const std::string& name, ir::graph (*make)(dice&, int)) {
    const scratch_folder scratch;
    const char* kept = std::getenv("KILN_EXPORT_FOLDER");
    const int cases = setting("KILN_CASES", 6), first = setting("KILN_SEED", 1000);
    for (int seed = first; seed < first + cases; ++seed)
        check_exported(make, static_cast<std::uint32_t>(seed),
                       (kept ? fs::path(kept) : scratch.path()) / (name + "-" + std::to_string(seed)));
}

#define KILN_OPERATOR(stem)                                                                        \
    TEST_CASE("exported " #stem " comes back as what it was") {                                    \
        if (op::stem != op::random) check_exports(#stem, random_##stem); /* that one is refused */ \
    }
#include <kiln/dsl/ops/ops.def>
#undef KILN_OPERATOR

}  // namespace kiln::testing
