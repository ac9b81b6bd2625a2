#include <fmt/format.h>

#include <kiln/runtime/error.hpp>
#include <kiln/runtime/tensor.hpp>

namespace kiln {

std::string shape_text(const std::vector<std::int64_t>& shape) {
    if (shape.empty()) return "scalar";
    return fmt::format("{}", fmt::join(shape, "x"));
}

std::optional<std::int64_t> element_count(const std::vector<std::int64_t>& shape) {
    constexpr std::int64_t limit = std::int64_t{1} << 53;
    std::int64_t product = 1;
    bool empty = false;
    for (const std::int64_t extent : shape) {
        if (extent < 0) return std::nullopt;
        if (extent == 0) {
            empty = true;
            continue;
        }
        if (extent > limit / product) return std::nullopt;
        product *= extent;
    }
    return empty ? 0 : product;
}

void expect_consistent(const tensor& value, std::string_view what) {
    const auto count = element_count(value.shape);
    if (count && static_cast<std::uint64_t>(*count) == value.values.size()) return;
    throw error(fmt::format("{}: shape {} does not fit the {} values it holds", what, shape_text(value.shape),
                            value.values.size()));
}

}  // namespace kiln
