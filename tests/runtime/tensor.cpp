#include <doctest/doctest.h>

#include <kiln/runtime/tensor.hpp>
#include <kiln/runtime/utf8.hpp>

#include "samples.hpp"

using namespace kiln;
using namespace kiln::test;

TEST_CASE("a shape reads as its extents, an empty one as a scalar") {
    CHECK(shape_text({224, 224, 3}) == "224x224x3");
    CHECK(shape_text({7}) == "7");
    CHECK(shape_text({}) == "scalar");
}

TEST_CASE("element counts refuse negative and overflowing shapes, whatever their order") {
    CHECK(element_count({}) == 1);
    CHECK(element_count({2, 3, 4}) == 24);
    CHECK(element_count({5, 0, 7}) == 0);
    CHECK_FALSE(element_count({2, -1}));
    CHECK_FALSE(element_count({std::int64_t{1} << 32, std::int64_t{1} << 32}));
    CHECK_FALSE(element_count({0, std::int64_t{1} << 32, std::int64_t{1} << 32}));
    CHECK_FALSE(element_count({std::int64_t{1} << 62}));
}

TEST_CASE("a tensor whose values do not fill its shape is named with both") {
    const tensor bad{{2, 3}, std::vector<float>(5)};
    CHECK(mentions(error_text([&] { expect_consistent(bad, "tensor 'w'"); }), {"tensor 'w'", "2x3", "5"}));
    CHECK_NOTHROW(expect_consistent({{}, {1.0f}}, "scalar"));
}

TEST_CASE("well-formed UTF-8 is told from everything else") {
    for (const char* good : {"", "conv1.weight", "caf\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xed\x9f\xbf"})
        CHECK_MESSAGE(is_utf8(good), good);
    // Overlong, surrogate, above U+10FFFF, cut short, stray continuation, impossible byte.
    for (const char* bad : {"\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80", "\xff"})
        CHECK_FALSE(is_utf8(bad));
}

TEST_CASE("names from files cannot steer a terminal or flood it") {
    CHECK(in_quotes("conv1/b\xc3\xa9ta") == "'conv1/b\xc3\xa9ta'");
    CHECK(in_quotes("a\n\x1b[2J") == "'a\\x0a\\x1b[2J'");
    CHECK(in_quotes("\xff\xc2\x9b") == "'\\xff\\xc2\\x9b'");
    CHECK(in_quotes(std::string(10'000, 'x')).size() < 140);
}
