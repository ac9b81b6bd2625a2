#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <kiln/runtime/element_format.hpp>
#include <limits>

namespace kiln {
namespace {

float number(auto value) { return static_cast<float>(value); }

// Out of range, the language leaves the conversion undefined; IEEE 754 and this function say infinity.
float number(double value) {
    constexpr double largest = std::numeric_limits<float>::max();
    constexpr float infinity = std::numeric_limits<float>::infinity();
    // Halfway between the largest float and 2^128: from there on round-to-nearest gives infinity.
    constexpr double to_infinity = 0x1.ffffffp127;
    if (value >= to_infinity) return infinity;
    if (value <= -to_infinity) return -infinity;
    if (value == value) value = std::clamp(value, -largest, largest);
    return static_cast<float>(value);
}

struct boolean {
    std::uint8_t bits;
};
float number(boolean value) { return value.bits != 0 ? 1.0f : 0.0f; }

struct bfloat16 {
    std::uint16_t bits;
};
float number(bfloat16 value) { return std::bit_cast<float>(std::uint32_t{value.bits} << 16); }

struct float16 {
    std::uint16_t bits;
};
float number(float16 value) {
    const std::uint32_t sign = std::uint32_t{value.bits} >> 15 << 31;
    const std::uint32_t exponent = value.bits >> 10 & 31;
    const std::uint32_t fraction = value.bits & 1023;
    if (exponent == 0) {  // zero and subnormals count in steps of 2^-24
        const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
        return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(magnitude));
    }
    const std::uint32_t wide_exponent = exponent == 31 ? 255 : exponent + 112;
    return std::bit_cast<float>(sign | wide_exponent << 23 | fraction << 13);
}

template <class T>
void widen_each(const std::byte* from, float* to, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        T element;
        std::memcpy(&element, from + i * sizeof(T), sizeof(T));
        to[i] = number(element);
    }
}

void copy_floats(const std::byte* from, float* to, std::size_t count) {
    if (count > 0) std::memcpy(to, from, count * sizeof(float));
}

constexpr element_format formats[] = {
    {"float16", "f2", "F16", 2, widen_each<float16>},      {"float32", "f4", "F32", 4, copy_floats},
    {"float64", "f8", "F64", 8, widen_each<double>},       {"bfloat16", "", "BF16", 2, widen_each<bfloat16>},
    {"int8", "i1", "I8", 1, widen_each<std::int8_t>},      {"int16", "i2", "I16", 2, widen_each<std::int16_t>},
    {"int32", "i4", "I32", 4, widen_each<std::int32_t>},   {"int64", "i8", "I64", 8, widen_each<std::int64_t>},
    {"uint8", "u1", "U8", 1, widen_each<std::uint8_t>},    {"uint16", "u2", "U16", 2, widen_each<std::uint16_t>},
    {"uint32", "u4", "U32", 4, widen_each<std::uint32_t>}, {"uint64", "u8", "U64", 8, widen_each<std::uint64_t>},
    {"boolean", "b1", "BOOL", 1, widen_each<boolean>},
};

const element_format* find(std::string_view element_format::*column, std::string_view name) {
    const auto row = std::find_if(std::begin(formats), std::end(formats),
                                  [&](const element_format& format) { return format.*column == name; });
    return row == std::end(formats) || name.empty() ? nullptr : row;
}

std::string names(std::string_view element_format::*column) {
    std::string list;
    for (const element_format& format : formats) {
        if ((format.*column).empty()) continue;
        if (!list.empty()) list += ", ";
        list += format.*column;
    }
    return list;
}

}  // namespace

const element_format* find_npy_format(std::string_view name) { return find(&element_format::npy, name); }
const element_format* find_safetensors_format(std::string_view name) {
    return find(&element_format::safetensors, name);
}

std::string npy_format_names() { return names(&element_format::npy); }
std::string safetensors_format_names() { return names(&element_format::safetensors); }

std::vector<float> widen(const element_format& format, byte_view data) {
    std::vector<float> values(data.size() / format.bytes);
    format.widen(data.data(), values.data(), values.size());
    return values;
}

}  // namespace kiln
