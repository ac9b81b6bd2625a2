#include <kiln/compiler/train/checkpoint.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>
#include <vector>

#include <kiln/runtime/error.hpp>
#include <kiln/runtime/safetensors.hpp>
#include <kiln/runtime/utf8.hpp>

namespace kiln::train {
namespace {

constexpr std::string_view version_key = "kiln.checkpoint", version = "1", setting = "setting.";

/// One number of a checkpoint and where it is kept. Sums are in hexadecimal: nothing of them is lost.
struct number_row {
    const char* name;
    std::int64_t position::*whole = nullptr;
    running_mean position::*mean = nullptr;
    double running_mean::*sum = nullptr;
    std::int64_t running_mean::*count = nullptr;
};
constexpr number_row numbers[] = {
    {.name = "epoch", .whole = &position::epoch},
    {.name = "batch", .whole = &position::batch},
    {.name = "epoch_cost", .mean = &position::epoch_mean, .sum = &running_mean::cost},
    {.name = "epoch_correct", .mean = &position::epoch_mean, .sum = &running_mean::correct},
    {.name = "epoch_samples", .mean = &position::epoch_mean, .count = &running_mean::samples},
    {.name = "recent_cost", .mean = &position::recent_mean, .sum = &running_mean::cost},
    {.name = "recent_correct", .mean = &position::recent_mean, .sum = &running_mean::correct},
    {.name = "recent_samples", .mean = &position::recent_mean, .count = &running_mean::samples},
};

std::string text_of(const position& p, const number_row& row) {
    if (row.whole) return fmt::format("{}", p.*row.whole);
    if (row.count) return fmt::format("{}", p.*row.mean.*row.count);
    return fmt::format("{:a}", p.*row.mean.*row.sum);
}

template <class Number>
bool parse(std::string_view text, Number& number) {
    std::from_chars_result result{};
    if constexpr (std::is_same_v<Number, double>) {
        const bool negative = text.starts_with('-');
        if (negative) text.remove_prefix(1);
        if (!text.starts_with("0x")) return false;
        text.remove_prefix(2);
        result = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::hex);
        if (negative) number = -number;
        if (!std::isfinite(number)) return false;
    } else {
        result = std::from_chars(text.data(), text.data() + text.size(), number);
        if (number < 0) return false;
    }
    return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

bool parse(std::string_view text, position& p, const number_row& row) {
    if (row.whole) return parse(text, p.*row.whole);
    return row.count ? parse(text, p.*row.mean.*row.count) : parse(text, p.*row.mean.*row.sum);
}

}  // namespace

void write_checkpoint(const std::filesystem::path& path, const checkpoint& c) {
    text_map texts{{std::string(version_key), std::string(version)}, {"history", c.history}};
    for (const number_row& row : numbers) texts[row.name] = text_of(c.at, row);
    for (const auto& [name, value] : c.settings) texts[std::string(setting) + name] = value;
    std::error_code ignored;
    const bool replaces = std::filesystem::exists(path, ignored);
    try {
        write_safetensors(path, c.state, texts);
    } catch (const error& e) {
        throw error(fmt::format("no checkpoint after {} epochs and {} batches: {}{}", c.at.epoch, c.at.batch, e.what(),
                                replaces ? "; the one before it is intact" : ""));
    }
}

checkpoint read_checkpoint(const std::filesystem::path& path) {
    safetensors_content content = read_safetensors_content(path);
    text_map& texts = content.metadata;
    const auto found = texts.find(version_key);
    if (found == texts.end())
        throw error(
            fmt::format("{}: is no checkpoint of kiln train, but a file of tensors such as weights; weights are "
                        "given with --weights",
                        path.string()));
    if (found->second != version)
        throw error(fmt::format("{}: is a checkpoint of version {}; this Kiln reads version {}", path.string(),
                                in_quotes(found->second), version));
    checkpoint c;
    for (const number_row& row : numbers)
        if (const auto text = texts.find(row.name); text == texts.end() || !parse(text->second, c.at, row))
            throw error(fmt::format("{}: is a damaged checkpoint: its '{}' is {}", path.string(), row.name,
                                    text == texts.end() ? "missing" : in_quotes(text->second)));
    c.history = std::move(texts["history"]);
    for (const auto& [name, text] : texts)
        if (std::string_view(name).starts_with(setting)) c.settings[name.substr(setting.size())] = text;
    c.state = std::move(content.tensors);
    return c;
}

void expect_same_settings(const std::filesystem::path& path, const text_map& found, const text_map& wanted,
                          const std::set<std::string>& may_change) {
    if (const auto before = found.find("data_digest"), now = wanted.find("data_digest");
        before != found.end() && now != wanted.end() && before->second != now->second)
        throw error(
            fmt::format("{}: training cannot go on with other samples: those of {} are not the ones it began with",
                        path.string(), in_quotes(wanted.contains("data") ? wanted.at("data") : std::string())));
    std::vector<std::string> different;
    for (const auto& [name, value] : wanted) {
        if (may_change.contains(name)) continue;
        const auto before = found.find(name);
        if (before == found.end() || before->second != value)
            different.push_back(fmt::format("{} was {}, now {}", name,
                                            before == found.end() ? "not there" : in_quotes(before->second),
                                            in_quotes(value)));
    }
    if (!different.empty())
        throw error(fmt::format("{}: training cannot go on with other settings: {}", path.string(),
                                fmt::join(different, "; ")));
}

}  // namespace kiln::train
