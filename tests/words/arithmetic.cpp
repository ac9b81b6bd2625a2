// Numbers, functions of elements, comparisons and reductions.
#include "through.hpp"

using namespace kiln;
using namespace kiln::literals;
using namespace kiln::testing;

namespace {

using small = shape<3, 5, 4>;

template <const auto& Net>
void check_function(double (*expected)(double), float low = -1, float high = 1) {
    const outcome o = through<Net, small>(2, low, high);
    CHECK(difference(o.output, filled(o.output.shape,
                                      [&](const place& at) { return expected(element_at(o.inputs[0], at)); })) < 2e-6);
}

#define FUNCTION(word, expected, ...)                                                                \
    {                                                                                                \
        static constexpr auto net = [](auto x) { return x | word; };                                 \
        INFO(#word);                                                                                 \
        check_function<net>([](double v) -> double { return expected; } __VA_OPT__(, ) __VA_ARGS__); \
    }

}  // namespace

TEST_CASE("every function of an element is the mathematical one"){
    FUNCTION(kiln::abs, std::abs(v)) FUNCTION(kiln::sign, v > 0   ? 1
                                                          : v < 0 ? -1
                                                                  : 0) FUNCTION(kiln::reciprocal, 1 / v, 0.5F, 2)
        FUNCTION(kiln::exp, std::exp(v)) FUNCTION(kiln::log, std::log(v), 0.5F, 4)
            FUNCTION(kiln::sqrt, std::sqrt(v), 0, 4) FUNCTION(kiln::floor, std::floor(v), -3, 3)
                FUNCTION(kiln::ceil, std::ceil(v), -3, 3) FUNCTION(kiln::round, std::nearbyint(v), -3, 3)
                    FUNCTION(kiln::sin, std::sin(v), -3, 3) FUNCTION(kiln::cos, std::cos(v), -3, 3)
                        FUNCTION(kiln::tan, std::tan(v)) FUNCTION(kiln::asin, std::asin(v))
                            FUNCTION(kiln::acos, std::acos(v)) FUNCTION(kiln::atan, std::atan(v), -3, 3)
                                FUNCTION(kiln::sinh, std::sinh(v)) FUNCTION(kiln::cosh, std::cosh(v))
                                    FUNCTION(kiln::asinh, std::asinh(v)) FUNCTION(kiln::acosh, std::acosh(v), 1, 3)
                                        FUNCTION(kiln::atanh, std::atanh(v), -0.9F, 0.9F)
                                            FUNCTION(kiln::erf, std::erf(v), -3, 3)
                                                FUNCTION(kiln::softplus, std::log1p(std::exp(v)), -3, 3)
                                                    FUNCTION(kiln::softsign, v / (1 + std::abs(v)), -3, 3)}

TEST_CASE("numbers stand where tensors may, on either side") {
    static constexpr auto net = [](auto x) { return 2 - x * x / 4_c + (x + 0.5) * 3 - -x; };
    const outcome o = through<net, small>();
    CHECK(difference(o.output, filled(o.output.shape, [&](const place& at) {
                         const double x = element_at(o.inputs[0], at);
                         return 2 - x * x / 4 + (x + 0.5) * 3 + x;
                     })) < 1e-6);
}

TEST_CASE("tensors meet element by element, extents of 1 serve their axis") {
    static constexpr auto net = [](auto x, auto row) {
        return kiln::pow(maximum(x, 0.5), 2) - minimum(x / row, 3 * x);
    };
    const outcome o = through<net, small, shape<1, 5, 1>>(2, 1, 2);
    CHECK(difference(
              o.output, filled(o.output.shape, [&](const place& at) {
                  const double x = element_at(o.inputs[0], at), row = element_at(o.inputs[1], {at[0], 0, at[2], 0});
                  return x * x - std::min(x / row, 3 * x);
              })) < 1e-6);
}

TEST_CASE("where chooses by a condition") {
    static constexpr auto net = [](auto x, auto y) {
        return where(x > y, x, y) + where(x >= 0, 1, 0) - where(0.5 < y, y, where(y <= -0.5, 7, 3 * x));
    };
    const outcome o = through<net, small, small>();
    CHECK(difference(o.output, filled(o.output.shape, [&](const place& at) {
                         const double x = element_at(o.inputs[0], at), y = element_at(o.inputs[1], at);
                         return (x > y ? x : y) + (x >= 0 ? 1 : 0) - (0.5 < y ? y : y <= -0.5 ? 7 : 3 * x);
                     })) < 1e-6);
}

TEST_CASE("reductions go over the axes that are named") {
    static constexpr auto net = [](auto x) {
        return concat(x | sum_over(0_c, -1_c) | broadcast_to(3_c, 5_c, 1_c),
                      x | mean_over(spatial) | broadcast_to(3_c, 5_c, 1_c),
                      x | max_over(-2_c) | broadcast_to(3_c, 5_c, 1_c), x | min_over() | broadcast_to(3_c, 5_c, 1_c),
                      x | norm_over(-1_c), x | product_over(0_c) | broadcast_to(3_c, 5_c, 1_c));
    };
    const outcome o = through<net, small>();
    REQUIRE(o.output.shape == place{2, 3, 5, 1 + 4 + 4 + 1 + 1 + 4});
    const auto over = [&](const place& at, bool rows, bool columns, bool channels, double start, auto step) {
        double value = start;
        for (std::int64_t y = rows ? 0 : at[1]; y < (rows ? 3 : at[1] + 1); ++y)
            for (std::int64_t x = columns ? 0 : at[2]; x < (columns ? 5 : at[2] + 1); ++x)
                for (std::int64_t c = channels ? 0 : at[3]; c < (channels ? 4 : at[3] + 1); ++c)
                    value = step(value, element_at(o.inputs[0], {at[0], y, x, c}));
        return value;
    };
    const auto plus = [](double a, double b) { return a + b; };
    CHECK(difference(o.output, filled(o.output.shape, [&](place at) {
                         const std::int64_t c = at[3];
                         if (c < 1) return over(at, true, false, true, 0, plus);
                         at[3] = c - 1;
                         if (c < 5) return over(at, true, true, false, 0, plus) / 15;
                         at[3] = c - 5;
                         if (c < 9)
                             return over(at, false, true, false, -9, [](double a, double b) { return std::max(a, b); });
                         if (c < 10)
                             return over(at, true, true, true, 9, [](double a, double b) { return std::min(a, b); });
                         if (c < 11)
                             return std::sqrt(
                                 over(at, false, false, true, 0, [](double a, double b) { return a + b * b; }));
                         at[3] = c - 11;
                         return over(at, true, false, false, 1, [](double a, double b) { return a * b; });
                     })) < 1e-6);
}

TEST_CASE("arg_max names the first of the largest") {
    static constexpr auto channels = [](auto x) { return x | arg_max; };
    CHECK(given_to<channels, shape<2, 2, 3>>({{1, 3, 2, 5, 4, 5, 0, 0, 1, -2, -2, -3}}) ==
          std::vector<float>{1, 0, 2, 0});
    static constexpr auto rows = [](auto x) { return x | arg_max(0_c); };
    CHECK(given_to<rows, shape<3, 2>>({{1, 9, 4, 8, 3, 9}}) == std::vector<float>{1, 0});
    const outcome o = through<channels, shape<4, 3, 9>>();
    REQUIRE(o.output.shape == place{2, 4, 3, 1});
    CHECK(difference(o.output, filled(o.output.shape, [&](place at) {
                         std::int64_t best = 0;
                         for (std::int64_t c = 1; c < 9; ++c)
                             if (element_at(o.inputs[0], {at[0], at[1], at[2], c}) >
                                 element_at(o.inputs[0], {at[0], at[1], at[2], best}))
                                 best = c;
                         return static_cast<double>(best);
                     })) == 0);
}

TEST_CASE("a network of given numbers has no parameters, and a shared block keeps its numbers") {
    static constexpr auto half = [](auto x) { return x * 0.5 + 1; };
    static constexpr auto twice = [](auto x) {
        constexpr auto block = shared("half"_n, half);
        return block(block(x));
    };
    static_assert(network<twice, small>::parameters == 0);
    const outcome o = through<twice, small>();
    CHECK(difference(o.output, filled(o.output.shape, [&](const place& at) {
                         return (element_at(o.inputs[0], at) * 0.5 + 1) * 0.5 + 1;
                     })) < 1e-6);
}
