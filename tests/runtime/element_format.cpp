#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <kiln/runtime/element_format.hpp>
#include <limits>

#include "samples.hpp"

using namespace kiln;

namespace {

template <class T>
float widened(std::string_view safetensors_name, T stored) {
    const element_format* format = find_safetensors_format(safetensors_name);
    REQUIRE(format != nullptr);
    REQUIRE(format->bytes == sizeof(T));
    return widen(*format, std::as_bytes(std::span(&stored, 1))).at(0);
}

constexpr float infinity = std::numeric_limits<float>::infinity();

}  // namespace

TEST_CASE("every stored type becomes the float it stands for") {
    CHECK(widened("F32", -1.25f) == -1.25f);
    CHECK(widened("F64", 0.1) == 0.1f);
    CHECK(widened("I8", std::int8_t{-128}) == -128.0f);
    CHECK(widened("I16", std::int16_t{-32768}) == -32768.0f);
    CHECK(widened("I32", std::int32_t{-7}) == -7.0f);
    CHECK(widened("I64", std::int64_t{-1} << 40) == -0x1p40f);
    CHECK(widened("U8", std::uint8_t{255}) == 255.0f);
    CHECK(widened("U16", std::uint16_t{65535}) == 65535.0f);
    CHECK(widened("U32", std::uint32_t{1} << 31) == 0x1p31f);
    CHECK(widened("U64", std::uint64_t{1} << 63) == 0x1p63f);
    CHECK(widened("BOOL", std::uint8_t{0}) == 0.0f);
    CHECK(widened("BOOL", std::uint8_t{7}) == 1.0f);
    CHECK(widened("BF16", std::uint16_t{0xC040}) == -3.0f);
}

TEST_CASE("half precision keeps normals, subnormals, signed zeros, infinities and NaN") {
    const auto half = [](int bits) { return widened("F16", static_cast<std::uint16_t>(bits)); };
    CHECK(half(0x3C00) == 1.0f);
    CHECK(half(0xC248) == -3.140625f);
    CHECK(half(0x7BFF) == 65504.0f);
    CHECK(half(0x0400) == 0x1p-14f);
    CHECK(half(0x0001) == 0x1p-24f);
    CHECK(half(0x83FF) == -1023 * 0x1p-24f);
    CHECK(std::signbit(half(0x8000)));
    CHECK(half(0x7C00) == infinity);
    CHECK(half(0xFC00) == -infinity);
    CHECK(std::isnan(half(0x7E01)));
}

TEST_CASE("doubles beyond float32 round to its largest value or to infinity") {
    constexpr float largest = std::numeric_limits<float>::max();
    CHECK(widened("F64", 1e300) == infinity);
    CHECK(widened("F64", -1e300) == -infinity);
    CHECK(widened("F64", static_cast<double>(largest) * (1 + 1e-9)) == largest);
    CHECK(widened("F64", 0x1.ffffffp127) == infinity);
    CHECK(std::isnan(widened("F64", std::nan(""))));
}

TEST_CASE("unknown types and empty names have no format") {
    CHECK(find_safetensors_format("F8_E4M3") == nullptr);
    CHECK(find_npy_format("") == nullptr);
    CHECK(find_npy_format("c8") == nullptr);
}
