// Costs against their formulas, in double, and worked by hand.
#include "through.hpp"

using namespace kiln;
using namespace kiln::literals;
using namespace kiln::testing;

namespace {

/// What sample `n` of x holds.
std::vector<double> sample_of(const tensor& x, std::int64_t n) {
    const std::size_t each = x.values.size() / static_cast<std::size_t>(x.shape[0]);
    const auto first = x.values.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(n) * each);
    return {first, first + static_cast<std::ptrdiff_t>(each)};
}

/// A cost's outputs beside what `expected` says of each sample's inputs.
void check_samples(const outcome& o, const std::function<double(const std::vector<std::vector<double>>&)>& expected) {
    REQUIRE(o.output.shape == std::vector<std::int64_t>{o.inputs[0].shape[0], 1});
    CHECK(difference(o.output, filled(o.output.shape, [&](const place& at) {
                         std::vector<std::vector<double>> in;
                         for (const tensor& x : o.inputs) in.push_back(sample_of(x, at[0]));
                         return expected(in);
                     })) < 1e-5);
}

double squared(const std::vector<double>& x, const std::vector<double>& y) {
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += (x[i] - y[i]) * (x[i] - y[i]);
    return sum;
}

double minus_log_softmax(const double* z, std::size_t classes, std::size_t chosen) {
    double sum = 0;
    for (std::size_t k = 0; k < classes; ++k) sum += std::exp(z[k]);
    return std::log(sum) - z[chosen];
}

}  // namespace

TEST_CASE("cross_entropy is -log softmax of the label, by number or by shares") {
    static constexpr auto net = [](auto logits, auto label) { return cross_entropy(logits, label); };
    const auto by_number = given_to<net, shape<4>, shape<1>>({{1, 2, 3, 4}, {2}});
    CHECK(by_number[0] == doctest::Approx(std::log(std::exp(1) + std::exp(2) + std::exp(3) + std::exp(4)) - 3));
    const auto one_hot = given_to<net, shape<4>, shape<4>>({{1, 2, 3, 4}, {0, 0, 1, 0}});
    CHECK(one_hot[0] == doctest::Approx(by_number[0]));
    // ten classes of the same chance
    CHECK(given_to<net, shape<10>, shape<1>>({std::vector<float>(10, 7), {9}})[0] == doctest::Approx(std::log(10)));
    const outcome shares = through<net, shape<6>, shape<6>>(3, 0, 1);
    check_samples(shares, [](const auto& in) {
        double sum = 0;
        for (std::size_t k = 0; k < 6; ++k) sum += in[1][k] * minus_log_softmax(in[0].data(), 6, k);
        return sum;
    });
}

TEST_CASE("cross_entropy sums over positions, and stays finite where probabilities are 0") {
    static constexpr auto net = [](auto logits, auto label) { return cross_entropy(logits, kiln::floor(label)); };
    const outcome o = through<net, shape<3, 2, 5>, shape<3, 2, 1>>(2, 0, 5);
    check_samples(o, [](const auto& in) {
        double sum = 0;
        for (std::size_t p = 0; p < 6; ++p)
            sum += minus_log_softmax(in[0].data() + 5 * p, 5, static_cast<std::size_t>(in[1][p]));
        return sum;
    });
    CHECK(given_to<net, shape<3>, shape<1>>({{-500, 0, 500}, {0}})[0] == doctest::Approx(1000));
}

TEST_CASE("binary_cross_entropy takes logits, large ones too") {
    static constexpr auto net = [](auto logits, auto label) { return binary_cross_entropy(logits, label); };
    check_samples(through<net, shape<7>, shape<7>>(3, 0, 1), [](const auto& in) {
        double sum = 0;
        for (std::size_t i = 0; i < 7; ++i) {
            const double p = 1 / (1 + std::exp(-in[0][i]));
            sum -= in[1][i] * std::log(p) + (1 - in[1][i]) * std::log(1 - p);
        }
        return sum;
    });
    CHECK(given_to<net, shape<4>, shape<4>>({{200, -200, 200, -200}, {1, 0, 0, 1}})[0] == doctest::Approx(400));
}

TEST_CASE("squared_error and l2 sum squares") {
    static constexpr auto net = [](auto x, auto y) { return squared_error(x, y) + 0.5 * l2(y); };
    CHECK(given_to<net, shape<2>, shape<2>>({{1, 2}, {3, -1}})[0] == doctest::Approx(4 + 9 + 0.25 * 10));
    check_samples(through<net, shape<3, 4, 2>, shape<3, 4, 2>>(), [](const auto& in) {
        return squared(in[0], in[1]) + 0.25 * squared(in[1], std::vector<double>(24, 0));
    });
}

TEST_CASE("localization_loss counts everything where there is an object, and p_c alone where there is none") {
    static constexpr auto net = [](auto x, auto y) { return localization_loss(x, y); };
    const std::vector<float> guess{0.9F, 0.4F, 0.6F, 0.3F, 0.2F, 0.1F, 0.7F, 0.2F};
    CHECK(given_to<net, shape<8>, shape<8>>({guess, {1, 0.5F, 0.7F, 0.3F, 0.4F, 0, 1, 0}})[0] ==
          doctest::Approx(0.01 + 0.01 + 0.01 + 0 + 0.04 + 0.01 + 0.09 + 0.04));
    CHECK(given_to<net, shape<8>, shape<8>>({guess, {0, 9, 9, 9, 9, 9, 9, 9}})[0] == doctest::Approx(0.81));
}

TEST_CASE("landmark_loss of coordinates alone, and with p_c before them") {
    static constexpr auto net = [](auto x, auto y) { return landmark_loss(x, y); };
    check_samples(through<net, shape<128>, shape<128>>(), [](const auto& in) { return squared(in[0], in[1]); });
    CHECK(given_to<net, shape<5>, shape<5>>({{0.5F, 1, 2, 3, 4}, {1, 1, 2, 4, 2}})[0] == doctest::Approx(5.25));
    CHECK(given_to<net, shape<5>, shape<5>>({{0.5F, 1, 2, 3, 4}, {0, 1, 2, 4, 2}})[0] == doctest::Approx(0.25));
}

TEST_CASE("yolo_loss weighs boxes with and without an object, of every cell") {
    static constexpr auto net = [](auto x, auto y) { return yolo_loss(x, where(y > 0, 1, 0) + 0 * y, 2_c); };
    check_samples(through<net, shape<3, 3, 16>, shape<3, 3, 16>>(3), [](const auto& in) {
        double sum = 0;
        for (std::size_t box = 0; box < 18; ++box) {
            const double *found = in[0].data() + 8 * box, *wanted = in[1].data() + 8 * box;
            const auto error = [&](std::size_t i) { return std::pow(found[i] - (wanted[i] > 0 ? 1 : 0), 2); };
            if (wanted[0] > 0)
                for (std::size_t i = 0; i < 8; ++i) sum += error(i) * (i >= 1 && i <= 4 ? 5 : 1);
            else
                sum += 0.5 * error(0);
        }
        return sum;
    });
    static constexpr auto weighted = [](auto x, auto y) { return yolo_loss(x, y, 1_c, 2, 0.25); };
    CHECK(given_to<weighted, shape<1, 1, 5>, shape<1, 1, 5>>({{0.5F, 1, 1, 1, 1}, {1, 1, 2, 1, 0}})[0] ==
          doctest::Approx(0.25 + 4));
    CHECK(given_to<weighted, shape<1, 1, 5>, shape<1, 1, 5>>({{2, 1, 1, 1, 1}, {0, 0, 0, 0, 0}})[0] ==
          doctest::Approx(1));
}

TEST_CASE("triplet_loss asks for a margin between the positive and the negative") {
    static constexpr auto net = [](auto a, auto p, auto n) { return triplet_loss(a, p, n, 0.5); };
    // |a - p|^2 = 1, |a - n|^2 = 1.25; then a negative far away
    CHECK(given_to<net, shape<2>, shape<2>, shape<2>>({{0, 0}, {1, 0}, {1, 0.5F}})[0] == doctest::Approx(0.25));
    CHECK(given_to<net, shape<2>, shape<2>, shape<2>>({{0, 0}, {1, 0}, {3, 0}})[0] == 0);
    static constexpr auto usual = [](auto a, auto p, auto n) { return triplet_loss(a, p, n); };
    check_samples(through<usual, shape<9>, shape<9>, shape<9>>(5),
                  [](const auto& in) { return std::max(squared(in[0], in[1]) - squared(in[0], in[2]) + 0.2, 0.0); });
}

TEST_CASE("pairs differ by |x - y| or by chi-square") {
    static constexpr auto far = [](auto x, auto y) { return absolute_difference(x, y); };
    CHECK(given_to<far, shape<3>, shape<3>>({{1, 2, 3}, {3, 2, -1}}) == std::vector<float>{2, 0, 4});
    static constexpr auto chi = [](auto x, auto y) { return chi_square(x, y); };
    CHECK(given_to<chi, shape<3>, shape<3>>({{1, 2, 0}, {3, 2, 0}}) == std::vector<float>{1, 0, 0});
}

TEST_CASE("content_cost, style_cost and total_variation are their papers' sums") {
    static constexpr auto content = [](auto x, auto y) { return content_cost(x, y); };
    using activation = shape<4, 5, 6>;
    check_samples(through<content, activation, activation>(), [](const auto& in) { return squared(in[0], in[1]) / 2; });
    static constexpr auto style = [](auto x, auto y) { return 1000 * style_cost(x, y); };
    check_samples(through<style, activation, activation>(), [](const auto& in) {
        const auto gram = [](const std::vector<double>& x, std::size_t k, std::size_t l) {
            double sum = 0;
            for (std::size_t p = 0; p < 20; ++p) sum += x[6 * p + k] * x[6 * p + l];
            return sum;
        };
        double sum = 0;
        for (std::size_t k = 0; k < 6; ++k)
            for (std::size_t l = 0; l < 6; ++l) sum += std::pow(gram(in[0], k, l) - gram(in[1], k, l), 2);
        return 1000 * sum / std::pow(2.0 * 4 * 5 * 6, 2);
    });
    static constexpr auto variation = [](auto x) { return x | total_variation; };
    CHECK(given_to<variation, shape<2, 2, 1>>({{1, 2, 4, 8}})[0] == 9 + 36 + 1 + 16);
    CHECK(given_to<variation, shape<1, 3, 1>>({{1, 2, 4}})[0] == 1 + 4);
    CHECK(given_to<variation, shape<3, 1, 1, 1>>({{1, 2, 4}})[0] == 1 + 4);
}
