// Plain and residual networks on 32x32 colour images (He, Zhang, Ren, Sun 2015, arXiv:1512.03385, section 4.2): 6 n + 2
// layers with weights, 20 for n = 3 and 56 for n = 9, of the same widths, strides and cost. They differ in one line
// each: the shortcut. The paper counts 0.27 and 0.85 million parameters.
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto body = [](auto width, auto step) {
    return seq(conv_bn(width, 3_c, stride(step), same), relu, conv_bn(width, 3_c, same));
};

inline constexpr auto plain_pair = [](auto x, auto width, auto step) {  //
    return x | body(width, step) | relu;
};

inline constexpr auto residual_pair = [](auto x, auto width, auto step) {
    auto y = x | body(width, step);
    if constexpr (x.channels == width)
        return relu(y + x);  // a[l+2] = g(z[l+2] + a[l])
    else
        return relu(y + (x | conv_bn(width, 1_c, stride(step))));  // sizes change: a 1x1 convolution fits them
};

inline constexpr auto logits_of = [](auto pair, auto n) {
    auto stage = [=](auto width, auto step) {
        return seq([=](auto x) { return pair(x, width, step); },
                   repeat(n - 1_c, [=](auto x) { return pair(x, width, 1_c); }));
    };
    return seq(conv_bn(16_c, 3_c, same), relu,  //
               stage(16_c, 1_c), stage(32_c, 2_c), stage(64_c, 2_c), global_average_pool, dense(10_c));
};
inline constexpr auto network_of = [](auto pair, auto n) { return seq(logits_of(pair, n), softmax); };

inline constexpr auto plain20 = network_of(plain_pair, 3_c);
inline constexpr auto residual20 = network_of(residual_pair, 3_c);
inline constexpr auto plain56 = network_of(plain_pair, 9_c);
inline constexpr auto residual56 = network_of(residual_pair, 9_c);

using picture = shape<32, 32, 3>;
static_assert(network<plain20, picture>::parameters == 269'722);
static_assert(network<residual20, picture>::parameters == 269'722 + (16 * 32 + 2 * 32) + (32 * 64 + 2 * 64));
static_assert(network<plain56, picture>::parameters == 853'018);
static_assert(network<residual56, picture>::parameters == 853'018 + (16 * 32 + 2 * 32) + (32 * 64 + 2 * 64));

KILN_EXPORT(plain20, picture);
KILN_EXPORT(residual20, picture);
KILN_EXPORT(plain56, picture);
KILN_EXPORT(residual56, picture);

// For training on gray 28x28 images: the same networks with their cost. 44 layers are n = 7.
inline constexpr auto judged = [](auto pair, auto n) {
    return [=](auto image, auto label) {
        auto logits = image | logits_of(pair, n);
        return outputs("cost"_n = cross_entropy(logits, label), "logits"_n = logits);
    };
};

inline constexpr auto plain20_cost = judged(plain_pair, 3_c);
inline constexpr auto residual20_cost = judged(residual_pair, 3_c);
inline constexpr auto plain44_cost = judged(plain_pair, 7_c);
inline constexpr auto residual44_cost = judged(residual_pair, 7_c);

using garment = shape<28, 28, 1>;
KILN_EXPORT(plain20_cost, garment, shape<1>);
KILN_EXPORT(residual20_cost, garment, shape<1>);
KILN_EXPORT(plain44_cost, garment, shape<1>);
KILN_EXPORT(residual44_cost, garment, shape<1>);
