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
