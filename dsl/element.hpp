// What the elements of a tensor are. Networks compute in float32; integers and truth values are there for labels,
// indices, masks and the arithmetic of shapes.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace kiln {

enum class element : std::int32_t { float32, int64, int32, boolean };

inline constexpr std::array element_names = {std::string_view("float32"), std::string_view("int64"),
                                             std::string_view("int32"), std::string_view("boolean")};

constexpr std::string_view name_of(element e) { return element_names[static_cast<std::size_t>(e)]; }

/// In memory; a truth value is a byte, 0 or 1.
constexpr std::int64_t bytes_of(element e) {
    switch (e) {
        case element::int64: return 8;
        case element::boolean: return 1;
        default: return 4;
    }
}

constexpr bool is_integer(element e) { return e == element::int64 || e == element::int32; }

}  // namespace kiln
