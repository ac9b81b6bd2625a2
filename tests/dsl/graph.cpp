// The flat graph a network records: order, attributes, shapes, values.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>

#include <kiln/dsl/ops/ops.hpp>
#include <kiln/tests/dsl/looking.hpp>

namespace {

using namespace kiln;
using namespace kiln::literals;
using namespace kiln::testing;

/// A network that has every operator.
constexpr auto everything = [](auto x, auto y) {
    auto a = x | conv(8_c, 3_c, same, stride(2_c)) | batch_norm(1e-3) | leaky_relu(0.25) |
             local_response_norm(5_c, 5e-4, 0.75, 2);
    auto b = y | depthwise_conv(3_c, pad(1_c), no_bias) | max_pool(2_c) | sigmoid;
    auto c = a * b + a;
    auto d = concat(c | kiln::tanh, c | average_pool(3_c, stride(1_c), same, counting_padding)) | upsample(2_c);
    auto e = d | elu(0.5) | selu | silu | gelu | hard_sigmoid(0.25, 1) | hard_swish | prelu | relu6 | clip(-1_c, 0.5);
    auto f = where(d > 0, d - 1, d | kiln::exp) | slice(0_c, 0_c, 4_c) | transpose(1_c, 0_c, 2_c) | pick(0_c, 1_c, 0_c);
    return outputs("map"_n = e | conv(1_c, window(1_c, 3_c), flipped) | relu,
                   "rest"_n = matmul(f, f | reshape(4_c, 16_c, 2_c) | mean_over(0_c)) | broadcast_to(2_c, 4_c, 2_c),
                   "classes"_n = d | flatten | dropout(0.3) | dense(10_c) | softmax);
};
using net = network<everything, shape<8, 8, 3>, shape<8, 8, 8>>;

TEST_CASE("every operator occurs, operands come first and shapes follow the rules") {
    constexpr graph_view g = net::view("everything");
    std::array<int, operator_count> seen{};
    for (int id = 0; id < g.node_count; ++id) {
        const node& n = g.nodes[id];
        ++seen[static_cast<std::size_t>(n.kind)];
        std::vector<dims> operands;
        for (const int from : operands_of(g, n)) {
            REQUIRE(from < id);
            operands.push_back(g.nodes[from].shape);
        }
        if (is_leaf(n.kind)) {
            CHECK(n.operands == 0);
        } else {
            const inferred again = infer(n.kind, n.attributes, operands);
            CHECK(again.why == fault::none);
            CHECK(again.shape == n.shape);
        }
    }
    // These come from ONNX models or from training; the DSL has no words for them.
    constexpr std::array unspoken = {op::merge_batch,      op::split_batch, op::gather_elements,
                                     op::scatter_elements, op::ranking,     op::filter_gradient,
                                     op::max_pool_place,   op::max_unpool,  op::random};
    for (int kind = 0; kind < operator_count; ++kind)
        if (static_cast<op>(kind) != op::constant &&
            std::find(unspoken.begin(), unspoken.end(), static_cast<op>(kind)) == unspoken.end())
            CHECK_MESSAGE(seen[static_cast<std::size_t>(kind)] > 0, operator_names[static_cast<std::size_t>(kind)]);
    CHECK(std::string(g.name) == "everything");
    CHECK(g.version == graph_view_version);
    CHECK(g.node_bytes == sizeof(node));
}

TEST_CASE("outputs have their names, several inputs are numbered") {
    constexpr graph_view g = net::view();
    REQUIRE(g.output_count == 3);
    CHECK(text_at(g, g.outputs[0].name) == "map");
    CHECK(g.nodes[g.outputs[0].node].shape == dims::of(8, 6, 1));
    CHECK(text_at(g, g.outputs[2].name) == "classes");
    CHECK(g.nodes[g.outputs[2].node].kind == op::softmax);
    static_assert(net::outputs::size == 3);
    static_assert(std::is_same_v<net::outputs::named<"map">, shape<8, 6, 1>>);
    static_assert(std::is_same_v<net::outputs::named<"classes">, shape<10>>);
    CHECK(names(g, op::input) == std::vector<std::string>{"input0", "input1"});
}

TEST_CASE("one input is called input, one unnamed output is called output") {
    static constexpr auto single = [](auto x) { return relu(x); };
    constexpr graph_view g = network<single, shape<3>>::view();
    CHECK(names(g, op::input) == std::vector<std::string>{"input"});
    REQUIRE(g.output_count == 1);
    CHECK(text_at(g, g.outputs[0].name) == "output");
}

TEST_CASE("attributes say what was written, same is explicit padding") {
    constexpr graph_view g = net::view();
    const auto conv1 = unpack<ops::conv::attributes>(named_node(g, "conv1").attributes);
    CHECK(conv1.filters == 8);
    CHECK(conv1.groups == 1);
    CHECK(conv1.flip == 0);
    CHECK(conv1.slide.stride == triple{2, 2, 1});
    CHECK(conv1.slide.extent == triple{3, 3, 1});
    CHECK(conv1.slide.pad_before == triple{0, 0, 0});  // 8 over 2 with a window of 3: the odd cell goes after
    CHECK(conv1.slide.pad_after == triple{1, 1, 0});
    const auto conv2 = unpack<ops::conv::attributes>(named_node(g, "conv2").attributes);
    CHECK(conv2.groups == 8);
    CHECK(conv2.slide.pad_before == triple{1, 1, 0});
    const auto conv3 = unpack<ops::conv::attributes>(named_node(g, "conv3").attributes);
    CHECK(conv3.flip == 1);
    CHECK(conv3.slide.extent == triple{1, 3, 1});
    CHECK(unpack<ops::batch_norm::attributes>(named_node(g, "batch_norm1").attributes).epsilon == 1e-3F);
    CHECK(unpack<ops::leaky_relu::attributes>(named_node(g, "leaky_relu1").attributes).slope == 0.25F);
    CHECK(unpack<ops::elu::attributes>(named_node(g, "elu1").attributes).alpha == 0.5F);
    CHECK(unpack<ops::clip::attributes>(named_node(g, "clip1").attributes).high == 6);
    CHECK(unpack<ops::clip::attributes>(named_node(g, "clip2").attributes).low == -1);
    CHECK(unpack<ops::dropout::attributes>(named_node(g, "dropout1").attributes).rate == 0.3F);
    const auto hard = unpack<ops::hard_sigmoid::attributes>(named_node(g, "hard_sigmoid1").attributes);
    CHECK(hard.alpha == 0.25F);
    CHECK(hard.beta == 1);
    const auto norm = unpack<ops::local_response_norm::attributes>(named_node(g, "local_response_norm1").attributes);
    CHECK(norm.size == 5);
    CHECK(norm.alpha == 5e-4F);
    CHECK(norm.beta == 0.75F);
    CHECK(norm.bias == 2);
    CHECK(unpack<ops::average_pool::attributes>(named_node(g, "average_pool1").attributes).count_padding == 1);
    CHECK(unpack<ops::dense::attributes>(named_node(g, "dense1").attributes).units == 10);
    CHECK(unpack<ops::upsample::attributes>(named_node(g, "upsample1").attributes).factor == triple{2, 2, 1});
}

TEST_CASE("parameters know their role and how many inputs one output sums") {
    constexpr graph_view g = net::view();
    const auto of = [&](const std::string& name) {
        return unpack<parameter_attributes>(named_node(g, name).attributes);
    };
    CHECK(of("conv1.weight").kind == role::weight);
    CHECK(of("conv1.weight").fan_in == 27);
    CHECK(of("conv1.bias").kind == role::bias);
    CHECK(of("conv1.bias").fan_in == 27);
    CHECK(of("conv2.weight").fan_in == 9);
    CHECK(of("dense1.weight").fan_in == 8 * 8 * 16);
    CHECK(of("batch_norm1.scale").kind == role::scale);
    CHECK(of("batch_norm1.shift").kind == role::shift);
    CHECK(of("batch_norm1.mean").kind == role::mean);
    CHECK(of("batch_norm1.variance").kind == role::variance);
    CHECK(of("prelu1.slope").kind == role::slope);
    CHECK(named_node(g, "prelu1.slope").shape == dims::of(16));
    CHECK(named_node(g, "conv1.weight").shape == dims::of(3, 3, 3, 8));
    CHECK(named_node(g, "dense1.weight").shape == dims::of(1024, 10));
}

}  // namespace
