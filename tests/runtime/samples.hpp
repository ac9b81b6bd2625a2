// samples: bytes for tests, and what readers say about them.
#pragma once

#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <kiln/runtime/bytes.hpp>
#include <kiln/runtime/error.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::test {

using byte_string = std::vector<std::byte>;

inline byte_string to_bytes(std::string_view text) {
    const byte_view bytes = bytes_of(text);
    return {bytes.begin(), bytes.end()};
}

inline byte_string from_hex(std::string_view digits) {
    byte_string bytes;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
        bytes.push_back(static_cast<std::byte>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16)));
    return bytes;
}

inline std::string read_text(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// The message of the kiln::error that `action` throws; "no error" when it throws none. Other exceptions pass.
template <class Action>
std::string error_text(Action action) {
    try {
        action();
    } catch (const error& problem) {
        return problem.what();
    }
    return "no error";
}

/// For CHECK(mentions(text, {"one", "two"})): whether all parts occur.
inline bool mentions(const std::string& text, std::initializer_list<std::string_view> parts) {
    for (const std::string_view part : parts)
        if (text.find(part) == text.npos) return false;
    return true;
}

}  // namespace kiln::test
