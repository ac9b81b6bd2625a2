#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <kiln/runtime/utf8.hpp>

namespace kiln {
namespace {

// One row per form of a multi-byte character: the lead bytes it starts with, and what its second byte may be.
struct utf8_form {
    std::uint8_t lead_first, lead_last, second_first, second_last, length;
};
constexpr utf8_form forms[] = {
    {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3},
    {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
};

/// The length of the well-formed character that starts the text, 0 when there is none.
std::size_t character_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    if (byte(0) < 0x80) return 1;
    for (const utf8_form& form : forms) {
        if (byte(0) < form.lead_first || byte(0) > form.lead_last) continue;
        if (text.size() < form.length || byte(1) < form.second_first || byte(1) > form.second_last) return 0;
        for (std::size_t i = 2; i < form.length; ++i)
            if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
        return form.length;
    }
    return 0;
}

/// U+0080 to U+009F (C2 80 to C2 9F) steer terminals as the ASCII control characters do.
bool starts_with_control(std::string_view bytes) {
    const auto lead = static_cast<std::uint8_t>(bytes[0]);
    return lead < 0x20 || lead == 0x7F ||
           (lead == 0xC2 && bytes.size() > 1 && static_cast<std::uint8_t>(bytes[1]) < 0xA0);
}

}  // namespace

bool is_utf8(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::size_t length = character_length(bytes);
        if (length == 0) return false;
        bytes.remove_prefix(length);
    }
    return true;
}

bool is_printable(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::size_t length = character_length(bytes);
        if (length == 0 || starts_with_control(bytes)) return false;
        bytes.remove_prefix(length);
    }
    return true;
}

std::string in_quotes(std::string_view name) {
    std::string text = "'";
    while (!name.empty() && text.size() < 120) {
        const std::size_t length = character_length(name);
        if (length == 0 || starts_with_control(name))
            text += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(name[0])), name.remove_prefix(1);
        else
            text += name.substr(0, length), name.remove_prefix(length);
    }
    return text + (name.empty() ? "'" : "...'");
}

}  // namespace kiln
