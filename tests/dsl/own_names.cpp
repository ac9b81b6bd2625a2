// Blocks of a network may have the names that Kiln uses inside: its language is a list, not a flood.
#include <doctest/doctest.h>

#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

// clang-format off
inline constexpr auto layer    = [](auto x) { return x | conv(4_c, 3_c, same) | relu; };
inline constexpr auto plan     = [](auto x) { return x | repeat(2_c, layer); };
inline constexpr auto padding  = pad_reflect(1_c);
inline constexpr auto settings = seq(padding, max_pool(2_c));
inline constexpr auto sequence = seq(plan, settings);
inline constexpr auto option   = [](auto x) { return x + layer(x); };
inline constexpr auto scope    = named("scope"_n, option);
inline constexpr auto place    = [](auto x) { return x | scope | global_average_pool; };
inline constexpr auto name     = 4_c;
inline constexpr auto count    = 2_c;
inline constexpr auto text     = 3_c;
inline constexpr auto topic    = 1_c;
inline constexpr auto operand  = 5_c;
inline constexpr auto record   = [](auto x) { return x | conv(name, text, stride(count), pad(topic)); };
inline constexpr auto tensor   = [](auto x) { return x | dense(operand); };
inline constexpr auto window_on = [](auto x) { return x | record | place | tensor; };
inline constexpr auto composition = seq(sequence, window_on), combine = composition, pointwise = combine,
                      given = pointwise, joined = given, picked = joined, sized = picked, border = sized,
                      recorder = border, report = recorder, unknown = report, constant = unknown, number = constant;
// clang-format on

TEST_CASE("a network's own blocks may be called layer, plan or padding") {
    static_assert(std::is_same_v<network<number, shape<14, 14, 1>>::output, shape<5>>);
    static_assert(network<plan, shape<8, 8, 1>>::layers[0].name == "conv1");
}
