// Parameters, multiply-adds and activations of the course's sections on counting, asserted by the compiler.
#include <doctest/doctest.h>

#include <kiln/dsl/dsl.hpp>

namespace {

using namespace kiln;
using namespace kiln::literals;

constexpr auto one_filter = [](auto x) { return x | conv(1_c, 5_c); };
constexpr auto six_filters = [](auto x) { return x | conv(6_c, 5_c); };
static_assert(network<one_filter, shape<32, 32, 1>>::parameters == 26);
static_assert(network<six_filters, shape<32, 32, 1>>::parameters == 156);

// The same activations, fully connected: 3,072 x 4,704, about 14 million.
constexpr auto fully_connected = [](auto x) { return x | dense(4704_c, no_bias); };
static_assert(network<fully_connected, shape<32, 32, 3>>::parameters == 3072 * 4704);
static_assert(network<six_filters, shape<32, 32, 3>>::activations == 4704);
static_assert(network<six_filters, shape<32, 32, 3>>::parameters == 456);

constexpr auto straight = [](auto x) { return x | conv(32_c, 5_c, same); };
constexpr auto bottleneck = [](auto x) { return x | conv(16_c, 1_c) | conv(32_c, 5_c, same); };
static_assert(network<straight, shape<28, 28, 192>>::multiply_adds == 120'422'400);
static_assert(network<bottleneck, shape<28, 28, 192>>::multiply_adds == 12'443'648);

constexpr auto lenet5 = [](auto image) {
    return image | conv(6_c, 5_c, same) | relu | max_pool(2_c)  //
           | conv(16_c, 5_c) | relu | max_pool(2_c)             //
           | dense(120_c) | relu | dense(84_c) | relu | dense(10_c) | softmax;
};
using lenet = network<lenet5, shape<28, 28, 1>>;
static_assert(lenet::parameters == 61'706);

TEST_CASE("the table of a network has a row for each layer") {
    static_assert(lenet::layers.size() == 12);
    constexpr auto rows = lenet::layers;
    static_assert(rows[0].name == "conv1" && rows[0].op == op::conv && rows[0].shape == dims::of(28, 28, 6));
    static_assert(rows[0].activations == 4704 && rows[0].parameters == 156);
    static_assert(rows[0].multiply_adds == 28 * 28 * 6 * 25);
    static_assert(rows[2].name == "max_pool1" && rows[2].parameters == 0 && rows[2].multiply_adds == 0);
    static_assert(rows[3].name == "conv2" && rows[3].parameters == 2416);
    static_assert(rows[6].name == "dense1" && rows[6].parameters == 48'120);
    std::int64_t parameters = 0, multiply_adds = 0, operations = 0, activations = 0;
    for (const auto& row : rows) {
        CHECK(row.operations > 0);
        parameters += row.parameters;
        multiply_adds += row.multiply_adds;
        operations += row.operations;
        activations += row.activations;
    }
    CHECK(parameters == lenet::parameters);
    CHECK(multiply_adds == lenet::multiply_adds);
    CHECK(operations == lenet::operations);
    CHECK(activations == lenet::activations);
}

TEST_CASE("running statistics and given filters are not learned") {
    static constexpr auto normalised = [](auto x) { return x | conv_bn(8_c, 3_c); };
    static_assert(network<normalised, shape<8, 8, 4>>::parameters == 9 * 4 * 8 + 2 * 8);
    static constexpr auto given = [](auto x) { return x | conv(sobel_vertical); };
    static_assert(network<given, shape<8, 8, 1>>::parameters == 0);
    static_assert(network<given, shape<8, 8, 1>>::multiply_adds == 36 * 9);
}

TEST_CASE("shared parameters count once, what they compute counts every time") {
    static constexpr auto twice = [](auto x, auto y) {
        auto tower = shared("tower"_n, conv(8_c, 3_c));
        return concat(tower(x), tower(y));
    };
    using net = network<twice, shape<5, 5, 1>, shape<5, 5, 1>>;
    static_assert(net::parameters == 80);
    static_assert(net::layers[0].parameters == 80 && net::layers[1].parameters == 0);
    static_assert(net::multiply_adds == 2 * 9 * 8 * 9);
}

TEST_CASE("a depthwise convolution has one filter for each channel") {
    static constexpr auto depthwise = [](auto x) { return x | depthwise_conv(3_c, no_bias); };
    static_assert(network<depthwise, shape<8, 8, 32>>::parameters == 9 * 32);
    static_assert(network<depthwise, shape<8, 8, 32>>::multiply_adds == 36 * 9 * 32);
}

}  // namespace
