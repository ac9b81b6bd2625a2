// Darknet-19 and object detection on a grid (Redmon, Farhadi 2016, "YOLO9000", arXiv:1612.08242, table 6 and section
// 2). `darknet19` classifies, as in the table. `yolo_608` is the detector on it, without the passthrough from 38x38: a
// cell of its 19x19 has five anchors with an object's presence, a box and three classes each, 5 x 8 = 40 values, as in
// the course. `yolo_v2` is the authors' detector of the 20 classes of Pascal VOC, with the passthrough: what the last
// stage but one knows of 26x26 cells joins the 13x13 as channels. `yolo_100` is the course's small example: 100x100x3
// to 3x3 cells of two anchors, 2 x 8 = 16 values. Outputs are raw: what a detector reads from them (sigmoids, boxes,
// suppression) is the program's.
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

// clang-format off
inline constexpr auto unit = [](auto width, auto size) {
    return seq(conv_bn(width, size, same), leaky_relu(0.1));
};

inline constexpr auto three = [](auto wide, auto narrow) {
    return seq(unit(wide, 3_c), unit(narrow, 1_c), unit(wide, 3_c));
};
inline constexpr auto five = [](auto wide, auto narrow) {
    return seq(three(wide, narrow), unit(narrow, 1_c), unit(wide, 3_c));
};

inline constexpr auto up_to_stage5 = seq(
    named("stage1"_n, unit(32_c, 3_c)),        max_pool(2_c),
    named("stage2"_n, unit(64_c, 3_c)),        max_pool(2_c),
    named("stage3"_n, three(128_c, 64_c)),     max_pool(2_c),
    named("stage4"_n, three(256_c, 128_c)),    max_pool(2_c),
    named("stage5"_n, five(512_c, 256_c)));
inline constexpr auto stage6 = seq(max_pool(2_c), named("stage6"_n, five(1024_c, 512_c)));
inline constexpr auto backbone = seq(up_to_stage5, stage6);

inline constexpr auto darknet19 = seq(backbone, named("classes"_n, conv(1000_c, 1_c)), global_average_pool, softmax);

inline constexpr auto yolo_608 = seq(
    backbone, named("head"_n, repeat(3_c, unit(1024_c, 3_c))), named("boxes"_n, conv(5_c * 8_c, 1_c)));

inline constexpr auto yolo_v2 = [](auto image) {
    auto fine = image | up_to_stage5;                                                    // 26x26x512
    auto coarse = fine | stage6 | named("head"_n, repeat(2_c, unit(1024_c, 3_c)));       // 13x13x1024
    auto passed = fine | named("passthrough"_n, unit(64_c, 1_c)) | space_to_depth(2_c);  // 13x13x256
    return concat(passed, coarse) | named("joined"_n, unit(1024_c, 3_c)) | named("boxes"_n, conv(5_c * 25_c, 1_c));
};

inline constexpr auto yolo_100 = seq(
    named("stage1"_n, unit(16_c, 3_c)),  max_pool(2_c),
    named("stage2"_n, unit(32_c, 3_c)),  max_pool(2_c),
    named("stage3"_n, unit(64_c, 3_c)),  max_pool(2_c),
    named("stage4"_n, unit(128_c, 3_c)), max_pool(2_c),
    named("stage5"_n, unit(256_c, 3_c)), max_pool(2_c),
    named("boxes"_n, conv(2_c * 8_c, 1_c)));
// clang-format on

static_assert(network<darknet19, shape<224, 224, 3>>::parameters == 20'842'376);
static_assert(network<darknet19, shape<224, 224, 3>>::multiply_adds == 2'790'989'824);  // 5.58 billion operations
static_assert(std::is_same_v<network<yolo_608, shape<608, 608, 3>>::output, shape<19, 19, 40>>);
static_assert(std::is_same_v<network<yolo_v2, shape<416, 416, 3>>::output, shape<13, 13, 125>>);
static_assert(network<yolo_v2, shape<416, 416, 3>>::parameters == 50'655'389);
static_assert(std::is_same_v<network<yolo_100, shape<100, 100, 3>>::output, shape<3, 3, 16>>);

KILN_EXPORT(darknet19, shape<224, 224, 3>);
KILN_EXPORT(yolo_608, shape<608, 608, 3>);
KILN_EXPORT(yolo_v2, shape<416, 416, 3>);
KILN_EXPORT(yolo_100, shape<100, 100, 3>);
