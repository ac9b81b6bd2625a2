// Landmarks of a face, as in the course: 129 outputs say whether there is a face and where 64 points of it are, x and y
// each. Only the last layer is special; the rest is a small network of the usual kind.
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto points = 64_c;

// clang-format off
inline constexpr auto stage = [](auto width) {
    return seq(conv_bn(width, 3_c, same), relu, conv_bn(width, 3_c, same), relu, max_pool(2_c));
};

inline constexpr auto landmarks = [](auto photo) {
    return photo | named("stage1"_n, stage(32_c)) | named("stage2"_n, stage(64_c))
                 | named("stage3"_n, stage(128_c)) | named("stage4"_n, stage(256_c))  // 8x8x256
                 | named("hidden"_n, dense(256_c)) | relu
                 | named("points"_n, dense(1_c + 2_c * points));
};
// clang-format on

using photo = shape<128, 128, 3>;
static_assert(std::is_same_v<network<landmarks, photo>::output, shape<129>>);

KILN_EXPORT(landmarks, photo);
