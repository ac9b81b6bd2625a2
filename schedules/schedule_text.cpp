#include <kiln/schedules/schedule_text.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace kiln::schedules {
namespace {

struct named_family {
    family which;
    std::string_view name;
};

constexpr named_family families[] = {
    {family::pointwise, "pointwise"},
    {family::direct_conv, "direct_conv"},
    {family::narrow_conv, "narrow_conv"},
    {family::depthwise_conv, "depthwise_conv"},
    {family::pooling, "pooling"},
    {family::softmax, "softmax"},
    {family::winograd, "winograd"},
    {family::filter_gradient, "filter_gradient"},
    {family::winograd_filters, "winograd_filters"},
    {family::strassen, "strassen"},
    {family::winograd_rows, "winograd_rows"},
};

}  // namespace

std::string_view name_of(family which) {
    const auto* row = std::ranges::find(families, which, &named_family::which);
    if (row == std::end(families)) throw std::logic_error("a schedule family has no name in schedule_text.cpp");
    return row->name;
}

std::string text_of(const schedule& s) {
    auto end = s.parameters.end();
    while (end != s.parameters.begin() && *(end - 1) == 0) --end;
    return fmt::format("{}({})", name_of(s.which), fmt::join(s.parameters.begin(), end, ","));
}

std::optional<schedule> schedule_from(std::string_view text) {
    const std::size_t open = text.find('(');
    if (open == std::string_view::npos || text.back() != ')') return std::nullopt;
    const auto* row = std::ranges::find(families, text.substr(0, open), &named_family::name);
    if (row == std::end(families)) return std::nullopt;
    schedule s;
    s.which = row->which;
    const char *at = text.data() + open + 1, *end = text.data() + text.size() - 1;
    for (std::size_t i = 0; at != end; ++i) {
        if (i == s.parameters.size()) return std::nullopt;
        const auto [after, code] = std::from_chars(at, end, s.parameters[i]);
        if (code != std::errc() || (after != end && *after != ',')) return std::nullopt;
        at = after == end ? end : after + 1;
    }
    return s;
}

}  // namespace kiln::schedules
