// Normalisations and the Gram matrix against their formulas.
#include "through.hpp"

using namespace kiln;
using namespace kiln::literals;
using namespace kiln::testing;

namespace {

using activation = shape<4, 5, 6>;

/// (x - mean) / sqrt(variance + epsilon) at `at`, over the places that `together` accepts in its sample.
double standardized(const tensor& x, const place& at, double epsilon,
                    const std::function<bool(const place&)>& together) {
    double sum = 0, squares = 0, count = 0;
    filled(x.shape, [&](const place& p) {
        if (p[0] == at[0] && together(p)) {
            const double v = element_at(x, p);
            sum += v, squares += v * v, count += 1;
        }
        return 0.0;
    });
    const double mean = sum / count;
    return (element_at(x, at) - mean) / std::sqrt(squares / count - mean * mean + epsilon);
}

template <const auto& Net>
void check_norm(double epsilon, const std::function<bool(const place&, const place&)>& together) {
    const outcome o = through<Net, activation>(2, -1, 3);
    const tensor &scale = o.weight("multiply2.scale"), &shift = o.weight("add2.shift");
    CHECK(difference(o.output, filled(o.output.shape, [&](const place& at) {
                         const auto c = static_cast<std::size_t>(at[3]);
                         return standardized(o.inputs[0], at, epsilon,
                                             [&](const place& p) { return together(at, p); }) *
                                    scale.values[c] +
                                shift.values[c];
                     })) < 1e-5);
}

}  // namespace

TEST_CASE("instance_norm, layer_norm and group_norm centre and scale what their papers say") {
    static constexpr auto instance = [](auto x) { return x | instance_norm; };
    check_norm<instance>(1e-5, [](const place& at, const place& p) { return p[3] == at[3]; });
    static constexpr auto per_layer = [](auto x) { return x | layer_norm(0.1); };
    check_norm<per_layer>(0.1, [](const place& at, const place& p) { return p[1] == at[1] && p[2] == at[2]; });
    static constexpr auto per_group = [](auto x) { return x | group_norm(3_c); };
    check_norm<per_group>(1e-5, [](const place& at, const place& p) { return p[3] / 2 == at[3] / 2; });
    static_assert(network<instance, activation>::parameters == 2 * 6);
}

TEST_CASE("l2_normalize makes every position's channels a vector of length 1") {
    static constexpr auto net = [](auto x) { return x | l2_normalize; };
    CHECK(given_to<net, shape<2, 2>>({{3, -4, 0, 0}}) == std::vector<float>{0.6F, -0.8F, 0, 0});
    const outcome o = through<net, activation>();
    CHECK(difference(o.output, filled(o.output.shape, [&](const place& at) {
                         double squares = 0;
                         for (std::int64_t c = 0; c < 6; ++c)
                             squares += std::pow(element_at(o.inputs[0], {at[0], at[1], at[2], c}), 2);
                         return element_at(o.inputs[0], at) / std::sqrt(squares);
                     })) < 1e-6);
}

TEST_CASE("gram_matrix sums products of channels over all positions") {
    static constexpr auto net = [](auto x) { return x | gram_matrix; };
    static_assert(std::is_same_v<network<net, activation>::output, shape<6, 6>>);
    const outcome o = through<net, activation>();
    CHECK(difference(o.output, filled({2, 6, 6}, [&](const place& at) {
                         double sum = 0;
                         for (std::int64_t y = 0; y < 4; ++y)
                             for (std::int64_t x = 0; x < 5; ++x)
                                 sum += element_at(o.inputs[0], {at[0], y, x, at[1]}) *
                                        element_at(o.inputs[0], {at[0], y, x, at[2]});
                         return sum;
                     })) < 1e-5);
}
