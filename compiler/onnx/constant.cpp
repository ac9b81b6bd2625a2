#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include <kiln/compiler/onnx/constant.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/mapped_file.hpp>
#include <kiln/runtime/utf8.hpp>

namespace kiln::onnx {
namespace fs = std::filesystem;
namespace {

/// How the type is called where weight files' formats are known (runtime/element_format.hpp); empty: not taken.
std::string_view name_of(data_type type) {
    switch (type) {
        case data_type::float32: return "F32";
        case data_type::float16: return "F16";
        case data_type::bfloat16: return "BF16";
        case data_type::float64: return "F64";
        case data_type::uint8: return "U8";
        case data_type::int8: return "I8";
        case data_type::uint16: return "U16";
        case data_type::int16: return "I16";
        case data_type::int32: return "I32";
        case data_type::uint32: return "U32";
        case data_type::int64: return "I64";
        case data_type::uint64: return "U64";
        case data_type::boolean: return "BOOL";
        default: return {};
    }
}

[[noreturn]] void fail(const tensor_proto& t, const std::string& why) {
    throw error(fmt::format("tensor {}: {}", in_quotes(t.name), why));
}

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// The file, if it lies in the model's folder or below, whatever links are on the way.
fs::path external_file(const tensor_proto& t, const fs::path& folder) {
    const fs::path location{std::string(t.location)};
    if (t.location.empty() || t.location.find('\0') != t.location.npos)
        fail(t, "its external data has no usable location");
    const bool climbs = std::any_of(location.begin(), location.end(), [](const fs::path& p) { return p == ".."; });
    if (location.is_absolute() || climbs)
        fail(t, fmt::format("its external data lies in {}, outside the model's folder", in_quotes(t.location)));
    std::error_code code;
    const fs::path home = fs::canonical(folder.empty() ? "." : folder, code);
    const fs::path file = code ? fs::path() : fs::canonical(home / location, code);
    if (code) fail(t, fmt::format("its external data {} cannot be found: {}", in_quotes(t.location), code.message()));
    if (std::mismatch(home.begin(), home.end(), file.begin(), file.end()).first != home.end())
        fail(t, fmt::format("its external data {} is a link that leaves the model's folder", in_quotes(t.location)));
    return file;
}

byte_view external_bytes(const tensor_proto& t, const mapped_file& file, std::uint64_t wanted) {
    const byte_view all = file.bytes();
    const auto offset = t.offset.empty() ? std::uint64_t{0} : number(t.offset);
    const auto length = t.length.empty() ? wanted : number(t.length);
    if (!offset || !length) fail(t, "the offset or length of its external data is not a number");
    if (*length != wanted)
        fail(t, fmt::format("its shape needs {} bytes of external data, its length is {}", wanted, *length));
    if (*offset > all.size() || all.size() - *offset < wanted)
        fail(t, fmt::format("its external data ends beyond the {} bytes of {}", all.size(), in_quotes(t.location)));
    return all.subspan(*offset, wanted);
}

std::int64_t integer_at(data_type type, byte_view bytes, std::size_t at) {
    switch (type) {
        case data_type::int64:
        case data_type::uint64: return static_cast<std::int64_t>(load_little<std::uint64_t>(bytes, at));
        case data_type::int32: return static_cast<std::int32_t>(load_little<std::uint32_t>(bytes, at));
        case data_type::uint32: return load_little<std::uint32_t>(bytes, at);
        case data_type::int16: return static_cast<std::int16_t>(load_little<std::uint16_t>(bytes, at));
        case data_type::uint16: return load_little<std::uint16_t>(bytes, at);
        case data_type::int8: return static_cast<std::int8_t>(bytes[at]);
        case data_type::boolean: return bytes[at] != std::byte{0};
        default: return static_cast<std::int64_t>(bytes[at]);
    }
}

constant from_bytes(const tensor_proto& t, const element_format& format, byte_view bytes) {
    tensor made{t.shape, {}, *element_of(t.type), {}};
    if (made.type == element::float32) {
        made.values = widen(format, bytes);
    } else {
        made.integers.reserve(bytes.size() / format.bytes);
        for (std::size_t at = 0; at < bytes.size(); at += format.bytes)
            made.integers.push_back(integer_at(t.type, bytes, at));
    }
    return {std::make_shared<const tensor>(std::move(made))};
}

/// Half-precision numbers in the fields of integers: each holds the bits of one.
std::vector<std::byte> halves(const std::vector<std::int64_t>& fields) {
    std::vector<std::byte> bytes;
    for (const std::int64_t field : fields) append_little(bytes, static_cast<std::uint16_t>(field));
    return bytes;
}

template <class T>
std::vector<float> as_floats(const std::vector<T>& values) {
    std::vector<float> floats(values.size());
    std::ranges::transform(values, floats.begin(), [](T value) { return static_cast<float>(value); });
    return floats;
}

constant from_fields(const tensor_proto& t, const element_format& format, std::uint64_t count) {
    const bool half = t.type == data_type::float16 || t.type == data_type::bfloat16;
    const std::size_t found = t.type == data_type::float32   ? t.floats.size()
                              : t.type == data_type::float64 ? t.doubles.size()
                                                             : t.integers.size();
    if (found != count)
        fail(t, fmt::format("its shape {} needs {} values, found {}", shape_text(t.shape), count, found));
    if (half) return from_bytes(t, format, halves(t.integers));
    tensor made{t.shape, {}, *element_of(t.type), {}};
    if (t.type == data_type::float32)
        made.values = t.floats;
    else if (t.type == data_type::float64)
        made.values = as_floats(t.doubles);
    else
        made.integers = t.integers;
    if (made.type == element::boolean)
        for (std::int64_t& truth : made.integers) truth = truth != 0;
    return {std::make_shared<const tensor>(std::move(made))};
}

}  // namespace

std::optional<element> element_of(data_type type) {
    switch (type) {
        case data_type::float32:
        case data_type::float16:
        case data_type::bfloat16:
        case data_type::float64: return element::float32;
        case data_type::uint8:
        case data_type::int8:
        case data_type::uint16:
        case data_type::int16:
        case data_type::int32: return element::int32;
        case data_type::uint32:
        case data_type::int64:
        case data_type::uint64: return element::int64;
        case data_type::boolean: return element::boolean;
        default: return std::nullopt;
    }
}

constant whole_numbers(std::vector<std::int64_t> shape, std::vector<std::int64_t> values) {
    return {std::make_shared<const tensor>(tensor{std::move(shape), {}, element::int64, std::move(values)})};
}

const element_format* format_of(data_type type) { return find_safetensors_format(name_of(type)); }

constant read_constant(const tensor_proto& t, const fs::path& folder) {
    const element_format* format = format_of(t.type);
    if (!format) fail(t, fmt::format("its elements are of ONNX type {}, not numbers", static_cast<int>(t.type)));
    const auto elements = element_count(t.shape);
    if (!elements) fail(t, fmt::format("its shape {} is not possible", shape_text(t.shape)));
    const auto count = static_cast<std::uint64_t>(*elements);
    const std::uint64_t wanted = count * format->bytes;
    if (t.external) {
        const mapped_file file(external_file(t, folder));
        return from_bytes(t, *format, external_bytes(t, file, wanted));
    }
    if (t.raw.empty()) return from_fields(t, *format, count);
    if (t.raw.size() != wanted)
        fail(t, fmt::format("its shape {} needs {} bytes, found {}", shape_text(t.shape), wanted, t.raw.size()));
    return from_bytes(t, *format, bytes_of(t.raw));
}

}  // namespace kiln::onnx
