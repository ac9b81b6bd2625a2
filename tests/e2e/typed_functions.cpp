// kiln::compile from C++: typed inputs and outputs.
#include <doctest/doctest.h>

#include <thread>

#include <kiln/compiler/kiln.hpp>
#include <kiln/compiler/ops/reference.hpp>
#include <kiln/runtime/error.hpp>

using namespace kiln;
using namespace kiln::literals;

namespace {

inline constexpr auto small = [](auto image) {
    return image | conv(4_c, 3_c, same) | relu | max_pool(2_c) | dense(5_c) | softmax;
};
inline constexpr auto pair = [](auto a, auto b) { return outputs("sum"_n = a + b, "rectified"_n = relu(a)); };

using picture = shape<8, 8, 1>;

kiln::array<picture> gradient() {
    kiln::array<picture> image;
    for (int y = 0; y < 8; ++y)
        for (int x = 0; x < 8; ++x) image(y, x, 0) = static_cast<float>(y * 8 + x) / 64;
    return image;
}

}  // namespace

TEST_CASE("a network is a function from typed arrays to typed arrays") {
    const auto classify = kiln::compile<small, picture>();
    const kiln::array<picture> image = gradient();
    const kiln::array<shape<5>> scores = classify(image);

    ir::graph g = ir::from_view(network<small, picture>::view());
    compiler::bind_weights(g, {});
    tensor input = image.to_tensor();
    input.shape.insert(input.shape.begin(), 1);
    const auto expected = compiler::run_reference(g, {input});
    for (std::size_t i = 0; i < 5; ++i) CHECK(scores[i] == doctest::Approx(expected[0].values[i]).epsilon(1e-4));

    // Any array of the right size will do.
    std::array<float, 64> values{};
    std::ranges::copy(image, values.begin());
    CHECK(classify(values)[3] == scores[3]);
    static_assert(!std::is_invocable_v<decltype(classify), std::array<float, 63>>);
    static_assert(!std::is_invocable_v<decltype(classify), kiln::array<shape<8, 8, 3>>>);
    static_assert(!std::is_invocable_v<decltype(classify), std::vector<float>>);
}

TEST_CASE("named outputs are found by name and in order") {
    const auto f = kiln::compile(network<pair, shape<3>, shape<3>>{});
    const std::array<float, 3> a{-1, 2, -3}, b{10, 20, 30};
    const auto result = f(a, b);
    CHECK(result["sum"_n](1) == 22);
    CHECK(result["rectified"_n](0) == 0);
    const auto [sum, rectified] = f(a, b);
    CHECK(sum[2] == 27);
    CHECK(rectified[1] == 2);
}

TEST_CASE("one function serves several threads at once") {
    const auto classify = kiln::compile<small, picture>();
    const auto expected = classify(gradient());
    std::array<bool, 4> equal{};
    {
        std::vector<std::jthread> threads;
        for (bool& e : equal)
            threads.emplace_back([&] {
                e = true;
                for (int i = 0; i < 50; ++i) e = e && std::ranges::equal(classify(gradient()), expected);
            });
    }
    for (const bool e : equal) CHECK(e);
}

TEST_CASE("a graph made at run time is checked when called") {
    const compiler::model m = kiln::compile(network<small, picture>::view("small"), {}, 2);
    tensor two{{2, 8, 8, 1}, std::vector<float>(128, 0.5F)};
    const auto scores = m({two});
    CHECK(scores[0].shape == std::vector<std::int64_t>{2, 5});
    two.shape[0] = 1;
    two.values.resize(64);
    CHECK_THROWS_WITH_AS(m({two}), "small: input must have shape 2x8x8x1, not 1x8x8x1", kiln::error);
    CHECK_THROWS_WITH_AS(m({}), "small takes 1 inputs, not 0", kiln::error);
}
