#include <kiln/compiler/tune/tuned_file.hpp>

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include <kiln/runtime/error.hpp>
#include <kiln/schedules/schedule_text.hpp>

namespace kiln::tune {
namespace {

using nlohmann::ordered_json;

constexpr const char* format = "kiln tuned schedules 1";

ordered_json json_of(const setting& s) {
    return {{"cpu", s.cpu},       {"caches", s.caches},       {"threads", s.threads},
            {"target", s.target}, {"precision", s.precision}, {"version", s.version}};
}

ordered_json json_of(const record& r) {
    return {
        {"layer", r.summary}, {"default", text_of(r.usual)}, {"schedule", text_of(r.best)}, {"default_ms", r.usual_ms},
        {"ms", r.best_ms},    {"kernel", r.kernel}};
}

schedules::schedule schedule_in(const ordered_json& json, const char* key) {
    const std::string text = json.at(key);
    const auto found = schedules::schedule_from(text);
    if (!found) throw error(fmt::format("'{}' is no schedule", text));
    return *found;
}

/// Versions without the revision after "kiln": "halide 14.0.0 llvm 14.0.6".
std::string_view release_of(std::string_view version) {
    const std::size_t halide = version.find("halide");
    return halide == std::string_view::npos ? version : version.substr(halide);
}

}  // namespace

std::string tuned_text(const std::vector<tuned_records>& all) {
    std::string text = fmt::format("{{\"format\": \"{}\", \"settings\": [\n", format);
    for (std::size_t i = 0; i < all.size(); ++i) {
        std::string head = json_of(all[i].where).dump();
        head.pop_back();
        text += fmt::format("{}, \"records\": [\n", head);
        for (std::size_t r = 0; r < all[i].records.size(); ++r)
            text +=
                fmt::format("  {}{}\n", json_of(all[i].records[r]).dump(), r + 1 < all[i].records.size() ? "," : "");
        text += fmt::format("]}}{}\n", i + 1 < all.size() ? "," : "");
    }
    return text + "]}\n";
}

std::vector<tuned_records> read_tuned(const std::filesystem::path& file) {
    std::vector<tuned_records> all;
    try {
        std::ifstream in(file);
        if (!in) throw error("it cannot be opened");
        const ordered_json json = ordered_json::parse(in);
        if (json.at("format") != format) throw error(fmt::format("its format is not '{}'", format));
        for (const ordered_json& each : json.at("settings")) {
            tuned_records read;
            read.where = {each.at("cpu"),       each.at("caches"),  each.at("target"),
                          each.at("precision"), each.at("version"), each.at("threads")};
            for (const ordered_json& r : each.at("records"))
                read.records.push_back({r.at("kernel"), r.at("layer"), schedule_in(r, "default"),
                                        schedule_in(r, "schedule"), r.at("default_ms"), r.at("ms")});
            all.push_back(std::move(read));
        }
    } catch (const std::exception& wrong) {
        throw error(fmt::format("the tuned schedules '{}' cannot be read: {}", file.string(), wrong.what()));
    }
    return all;
}

bool applies(const setting& shipped, const setting& here) {
    setting other = here;
    other.version = shipped.version;
    return shipped == other && release_of(shipped.version) == release_of(here.version);
}

}  // namespace kiln::tune
