// LeNet-5 as published (LeCun, Bottou, Bengio, Haffner 1998, "Gradient-based learning applied to document recognition",
// figure 2): 32x32 digits, tanh, averages for subsampling. Three things are simpler than in 1998: C3 reads all six maps
// (table I connects 60 of the 96 pairs), an average has no coefficient and bias of its own, and the last layer is dense
// instead of radial basis functions. So the counts are those of examples/lenet5.cpp, whose `same` padding makes 32x32
// of 28x28.
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

// clang-format off
inline constexpr auto lenet5_1998 = [](auto image) {
    return image | named("c1"_n, conv(6_c, 5_c))   | kiln::tanh | named("s2"_n, average_pool(2_c))
                 | named("c3"_n, conv(16_c, 5_c))  | kiln::tanh | named("s4"_n, average_pool(2_c))
                 | named("c5"_n, conv(120_c, 5_c)) | kiln::tanh
                 | named("f6"_n, dense(84_c))      | kiln::tanh
                 | named("output"_n, dense(10_c));
};
// clang-format on

using digit = shape<32, 32, 1>;
static_assert(network<lenet5_1998, digit>::parameters == 61'706);
static_assert(network<lenet5_1998, digit>::multiply_adds == 117'600 + 240'000 + 48'000 + 10'080 + 840);

KILN_EXPORT(lenet5_1998, digit);
