#include <fmt/format.h>

#include <algorithm>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/safetensors_header.hpp>
#include <kiln/runtime/utf8.hpp>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

namespace kiln {
namespace {

using json = nlohmann::json;

constexpr std::size_t largest_rank = 64;  // as for .npy; far above any network's

/// Takes the parser's events one by one. A tree of the text would hide repeated keys, and cost a hostile file's author
/// a byte for every fifty of ours.
class header_handler {
public:
    safetensors_header header;
    std::string problem;  // why an event was refused

    bool start_object(std::size_t) {
        if (place_ == place::start) return go(place::names);
        if (place_ == place::entry_start) return go(key_ == "__metadata__" ? place::metadata : place::fields);
        return refuse("an object");
    }

    bool key(std::string& text) {
        key_ = text;
        if (place_ == place::metadata) return true;
        if (place_ == place::names) {
            if (!names_.insert(text).second) return fail(fmt::format("the name {} appears twice", in_quotes(text)));
            if (text != "__metadata__") header.entries.emplace_back().name = text;
            fields_seen_.clear();
            return go(place::entry_start);
        }
        if (text != "dtype" && text != "shape" && text != "data_offsets")
            return fail(fmt::format("{} has an unknown key {}", tensor(), in_quotes(text)));
        if (!fields_seen_.insert(text).second) return fail(fmt::format("{} has two keys '{}'", tensor(), text));
        offsets_ = 0;
        return go(text == "dtype" ? place::dtype : place::array_start);
    }

    bool end_object() {
        if (place_ == place::metadata) return go(place::names);
        if (place_ == place::names) return go(place::done);
        for (const std::string_view field : {"dtype", "shape", "data_offsets"})
            if (!fields_seen_.contains(field)) return fail(fmt::format("{} has no key '{}'", tensor(), field));
        return go(place::names);
    }

    bool start_array(std::size_t) {
        if (place_ != place::array_start) return refuse("an array");
        return go(key_ == "shape" ? place::shape : place::data_offsets);
    }

    bool end_array() {
        if (place_ == place::data_offsets && offsets_ != 2)
            return fail(fmt::format("data_offsets of {} must hold two numbers, found {}", tensor(), offsets_));
        return go(place::fields);
    }

    bool number_unsigned(std::uint64_t value) {
        if (place_ == place::data_offsets) {
            if (offsets_ < 2) (offsets_ == 0 ? header.entries.back().begin : header.entries.back().end) = value;
            ++offsets_;
            return true;
        }
        if (place_ != place::shape) return refuse("a number");
        if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            return fail(fmt::format("{} has an extent of {}", tensor(), value));
        if (header.entries.back().shape.size() == largest_rank)
            return fail(fmt::format("{} has more than {} extents", tensor(), largest_rank));
        header.entries.back().shape.push_back(static_cast<std::int64_t>(value));
        return true;
    }

    bool string(std::string& text) {
        if (place_ == place::metadata) {
            header.metadata[key_] = std::move(text);
            return true;
        }
        if (place_ != place::dtype) return refuse("a string");
        header.entries.back().dtype = text;
        return go(place::fields);
    }

    bool number_integer(std::int64_t) { return refuse("a negative number"); }
    bool number_float(double, const std::string&) { return refuse("a fraction or a number above 2^64"); }
    bool boolean(bool) { return refuse("a boolean"); }
    bool null() { return refuse("null"); }
    bool binary(std::vector<std::uint8_t>&) { return refuse("binary data"); }

    bool parse_error(std::size_t position, const std::string&, const json::exception&) {
        return fail(fmt::format("it is not JSON at byte {}", position));
    }

private:
    enum class place { start, names, entry_start, metadata, fields, dtype, array_start, shape, data_offsets, done };

    bool go(place next) {
        place_ = next;
        return true;
    }
    bool fail(std::string text) {
        problem = std::move(text);
        return false;
    }
    bool refuse(std::string_view found) {
        if (place_ == place::start) return fail(fmt::format("it must be an object, found {}", found));
        if (place_ == place::metadata || key_ == "__metadata__")
            return fail(fmt::format("__metadata__ must hold only strings, found {}", found));
        if (place_ == place::entry_start) return fail(fmt::format("{} must be an object, found {}", tensor(), found));
        return fail(fmt::format("{} of {} cannot hold {}", key_, tensor(), found));
    }
    std::string tensor() const {
        return "tensor " + in_quotes(header.entries.empty() ? "" : header.entries.back().name);
    }

    place place_ = place::start;
    std::string key_;
    int offsets_ = 0;
    std::set<std::string, std::less<>> names_, fields_seen_;
};

}  // namespace

safetensors_header parse_safetensors_header(std::string_view text, std::string_view what) {
    header_handler handler;
    if (!json::sax_parse(text.begin(), text.end(), &handler))
        throw error(fmt::format("{}: its header is not valid: {}", what, handler.problem));
    return std::move(handler.header);
}

std::string format_safetensors_header(const safetensors_header& header) {
    std::string text = "{";
    if (!header.metadata.empty()) text += "\"__metadata__\":" + json(header.metadata).dump();
    for (const safetensors_entry& entry : header.entries) {
        if (text.size() > 1) text += ',';
        text += fmt::format(R"({}:{{"dtype":{},"shape":[{}],"data_offsets":[{},{}]}})", json(entry.name).dump(),
                            json(entry.dtype).dump(), fmt::join(entry.shape, ","), entry.begin, entry.end);
    }
    text += '}';
    text.append((8 - text.size() % 8) % 8, ' ');
    return text;
}

}  // namespace kiln
