#include <fmt/format.h>

#include <algorithm>
#include <kiln/runtime/atomic_file.hpp>
#include <kiln/runtime/element_format.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/mapped_file.hpp>
#include <kiln/runtime/safetensors.hpp>
#include <kiln/runtime/safetensors_header.hpp>
#include <kiln/runtime/utf8.hpp>

namespace kiln {
namespace {

/// The entry's format, once its type, shape, offsets and the size of the data agree.
const element_format& checked_format(const safetensors_entry& entry, std::size_t data_size, std::string_view what) {
    const auto fail = [&](std::string_view problem) {
        throw error(fmt::format("{}: tensor {}: {}", what, in_quotes(entry.name), problem));
    };
    const element_format* format = find_safetensors_format(entry.dtype);
    if (format == nullptr)
        fail(fmt::format("holds elements of type {}; supported are {}", in_quotes(entry.dtype),
                         safetensors_format_names()));
    const auto count = element_count(entry.shape);
    if (!count) fail(fmt::format("shape {} is too large", shape_text(entry.shape)));
    if (entry.begin > entry.end || entry.end > data_size)
        fail(fmt::format("data_offsets {} to {} lie outside of the file's {} bytes of data; it may be truncated",
                         entry.begin, entry.end, data_size));
    const std::uint64_t expected = static_cast<std::uint64_t>(*count) * format->bytes;
    if (entry.end - entry.begin != expected)
        fail(fmt::format("shape {} of {} needs {} bytes, but data_offsets {} to {} span {}", shape_text(entry.shape),
                         entry.dtype, expected, entry.begin, entry.end, entry.end - entry.begin));
    return *format;
}

/// Every byte of the data belongs to exactly one tensor.
void expect_covered(std::vector<safetensors_entry> entries, std::size_t data_size, std::string_view what) {
    std::sort(entries.begin(), entries.end(), [](const safetensors_entry& a, const safetensors_entry& b) {
        return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
    });
    std::uint64_t reached = 0;
    for (const safetensors_entry& entry : entries) {
        if (entry.begin != reached)
            throw error(fmt::format(
                "{}: tensor {}: its data {} (expected at offset {}, found at {})", what, in_quotes(entry.name),
                entry.begin < reached ? "overlaps another's" : "follows a gap", reached, entry.begin));
        reached = entry.end;
    }
    if (reached != data_size)
        throw error(
            fmt::format("{}: its tensors take {} bytes of data, but the file holds {}", what, reached, data_size));
}

struct checked_file {
    safetensors_header header;
    byte_view data;
};

checked_file inspect_safetensors(byte_view bytes, std::string_view what) {
    if (bytes.size() < 8) throw error(fmt::format("{}: is too short for a safetensors file", what));
    const auto header_size = load_little<std::uint64_t>(bytes, 0);
    if (header_size > bytes.size() - 8)
        throw error(
            fmt::format("{}: is not a safetensors file, or truncated: it declares a header of {} bytes, {} follow",
                        what, header_size, bytes.size() - 8));
    const byte_view data = bytes.subspan(8 + header_size);
    safetensors_header header = parse_safetensors_header(text_of(bytes.subspan(8, header_size)), what);
    for (const safetensors_entry& entry : header.entries) checked_format(entry, data.size(), what);
    expect_covered(header.entries, data.size(), what);
    return {std::move(header), data};
}

byte_view part_of(const safetensors_entry& entry, byte_view data) {
    return data.subspan(entry.begin, entry.end - entry.begin);
}

tensor widened(const safetensors_entry& entry, byte_view part) {
    return {entry.shape, widen(*find_safetensors_format(entry.dtype), part)};
}

tensor in_own_type(const safetensors_entry& entry, byte_view part) {
    if (entry.dtype != "I64" && entry.dtype != "I32") return widened(entry, part);
    tensor whole = zeros(entry.shape, entry.dtype == "I64" ? element::int64 : element::int32);
    load_integers(part, whole);
    return whole;
}

}  // namespace

safetensors_content parse_safetensors_content(byte_view bytes, std::string_view what) {
    checked_file file = inspect_safetensors(bytes, what);
    safetensors_content content{{}, std::move(file.header.metadata)};
    for (const safetensors_entry& entry : file.header.entries)
        content.tensors.emplace(entry.name, in_own_type(entry, part_of(entry, file.data)));
    return content;
}

safetensors_content read_safetensors_content(const std::filesystem::path& path) {
    return parse_safetensors_content(mapped_file(path).bytes(), path.string());
}

tensor_map parse_safetensors(byte_view bytes, std::string_view what) {
    const checked_file file = inspect_safetensors(bytes, what);
    tensor_map tensors;
    for (const safetensors_entry& entry : file.header.entries)
        tensors.emplace(entry.name, widened(entry, part_of(entry, file.data)));
    return tensors;
}

tensor_map read_safetensors(const std::filesystem::path& path) {
    return parse_safetensors(mapped_file(path).bytes(), path.string());
}

std::vector<tensor_entry> list_safetensors(const std::filesystem::path& path) {
    const mapped_file file(path);
    std::vector<tensor_entry> listed;
    for (const safetensors_entry& entry : inspect_safetensors(file.bytes(), path.string()).header.entries)
        listed.push_back({entry.name, std::string(find_safetensors_format(entry.dtype)->name), entry.shape,
                          entry.end - entry.begin});
    return listed;
}

void write_safetensors(const std::filesystem::path& path, const tensor_map& tensors) {
    write_safetensors(path, tensors, {});
}

void write_safetensors(const std::filesystem::path& path, const tensor_map& tensors, const text_map& metadata) {
    constexpr std::string_view dtypes[] = {"F32", "I64", "I32", "BOOL"};  // of float32, int64, int32 and boolean
    safetensors_header header{{}, metadata};
    for (const auto& [name, text] : metadata)
        if (!is_utf8(name) || !is_utf8(text))
            throw error(fmt::format("{}: what is said under {} is not UTF-8, as safetensors requires", path.string(),
                                    in_quotes(name)));
    std::uint64_t reached = 0;
    for (const auto& [name, value] : tensors) {
        const std::string what = fmt::format("{}: tensor {}", path.string(), in_quotes(name));
        if (!is_utf8(name)) throw error(fmt::format("{}: its name is not UTF-8, as safetensors requires", what));
        if (name == "__metadata__") throw error(fmt::format("{}: safetensors keeps this name for itself", what));
        expect_consistent(value, what);
        const std::uint64_t end = reached + value.size() * static_cast<std::uint64_t>(bytes_of(value.type));
        header.entries.push_back(
            {name, std::string(dtypes[static_cast<std::size_t>(value.type)]), value.shape, reached, end});
        reached = end;
    }
    const std::string header_text = format_safetensors_header(header);
    std::vector<std::byte> start;
    append_little(start, static_cast<std::uint64_t>(header_text.size()));
    atomic_file file(path);
    file.write(start);
    file.write(bytes_of(header_text));
    std::vector<std::byte> storage;
    for (const auto& [name, value] : tensors) file.write(stored(value, storage));
    file.commit();
}

}  // namespace kiln
