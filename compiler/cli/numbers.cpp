#include <kiln/compiler/cli/numbers.hpp>

#include <fmt/format.h>

#include <array>

namespace kiln::cli {

std::string grouped(std::int64_t number) {
    const std::string digits = fmt::format("{}", number < 0 ? -number : number);
    std::string text = number < 0 ? "-" : "";
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
        text += digits[i];
    }
    return text;
}

std::string bytes_text(std::int64_t bytes) {
    constexpr std::array units = {"kB", "MB", "GB", "TB"};
    if (bytes < 1000) return fmt::format("{} bytes", bytes);
    double scaled = static_cast<double>(bytes) / 1000;
    std::size_t unit = 0;
    for (; scaled >= 999.95 && unit + 1 < units.size(); ++unit) scaled /= 1000;
    return fmt::format("{:.1f} {}", scaled, units[unit]);
}

}  // namespace kiln::cli
