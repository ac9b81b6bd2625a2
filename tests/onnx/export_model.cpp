#include <doctest/doctest.h>
#include <kiln/compiler/onnx/export_model.hpp>

#include <algorithm>

#include <kiln/compiler/onnx/import_model.hpp>
#include <kiln/compiler/onnx/proto.hpp>
#include <kiln/compiler/onnx/write_proto.hpp>
#include <kiln/compiler/weights.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/tests/emit/scratch_folder.hpp>
#include <kiln/tests/graph_builder.hpp>

#include "model_writer.hpp"

using namespace kiln;
using namespace kiln::testing;

namespace {

std::string exported(const ir::graph& g) {
    std::string bytes;
    onnx::export_model(g, [&](byte_view piece) { bytes += text_of(piece); });
    return bytes;
}

ir::graph imported(const std::string& bytes) {
    const scratch_folder folder;
    write_text(folder.file("net.onnx"), bytes);
    return onnx::import_model(folder.file("net.onnx"), {});
}

std::vector<std::string> operations(const std::string& bytes) {
    std::vector<std::string> names;
    for (const onnx::node_proto& n : onnx::read_model(bytes_of(bytes)).nodes) names.emplace_back(n.operation);
    return names;
}

/// Everything an image network has: grouped and padded layers, a residual sum, a concatenation, and a dense layer that
/// reads a flattened image.
ir::graph image_network() {
    graph_builder b("net", 2);
    auto x = b.relu(b.batch_norm(b.conv(b.input(dims::of(9, 8, 3)), {.filters = 6, .slide = square(3, 2, 1, 1, 1)})));
    x = b.add(x, b.prelu(b.depthwise(x, square(3, 2, 1, 1, 1))));
    x = b.concat({x, b.average_pool(x, square(3, 2, 1, 1, 1))});
    x = b.upsample(b.max_pool(x, square(2, 2, 2)), {2, 1, 1});
    ir::graph g = b.finish({{"scores", b.softmax(b.dense(b.flatten(x), 5))}, {"image", x}});
    bind_random(g, 1);
    return g;
}

}  // namespace

TEST_CASE("an exported image network is an ordinary ONNX model: channels first, without a transposition") {
    const std::string bytes = exported(image_network());
    CHECK(operations(bytes) == std::vector<std::string>{"Conv", "BatchNormalization", "Relu", "Conv", "PRelu", "Add",
                                                        "AveragePool", "Concat", "MaxPool", "Resize", "Flatten", "Gemm",
                                                        "Softmax"});
    const onnx::model_proto m = onnx::read_model(bytes_of(bytes));
    CHECK(m.ir_version == 8);
    CHECK(m.opset == 18);
    CHECK(m.graph_name == "net");
    CHECK(m.inputs.at(0).name == "input");
    CHECK(m.inputs[0].shape == extents{2, 3, 9, 8});
    CHECK(m.outputs.at(0).name == "scores");
    CHECK(m.outputs[0].shape == extents{2, 5});
    CHECK(m.outputs.at(1).name == "image");
    CHECK(m.outputs[1].shape == extents{2, 12, 8, 4});
}

TEST_CASE("exported weights keep their names, and come back in Kiln's layout") {
    const ir::graph g = image_network();
    const tensor_map before = compiler::parameters_of(g), after = compiler::parameters_of(imported(exported(g)));
    REQUIRE(before.size() == after.size());
    for (const auto& [name, value] : before) {
        INFO(name);
        REQUIRE(after.contains(name));
        CHECK(after.at(name).shape == value.shape);
        CHECK(after.at(name).values == value.values);
    }
}

TEST_CASE("layers that share weights share them in the file") {
    graph_builder b;
    const auto w = b.parameter(dims::of(3, 3, 2, 2), role::weight, 18, "shared");
    const ops::conv::attributes a{.filters = 2, .slide = square(3)};
    auto x = b.input(dims::of(9, 9, 2));
    for (int i = 0; i < 2; ++i) x = b.apply(op::conv, a, {x, w});
    ir::graph g = b.finish(x);
    bind_random(g, 1);
    CHECK(onnx::read_model(bytes_of(exported(g))).initializers.size() == 1);
}

TEST_CASE("an imported model is exported as it was, its layout included") {
    const std::string once = exported(imported(small_model().bytes()));
    CHECK(operations(once) == std::vector<std::string>{"Conv", "Relu", "MaxPool", "Flatten", "Gemm"});
    CHECK(onnx::read_model(bytes_of(once)).inputs.at(0).shape == extents{1, 2, 4, 4});
    CHECK(operations(exported(imported(once))) == operations(once));
}

TEST_CASE("a scalar input is one in the file too") {
    graph_builder b;
    const ir::graph g = b.finish(b.relu(b.whole_input({})));
    const onnx::value_proto input = onnx::read_model(bytes_of(exported(g))).inputs.at(0);
    CHECK(input.has_shape);
    CHECK(input.shape.empty());
}

TEST_CASE("weights without values are refused by name") {
    graph_builder b;
    const ir::graph g = b.finish(b.dense(b.input(dims::of(4)), 2));
    CHECK_THROWS_WITH_AS(exported(g), doctest::Contains("parameter 'dense1.weight' has no values yet"), error);
}

TEST_CASE("a model beyond what protobuf holds is refused before a byte is written") {
    onnx::model_record m;
    m.name = "huge";
    const auto block = std::make_shared<const tensor>(zeros({1 << 20}));
    for (int i = 0; i < 512; ++i) m.initializers.push_back({"w" + std::to_string(i), block});
    const auto never = [](byte_view) { FAIL("written"); };
    CHECK_THROWS_WITH_AS(onnx::write_model(m, never), doctest::Contains("huge takes 2147"), error);
}
