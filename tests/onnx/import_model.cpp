#include <doctest/doctest.h>
#include <kiln/compiler/onnx/import_model.hpp>

#include <kiln/compiler/compile.hpp>
#include <kiln/compiler/ops/reference.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/tests/emit/scratch_folder.hpp>

#include "model_writer.hpp"

using namespace kiln;
using namespace kiln::testing;

namespace {

ir::graph imported(const written_model& m, const onnx::import_options& options = {}) {
    const scratch_folder folder;
    write_text(folder.file("net.onnx"), m.bytes());
    return onnx::import_model(folder.file("net.onnx"), options);
}

}  // namespace

TEST_CASE("an imported model is the graph it describes, its ports and parameters as in the file") {
    const ir::graph g = imported(small_model());
    CHECK(g.name == "net");
    CHECK(g[g.inputs().at(0)].shape == dims::of(1, 2, 4, 4));
    CHECK(g.outputs.at(0).name == "scores");
    CHECK(g[g.outputs[0].node].shape == dims::of(1, 3));
    std::vector<std::string> names;
    for (const ir::node& n : g.nodes)
        if (n.kind == op::parameter) names.push_back(n.name);
    CHECK(names == std::vector<std::string>{"w", "b", "g", "h"});
}

TEST_CASE("a dense layer after a flattening reads its weights in the file's order") {
    written_model m;
    m.inputs = {{"x", {1, 2, 2, 2}}};
    m.nodes = {{"Flatten", {"x"}, {"f"}}, {"Relu", {"f"}, {"r"}}, {"MatMul", {"r", "w"}, {"y"}}};
    m.outputs = {"y"};
    m.initializers = {float_tensor("w", {8, 1}, {1, 10, 100, 1000, 1e4F, 1e5F, 1e6F, 1e7F})};
    // A negative value is cut to 0.
    const tensor x{{1, 2, 2, 2}, {1, 3, 5, 7, -2, 4, 6, 8}};
    const ir::graph g = imported(m);
    const float expected = 1 + 30 + 500 + 7000 + 0 + 4e5F + 6e6F + 8e7F;
    CHECK(compiler::run_reference(g, {x})[0].values == std::vector<float>{expected});
    CHECK(compiler::model(compiler::compile_graph(g, {}))({x})[0].values == std::vector<float>{expected});
}

TEST_CASE("free extents are given by the caller, the batch by its option") {
    written_model m = small_model();
    m.inputs[0].second = {-1, 2, 4, 4};
    m.nodes[3] = {"Flatten", {"p"}, {"f"}};
    CHECK(imported(m, {.batch = 3}).batch == 3);
    m.inputs[0].second = {-1, 2, -1, -1};
    CHECK_THROWS_WITH_AS(imported(m), doctest::Contains("give it with --shape image="), error);
    const ir::graph g = imported(m, {.shapes = {{"image", {2, 2, 4, 4}}}});
    CHECK(g[g.inputs().at(0)].shape == dims::of(2, 2, 4, 4));
    CHECK_THROWS_WITH_AS(imported(m, {.shapes = {{"image", {2, 3, 4, 4}}}}),
                         doctest::Contains("the model fixes ?x2x?x?"), error);
    CHECK_THROWS_WITH_AS(imported(small_model(), {.shapes = {{"photo", {1}}}}),
                         doctest::Contains("'photo', which is no input"), error);
}

TEST_CASE("other tensors can be put out, and inputs fixed") {
    const ir::graph g = imported(small_model(), {.outputs = {"r", "scores"}});
    CHECK(g.outputs.size() == 2);
    CHECK(g[g.outputs[0].node].shape.volume() == 32);
    const ir::graph row = imported(small_model(), {.outputs = {"f"}});
    CHECK(row[row.outputs[0].node].shape.rank == 2);
    CHECK_THROWS_WITH_AS(imported(small_model(), {.outputs = {"q"}}), doctest::Contains("no tensor 'q'"), error);
    written_model m;
    m.inputs = {{"x", {1, 2, 3}}, {"y", {1, 2, 3}}};
    m.nodes = {{"Add", {"x", "y"}, {"z"}}};
    m.outputs = {"z"};
    CHECK(imported(m).inputs().size() == 2);
    CHECK(imported(m, {.fixed = {{"y", {{1, 2, 3}, counting(6)}}}}).inputs().size() == 1);
    CHECK_THROWS_WITH_AS(imported(m, {.fixed = {{"q", {{}, {1}}}}}), doctest::Contains("'q', which is no input"),
                         error);
}

TEST_CASE("everything that cannot be taken is said at once, with counts and names") {
    written_model m = small_model();
    m.nodes[1] = {"Unique", {"c"}, {"r"}};
    m.nodes[0].integer_lists[1] = {"auto_pad_of_mine", {1}};
    m.nodes.insert(m.nodes.begin(), {"Fancy", {"image"}, {"k"}, {}, {}, "my.domain"});
    m.nodes.insert(m.nodes.begin(), {"MaxPool", {"image"}, {"l"}, {{"kernel_shape", {2}}}});
    m.nodes.push_back({"Unique", {"image"}, {"q"}});
    std::string text;
    try {
        imported(m);
    } catch (const error& e) {
        text = e.what();
    }
    CHECK_MESSAGE(text.find("4 of its nodes cannot be taken") != text.npos, text);
    CHECK(text.find("'Unique' (not an operator Kiln imports) at 'Unique_r', 'Unique_q'") != text.npos);
    CHECK(text.find("'my.domain.Fancy' (not an operator Kiln imports)") != text.npos);
    CHECK(text.find("MaxPool (a window of 1 axes slides over 2 spatial axes) at 'MaxPool_l'") != text.npos);
}
