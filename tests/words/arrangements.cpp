// Words that arrange values anew: borders, parts, orders, blocks.
#include "through.hpp"

using namespace kiln;
using namespace kiln::literals;
using namespace kiln::testing;

namespace {

/// `Net` on `Input` gives at each place the input's element that `from` names.
template <const auto& Net, class Input>
void check_moves(const std::vector<std::int64_t>& sample, const std::function<place(place)>& from) {
    const outcome o = through<Net, Input>();
    std::vector<std::int64_t> shape = sample;
    shape.insert(shape.begin(), 2);
    CHECK(difference(o.output, filled(shape, [&](const place& at) { return element_at(o.inputs[0], from(at)); })) == 0);
}

std::int64_t mirrored(std::int64_t at, std::int64_t extent) {
    return at < 0 ? -at : at >= extent ? 2 * (extent - 1) - at : at;
}

}  // namespace

TEST_CASE("pad puts zeros around a tensor, on both sides or on one") {
    static constexpr auto both = [](auto x) { return x | pad(1_c, 2_c); };
    check_moves<both, shape<4, 3, 5>>({6, 7, 5}, [](place p) { return place{p[0], p[1] - 1, p[2] - 2, p[3]}; });
    static constexpr auto before = [](auto x) { return pad_before(2_c)(x); };
    check_moves<before, shape<4, 3>>({6, 3}, [](place p) { return place{p[0], p[1] - 2, p[2]}; });
    static constexpr auto after = [](auto x) { return x | named("border"_n, pad_after(1_c)) | relu; };
    static_assert(std::is_same_v<network<after, shape<2, 3, 4, 5>>::output, shape<3, 4, 5, 5>>);
}

TEST_CASE("pad_reflect mirrors, pad_edge repeats") {
    static constexpr auto reflect = [](auto x) { return x | pad_reflect(2_c, 1_c, 3_c); };
    check_moves<reflect, shape<3, 2, 4, 2>>({7, 4, 10, 2}, [](place p) {
        return place{p[0], mirrored(p[1] - 2, 3), mirrored(p[2] - 1, 2), mirrored(p[3] - 3, 4), p[4]};
    });
    static constexpr auto edge = [](auto x) { return x | pad_edge(3_c); };
    check_moves<edge, shape<2, 4, 3>>({8, 10, 3}, [](place p) {
        return place{p[0], std::clamp<std::int64_t>(p[1] - 3, 0, 1), std::clamp<std::int64_t>(p[2] - 3, 0, 3), p[3]};
    });
}

TEST_CASE("slice, crop and pick take parts") {
    static constexpr auto part = [](auto x) { return x | slice(0_c, 1_c, 6_c, 2_c) | slice(-1_c, -2_c, 4_c); };
    check_moves<part, shape<7, 3, 4>>({3, 3, 2}, [](place p) { return place{p[0], 1 + 2 * p[1], p[2], p[3] + 2}; });
    static constexpr auto inner = [](auto x) { return x | crop(2_c, 1_c); };
    check_moves<inner, shape<7, 5, 4>>({3, 3, 4}, [](place p) { return place{p[0], p[1] + 2, p[2] + 1, p[3]}; });
    static constexpr auto turned = [](auto x) { return x | pick(-1_c, 2_c, 1_c, 0_c, 2_c); };
    check_moves<turned, shape<3, 4, 3>>({3, 4, 4}, [](place p) {
        return place{p[0], p[1], p[2], p[3] == 3 ? 2 : 2 - p[3]};
    });
}

TEST_CASE("transpose, reshape and concat_along put axes in another order") {
    static constexpr auto turned = [](auto x) { return x | transpose(2_c, 0_c, 1_c); };
    check_moves<turned, shape<3, 4, 5>>({5, 3, 4}, [](place p) { return place{p[0], p[2], p[3], p[1]}; });
    static constexpr auto rows = [](auto x) { return x | reshape(12_c, 5_c); };
    check_moves<rows, shape<3, 4, 5>>({12, 5}, [](place p) { return place{p[0], p[1] / 4, p[1] % 4, p[2]}; });
    static constexpr auto stacked = [](auto x) { return concat_along(0_c, x, x, x | slice(0_c, 0_c, 1_c)); };
    check_moves<stacked, shape<3, 4, 5>>({7, 4, 5}, [](place p) { return place{p[0], p[1] % 3, p[2], p[3]}; });
}

TEST_CASE("space_to_depth moves blocks of pixels into the channels, depth_to_space back") {
    static constexpr auto deep = [](auto x) { return x | space_to_depth(2_c, 3_c); };
    check_moves<deep, shape<4, 6, 5>>({2, 2, 30}, [](place p) {
        const std::int64_t cell = p[3] / 5;
        return place{p[0], 2 * p[1] + cell / 3, 3 * p[2] + cell % 3, p[3] % 5};
    });
    static constexpr auto wide = [](auto x) { return x | depth_to_space(2_c); };
    check_moves<wide, shape<3, 2, 12>>({6, 4, 3}, [](place p) {
        return place{p[0], p[1] / 2, p[2] / 2, (p[1] % 2 * 2 + p[2] % 2) * 3 + p[3]};
    });
    static constexpr auto there_and_back = [](auto x) { return x | space_to_depth(2_c) | depth_to_space(2_c); };
    check_moves<there_and_back, shape<2, 4, 6, 3>>({2, 4, 6, 3}, [](place p) { return p; });
    check_moves<there_and_back, shape<8, 3>>({8, 3}, [](place p) { return p; });
}

TEST_CASE("channel_shuffle deals the groups' channels out in turn") {
    static constexpr auto net = [](auto x) { return x | channel_shuffle(3_c); };
    // Channels 0..11 in groups 0-3, 4-7, 8-11 become 0 4 8 1 5 9 ...
    check_moves<net, shape<2, 3, 12>>({2, 3, 12}, [](place p) {
        return place{p[0], p[1], p[2], p[3] % 3 * 4 + p[3] / 3};
    });
}

TEST_CASE("resize picks the nearest pixel, by whole factors as upsample does") {
    static constexpr auto other = [](auto x) { return x | resize(3_c, 9_c); };
    check_moves<other, shape<5, 4, 3>>({3, 9, 3}, [](place p) {
        // Rows: centres at 1/3, 2, 11/3. Columns: -5/18, 3/18, 11/18, 19/18, 27/18 (between two: the first), ...
        static constexpr std::int64_t rows[] = {0, 2, 4}, columns[] = {0, 0, 1, 1, 1, 2, 2, 3, 3};
        return place{p[0], rows[p[1]], columns[p[2]], p[3]};
    });
    static constexpr auto doubled = [](auto x) { return x | resize(10_c, 12_c); };
    check_moves<doubled, shape<5, 4, 3>>({10, 12, 3}, [](place p) { return place{p[0], p[1] / 2, p[2] / 3, p[3]}; });
    static_assert(network<doubled, shape<5, 4, 3>>::layers[0].op == op::upsample);
}

TEST_CASE("resize_linear weighs the two neighbours on each axis") {
    static constexpr auto doubled = [](auto x) { return x | resize_linear(4_c); };
    // ONNX's own example, Resize upsample_scales_linear.
    CHECK(given_to<doubled, shape<2, 2, 1>>({{1, 2, 3, 4}}) == std::vector<float>{1, 1.25F, 1.75F, 2, 1.5F, 1.75F,
                                                                                  2.25F, 2.5F, 2.5F, 2.75F, 3.25F, 3.5F,
                                                                                  3, 3.25F, 3.75F, 4});
    static constexpr auto other = [](auto x) { return x | resize_linear(3_c, 7_c, 2_c); };
    const outcome o = through<other, shape<2, 5, 6, 3>>();
    const auto taps = [](std::int64_t at, int from, int to) {
        const double centre = std::clamp((static_cast<double>(at) + 0.5) * from / to - 0.5, 0.0, from - 1.0);
        const auto below = static_cast<std::int64_t>(centre);
        return std::pair(below, centre - static_cast<double>(below));
    };
    CHECK(difference(o.output, filled({2, 3, 7, 2, 3}, [&](const place& at) {
                         const auto [z, a] = taps(at[1], 2, 3);
                         const auto [y, b] = taps(at[2], 5, 7);
                         const auto [x, c] = taps(at[3], 6, 2);
                         double sum = 0;
                         for (int corner = 0; corner < 8; ++corner) {
                             const int i = corner >> 2, j = corner >> 1 & 1, k = corner & 1;
                             sum += (i ? a : 1 - a) * (j ? b : 1 - b) * (k ? c : 1 - c) *
                                    element_at(o.inputs[0], {at[0], z + i, y + j, x + k, at[4]});
                         }
                         return sum;
                     })) < 1e-6);
}
