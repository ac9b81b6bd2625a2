// Nodes nobody would write: numbers that overflow, shapes made out of nothing, inputs that are missing. Each was found
// by fuzzing or by reading, and is refused with a reason.
#include <limits>

#include "refusals.hpp"

using namespace kiln;
using namespace kiln::testing;

namespace {

constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min(),
                       most = std::numeric_limits<std::int64_t>::max();

/// What is said of a model of one node that reads an input "x" of `shape` and constants:
///   f {1}, g {2, 2}: floats; wide {1, 1, 3, 3}: filters; deep: nine axes; none {0, 8}: no elements
///   i, two, huge, low: whole numbers 1, {0, 1}, 2^62, -2^63
std::string refused(const written_node& node, const extents& shape = {2, 3}, std::int64_t opset = 13) {
    written_model m;
    m.opset = opset;
    m.inputs = {{"x", shape}};
    m.nodes = {node};
    m.outputs = {"y"};
    m.initializers = {float_tensor("f", {1}, {1}),
                      float_tensor("g", {2, 2}, {1, 2, 3, 4}),
                      float_tensor("wide", {1, 1, 3, 3}, counting(9)),
                      float_tensor("deep", {1, 1, 1, 1, 1, 1, 1, 1, 1}, {1}),
                      float_tensor("eight", {1, 1, 1, 1, 1, 1, 1, 2}, {1, 2}),
                      float_tensor("none", {0, 8}, {}),
                      float_tensor("endless", {4}, {std::numeric_limits<float>::infinity(), 1, 1, 1}),
                      float_tensor("tiny", {4}, {1, 1, 1, 1e-6F}),
                      integer_tensor("i", {1}),
                      integer_tensor("two", {0, 1}),
                      integer_tensor("huge", {std::int64_t{1} << 62}),
                      integer_tensor("low", {least}),
                      integer_tensor("million", {1 << 20}),
                      integer_tensor("square", {1 << 20, 1 << 20}),
                      integer_tensor("pads", {0, 0, 0, least})};
    return refusal_of(m);
}

constexpr std::string_view too_large = "too large for a model of so few bytes";

}  // namespace

TEST_CASE("constants are not made out of nothing") {
    CHECK_CONTAINS(refused({"ConstantOfShape", {"square"}, {"y"}}), too_large);
    CHECK_CONTAINS(refused({"ConstantOfShape", {"low"}, {"y"}}), "is not possible");
    CHECK_CONTAINS(refused({"ConstantOfShape", {"huge"}, {"y"}}), "is not possible");
    CHECK_CONTAINS(refused({"Expand", {"f", "square"}, {"y"}}), "Kiln can index");
    CHECK_CONTAINS(refused({"Expand", {"f", "huge"}, {"y"}}), "is not possible");
    CHECK_CONTAINS(refused({"Tile", {"f", "huge"}, {"y"}}), "4611686018427387904 repeats");
    CHECK_CONTAINS(refused({"Tile", {"f", "low"}, {"y"}}), "repeats are not possible");
    CHECK_CONTAINS(refused({"Range", {"i", "huge", "i"}, {"y"}}), "is not possible");
    CHECK_CONTAINS(refused({"Range", {"i", "i", "f"}, {"y"}}), "three numbers of one type");
    CHECK_CONTAINS(refused({"Pad", {"g", "pads"}, {"y"}}), "its padding is too large");
    CHECK_CONTAINS(refused({"Trilu", {"x"}, {"y"}}, {1, 1 << 30}), too_large);
    CHECK_CONTAINS(refused({"EyeLike", {"x"}, {"y"}}, {1 << 12, 1 << 12}), too_large);
    CHECK_CONTAINS(refused({"Dropout", {"x"}, {"y", "mask"}}, {1 << 15, 1 << 15}), too_large);
    CHECK_CONTAINS(refused({"ArgMax", {"x"}, {"y"}}, {1 << 30, 1}), too_large);
    CHECK_CONTAINS(refused({"GroupNormalization", {"x", "g", "g"}, {"y"}, {}, {{"num_groups", 2}}}, {1, 1 << 30}, 18),
                   "must have one axis");
    CHECK_CONTAINS(
        refused({"GroupNormalization", {"x", "two", "two"}, {"y"}, {}, {{"num_groups", 2}}}, {1, 1 << 30}, 18),
        too_large);
}

TEST_CASE("a number for each of very many channels is not written down") {
    written_model m;
    m.inputs = {{"x", {1, 1 << 30, 1}}};
    m.nodes = {{"GlobalMaxPool", {"x"}, {"p"}}, {"Add", {"p", "f"}, {"y"}}};
    m.outputs = {"y"};
    m.initializers = {float_tensor("f", {1}, {1})};
    CHECK_CONTAINS(refusal_of(m), too_large);
}

TEST_CASE("numbers that are no places, counts or scales are refused") {
    CHECK_CONTAINS(refused({"Resize", {"x", "", "endless"}, {"y"}}, {1, 1, 4, 4}), "a scale of inf is not possible");
    CHECK_CONTAINS(refused({"Resize", {"x", "", "tiny"}, {"y"}, {}, {{"antialias", 1}}, {}, {{"mode", "linear"}}},
                           {1, 1, 4, 1 << 24}, 18),
                   "too large for a model of so few bytes");
    CHECK_CONTAINS(refused({"Resize", {"x", "", "f"}, {"y"}, {{"axes", {9}}}}, {1, 1, 4, 4}, 18), "axis 9");
    CHECK_CONTAINS(refused({"Split", {"x"}, {"y"}, {{"num_outputs", {0}}}}), "cannot be taken");
    CHECK_CONTAINS(refused({"Split", {"x", "huge"}, {"y"}}), "do not make up the axis");
    CHECK_CONTAINS(refused({"Split", {"x"}, {"y", "z", "u"}, {{"split", {most, most, 4}}}}, {2, 3}, 11),
                   "do not make up the axis");
    CHECK_CONTAINS(refused({"Trilu", {"x", "two"}, {"y"}}), "must be one number");
    CHECK_CONTAINS(refused({"Slice", {"x", "i", "huge", "i", "low"}, {"y"}}), "a step of");
    CHECK_CONTAINS(refused({"Reshape", {"x", "huge"}, {"y"}}), "an impossible extent of 4611686018427387904");
    CHECK_CONTAINS(refused({"Transpose", {"x"}, {"y"}, {{"perm", {0, most}}}}), "does not exist");
    CHECK_CONTAINS(refused({"Transpose", {"x"}, {"y"}, {{"perm", {0, 0}}}}), "every axis exactly once");
}

TEST_CASE("windows whose arithmetic would overflow are refused") {
    const extents image{1, 1, 4, 4}, widest{1, 1, 1, std::numeric_limits<std::int32_t>::max()};
    const auto conv = [&](written_node n, const extents& shape) {
        n.operation = "Conv", n.inputs = {"x", "wide"}, n.outputs = {"y"};
        return refused(n, shape);
    };
    const std::vector<std::pair<std::string, std::string>> same{{"auto_pad", "SAME_UPPER"}};
    CHECK_CONTAINS(conv({"", {}, {}, {{"dilations", {1 << 20, 1 << 20}}}, {}, {}, same}, image), "is not possible");
    CHECK_CONTAINS(
        conv({"", {}, {}, {{"strides", {1 << 20, 1 << 20}}, {"dilations", {1, 1 << 20}}}, {}, {}, same}, widest),
        "is not possible");
    CHECK_CONTAINS(conv({"", {}, {}, {{"strides", {0, 1}}}, {}, {}, same}, image), "a stride of 0");
    CHECK_CONTAINS(conv({"", {}, {}, {{"pads", {0, 0, most, 0}}}}, image), "is not possible");
    CHECK_CONTAINS(conv({"", {}, {}, {}, {{"group", least}}}, image), "is not possible");
    const auto pool = [&](const std::vector<std::pair<std::string, extents>>& lists, const extents& shape) {
        return refused({"MaxPool", {"x"}, {"y"}, lists, {{"ceil_mode", 1}}}, shape);
    };
    CHECK_CONTAINS(pool({{"kernel_shape", {1, 1 << 20}}, {"dilations", {1, 1 << 20}}}, image), "window");
    CHECK_CONTAINS(pool({{"kernel_shape", {1, 3}}, {"pads", {0, 1 << 20, 0, 1 << 20}}}, widest), "padding");
    const auto turned = [&](const std::vector<std::pair<std::string, extents>>& lists) {
        return refused({"ConvTranspose", {"x", "wide"}, {"y"}, lists}, image);
    };
    CHECK_CONTAINS(turned({{"output_padding", {most, most}}}), "output padding 9223372036854775807 is not possible");
    CHECK_CONTAINS(turned({{"output_shape", {least, 4}}}), "an output of -9223372036854775808 is not possible");
    CHECK_CONTAINS(turned({{"pads", {0, least, 0, 0}}}), "padding -9223372036854775808 is not possible");
    CHECK_CONTAINS(turned({{"strides", {1 << 20, 1 << 20}}}), too_large);
}

TEST_CASE("inputs that are missing, of another kind, too deep or empty are refused") {
    CHECK_CONTAINS(refused({"Softmax", {"deep"}, {"y"}}), "too many axes");
    CHECK_CONTAINS(refused({"LpNormalization", {"deep"}, {"y"}}), "too many axes");
    CHECK_CONTAINS(refused({"InstanceNormalization", {"x", "deep", "f"}, {"y"}}, {1, 2, 3}), "cannot be taken");
    CHECK_CONTAINS(refused({"Mul", {"x", "eight"}, {"y"}}, {1, 2}), "operators take up to 7");
    CHECK_CONTAINS(refused({"Pow", {"x"}, {"y"}}), "it has 1 inputs, not 2");
    CHECK_CONTAINS(refused({"Pow", {"x", "f", "f"}, {"y"}}), "it has 3 inputs, not 2");
    CHECK_CONTAINS(refused({"Where", {"x"}, {"y"}}), "operands");
    CHECK_CONTAINS(refused({"Sum", {}, {"y"}}), "it has no inputs");
    CHECK_CONTAINS(refused({"Concat", {}, {"y"}}), "it has no inputs");
    CHECK_CONTAINS(refused({"Gemm", {"x", "none"}, {"y"}}, {1, 8}), "input 1 has no elements");
    CHECK_CONTAINS(refused({"Relu", {"none"}, {"y"}}), "without elements");
    CHECK_CONTAINS(refused({"GroupNormalization", {"none", "f", "f"}, {"y"}}, {2, 3}, 18), "without elements");
}

TEST_CASE("what was refused once is refused again") {
    written_model m;
    m.inputs = {{"x", {1, 4}}};
    m.nodes = {{"Clip", {"none"}, {"y"}}, {"Clip", {"none"}, {"z"}}};
    m.outputs = {"y"};
    m.initializers = {float_tensor("none", {3, 0}, {})};
    CHECK_CONTAINS(refusal_of(m),
                   "2 of its nodes cannot be taken: Clip (it reads a tensor without elements) at 'Clip_y', 'Clip_z'");
}

TEST_CASE("OneHot and GatherND take no depths and indices that do not fit") {
    CHECK_CONTAINS(refused({"OneHot", {"i", "huge", "two"}, {"y"}}), "a depth of 4.611686e+18 is not possible");
    CHECK_CONTAINS(refused({"OneHot", {"i", "low", "two"}, {"y"}}), "is not possible");
    CHECK_CONTAINS(refused({"OneHot", {"i", "endless", "two"}, {"y"}}), "must be one number");
    CHECK_CONTAINS(refused({"OneHot", {"x", "million", "f"}, {"y"}}), "what is not there");
    CHECK_CONTAINS(refused({"OneHot", {"x", "i", "two"}, {"y"}, {}, {{"axis", 7}}}), "axis 7 does not exist");
    CHECK_CONTAINS(refused({"OneHot", {"deep", "i", "two"}, {"y"}}), "too many axes");
    CHECK_CONTAINS(refused({"OneHot", {"x", "x", "two"}, {"y"}}), "must be a constant");
    CHECK_CONTAINS(refused({"GatherND", {"x", "square"}, {"y"}}), "taken");
    CHECK_CONTAINS(refused({"GatherND", {"x", "f"}, {"y"}}), "no whole numbers");
    CHECK_CONTAINS(refused({"GatherND", {"x", "none"}, {"y"}}), "its indices do not fit");
    CHECK_CONTAINS(refused({"GatherND", {"f", "two"}, {"y"}}), "its indices do not fit");
    CHECK_CONTAINS(refused({"GatherND", {"x", "deep"}, {"y"}}), "too many axes");
    CHECK_CONTAINS(refused({"GatherND", {"x", "i"}, {"y"}, {}, {{"batch_dims", least}}}), "its batch_dims do not fit");
    CHECK_CONTAINS(refused({"GatherND", {"x"}, {"y"}}), "input 1 is missing");
}

TEST_CASE("work and memory do not grow with the number of nodes that read one large constant") {
    written_model m;
    m.inputs = {{"x", {1, 4}}};
    m.outputs = {"y19999"};
    m.initializers = {float_tensor("w", {4, 50'000}, std::vector<float>(200'000, 1))};
    const auto model = [&](const auto& node) {
        m.nodes.clear();
        for (int i = 0; i < 20'000; ++i) m.nodes.push_back(node(i));
        return refusal_of(m);
    };
    const auto name = [](int i) { return "y" + std::to_string(i); };
    CHECK_CONTAINS(
        model([&](int i) -> written_node {
            return {"Gemm", {"x", "w"}, {name(i)}, {}, {}, {}, {}, {{"alpha", 2.0F + static_cast<float>(i)}}};
        }),
        too_large);
    CHECK_CONTAINS(model([&](int i) -> written_node {
                       return {"Flatten", {"w"}, {name(i)}, {}, {{"axis", 0}}};
                   }),
                   too_large);
    CHECK_CONTAINS(model([&](int i) -> written_node { return {"Transpose", {"w"}, {name(i)}}; }), too_large);
    CHECK_CONTAINS(model([&](int i) -> written_node {
                       return {"Mul", {"x", "w"}, {name(i)}};
                   }),
                   "nodes cannot be taken");
}
