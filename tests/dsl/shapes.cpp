// Shapes of layers as types: every assertion here is made by the compiler.
#include <doctest/doctest.h>

#include <kiln/dsl/dsl.hpp>

namespace {

using namespace kiln;
using namespace kiln::literals;

template <const auto& Net, class... Inputs>
using after = typename network<Net, Inputs...>::output;

#define GIVES(input, expression, ...)                                               \
    {                                                                               \
        static constexpr auto net = [](auto x) { return x | expression; };          \
        static_assert(std::is_same_v<after<net, input>, __VA_ARGS__>, #expression); \
    }

using colour = shape<32, 32, 3>;
using odd = shape<7, 7, 8>;

TEST_CASE("convolutions shrink, keep or stride over their input"){
    GIVES(colour, conv(6_c, 5_c), shape<28, 28, 6>) GIVES(colour, conv(6_c, 5_c, valid), shape<28, 28, 6>)
        GIVES(colour, conv(6_c, 5_c, same), shape<32, 32, 6>) GIVES(colour, conv(6_c, window(5_c)), shape<28, 28, 6>)
            GIVES(colour, conv(6_c, window(3_c, 5_c)),
                  shape<30, 28, 6>) GIVES(colour, conv(6_c, stride(2_c), window(3_c, 5_c)), shape<15, 14, 6>)
                GIVES(colour, conv(6_c, 3_c, stride(2_c, 3_c)),
                      shape<15, 10, 6>) GIVES(colour, conv(6_c, 3_c, dilation(2_c)), shape<28, 28, 6>)
                    GIVES(colour, conv(6_c, 3_c, pad(1_c)), shape<32, 32, 6>)
                        GIVES(colour, conv(6_c, 3_c, pad(1_c, 2_c)), shape<32, 34, 6>)
                            GIVES(colour, conv(6_c, 3_c, pad_after(1_c)), shape<31, 31, 6>)
                                GIVES(colour, conv(6_c, 3_c, pad_after(1_c), pad_before(2_c)), shape<33, 33, 6>)
                                    GIVES(colour, conv(6_c, 3_c, groups(3_c), no_bias, flipped), shape<30, 30, 6>)
                                        GIVES(odd, conv(4_c, 3_c, stride(2_c), same), shape<4, 4, 4>)
                                            GIVES(odd, depthwise_conv(3_c), shape<5, 5, 8>)
                                                GIVES(odd, depthwise_conv(3_c, multiplier(2_c), same, stride(2_c)),
                                                      shape<4, 4, 16>) GIVES(odd, conv_bn(16_c, 1_c), shape<7, 7, 16>)}

TEST_CASE("one and three spatial axes work as two do") {
    using signal = shape<14, 1>;
    using scan = shape<14, 14, 14, 1>;
    GIVES(signal, conv(16_c, 5_c), shape<10, 16>)
    GIVES(signal, seq(conv(16_c, 5_c), conv(32_c, 5_c)), shape<6, 32>)
    GIVES(scan, conv(16_c, 5_c), shape<10, 10, 10, 16>)
    GIVES(scan, seq(conv(16_c, 5_c), conv(32_c, 5_c)), shape<6, 6, 6, 32>)
    GIVES(scan, max_pool(window(1_c, 2_c, 2_c)), shape<14, 7, 7, 1>)
    GIVES(scan, upsample(1_c, 2_c, 3_c), shape<14, 28, 42, 1>)
    GIVES(signal, average_pool(2_c), shape<7, 1>)
    GIVES(signal, global_max_pool, shape<1, 1>)
}

TEST_CASE("pools step by their window unless told otherwise"){
    GIVES(colour, max_pool(2_c), shape<16, 16, 3>) GIVES(colour, max_pool(3_c, stride(2_c)), shape<15, 15, 3>)
        GIVES(colour, max_pool(3_c, stride(2_c), pad(1_c)), shape<16, 16, 3>)
            GIVES(colour, max_pool(3_c, stride(1_c), same), shape<32, 32, 3>)
                GIVES(colour, average_pool(2_c, pad_after(1_c), counting_padding), shape<16, 16, 3>)
                    GIVES(shape<784>, dense(3_c), shape<3>) GIVES(odd, global_average_pool, shape<1, 1, 8>)}

TEST_CASE("the remaining operators keep, flatten or enlarge"){
    GIVES(odd, relu, odd) GIVES(odd, leaky_relu, odd) GIVES(odd, leaky_relu(0.1), odd) GIVES(odd, leaky_relu(1), odd)
        GIVES(odd, batch_norm(1_c), odd) GIVES(odd, sigmoid, odd) GIVES(odd, kiln::tanh, odd) GIVES(odd, softmax, odd)
            GIVES(odd, batch_norm, odd) GIVES(odd, batch_norm(1e-3), odd) GIVES(odd, flatten, shape<392>)
                GIVES(odd, dense(10_c, no_bias), shape<10>) GIVES(odd, upsample(2_c), shape<14, 14, 8>)
                    GIVES(odd, seq(), odd) GIVES(odd, repeat(0_c, relu), odd)
                        GIVES(odd, repeat(2_c, conv(8_c, 3_c)), shape<3, 3, 8>)}

// clang-format off
TEST_CASE("words that are made of operators") {
    GIVES(odd, conv_transpose(16_c, 2_c, stride(2_c)), shape<14, 14, 16>)
    GIVES(odd, conv_transpose(16_c, 3_c, stride(2_c), pad(1_c), output_padding(1_c)), shape<14, 14, 16>)
    GIVES(odd, conv_transpose(16_c, 3_c, stride(2_c), same, groups(2_c), no_bias), shape<14, 14, 16>)
    GIVES(odd, resize(10_c, 20_c), shape<10, 20, 8>)
    GIVES(odd, resize_linear(3_c), shape<3, 3, 8>)
    GIVES(odd, pad(1_c), shape<9, 9, 8>)
    GIVES(odd, pad_before(1_c, 2_c), shape<8, 9, 8>)
    GIVES(odd, pad_after(1_c), shape<8, 8, 8>)
    GIVES(odd, pad_reflect(6_c), shape<19, 19, 8>)
    GIVES(odd, pad_edge(9_c, 0_c), shape<25, 7, 8>)
    GIVES(odd, crop(3_c), shape<1, 1, 8>)
    GIVES(odd, slice(0_c, 2_c, 5_c), shape<3, 7, 8>)
    GIVES(odd, slice(-1_c, 0_c, 8_c, 3_c), shape<7, 7, 3>)
    GIVES(odd, pick(-1_c, 0_c, 0_c), shape<7, 7, 2>)
    GIVES(odd, transpose(2_c, 0_c, 1_c), shape<8, 7, 7>)
    GIVES(odd, reshape(49_c, 8_c), shape<49, 8>)
    GIVES(odd, mean_over(spatial), shape<1, 1, 8>)
    GIVES(odd, max_over(-1_c), shape<7, 7, 1>)
    GIVES(odd, sum_over(), shape<1, 1, 1>)
    GIVES(odd, arg_max, shape<7, 7, 1>)
    GIVES(odd, arg_max(0_c), shape<1, 7, 8>)
    GIVES(odd, gram_matrix, shape<8, 8>)
    GIVES(odd, seq(instance_norm, layer_norm(1e-3), group_norm(4_c), l2_normalize), odd)
    GIVES(odd, space_to_depth(7_c), shape<1, 1, 392>)
    GIVES(odd, depth_to_space(2_c), shape<14, 14, 2>)
    GIVES(odd, channel_shuffle(4_c), odd)
}  // clang-format on

TEST_CASE("tensors know their extents and channels") {
    static constexpr auto net = [](auto x) {
        static_assert(decltype(x)::extents == dims::of(7, 7, 8));
        if constexpr (x.channels == 8_c)
            return x | conv(x.channels * 2_c, 1_c);
        else
            return x;
    };
    static_assert(std::is_same_v<after<net, odd>, shape<7, 7, 16>>);
}

TEST_CASE("tensors of one shape are added, multiplied and concatenated") {
    static constexpr auto net = [](auto x, auto y) {
        return concat(x + y, x * y, add(x, y, x), multiply(x, y, y), relu(x + y) + y);
    };
    static_assert(std::is_same_v<after<net, odd, odd>, shape<7, 7, 40>>);
}

}  // namespace
