#include <fmt/format.h>
#include <zlib.h>

#include <kiln/runtime/error.hpp>
#include <kiln/runtime/utf8.hpp>
#include <kiln/runtime/zip_format.hpp>
#include <kiln/runtime/zip_writer.hpp>

namespace kiln {
namespace {

/// The fields that a local header and a directory entry have in common, from "version needed" to "extra length".
struct entry_fields {
    std::uint32_t crc;
    std::uint32_t size;
    std::uint16_t name_size;

    void append_to(std::vector<std::byte>& out) const {
        constexpr std::uint16_t version_2_0 = 20, midnight = 0, first_of_january_1980 = 1 << 5 | 1, no_extra = 0;
        for (const std::uint16_t field :
             {version_2_0, zip::flag_utf8, zip::method_stored, midnight, first_of_january_1980})
            append_little(out, field);
        for (const std::uint32_t field : {crc, size, size}) append_little(out, field);
        append_little(out, name_size);
        append_little(out, no_extra);
    }
};

void append(std::vector<std::byte>& out, byte_view bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

}  // namespace

zip_writer::zip_writer(const std::filesystem::path& path) : path_(path), file_(path) {}

void zip_writer::expect_room(std::uint64_t more) const {
    if (more < 0xFFFFFFFF && file_.size() + directory_.size() + more < 0xFFFFFFFF && entries_ < 0xFFFF) return;
    throw error(fmt::format(
        "{}: would pass what a zip archive holds (4 GiB, 65535 entries); write .safetensors instead", path_.string()));
}

void zip_writer::add(const std::string& name, std::span<const byte_view> parts) {
    if (!is_utf8(name) || name.find('\0') != name.npos || name.size() > 0xFFFF)
        throw error(
            fmt::format("{}: cannot hold an entry named {}: the name must be UTF-8 without NUL, up to 65535 bytes",
                        path_.string(), in_quotes(name)));
    std::uint64_t size = 0;
    uLong crc = 0;
    for (const byte_view part : parts) {
        if (part.empty()) continue;  // zlib takes a null pointer as a wish to start over
        size += part.size();
        crc = ::crc32_z(crc, reinterpret_cast<const Bytef*>(part.data()), part.size());
    }
    // The directory will take the name once more.
    expect_room(size + zip::local_size + zip::central_size + 2 * name.size() + zip::end_size);
    const auto offset = static_cast<std::uint32_t>(file_.size());
    const entry_fields fields{static_cast<std::uint32_t>(crc), static_cast<std::uint32_t>(size),
                              static_cast<std::uint16_t>(name.size())};
    std::vector<std::byte> local;
    append_little(local, zip::local_signature);
    fields.append_to(local);
    append(local, bytes_of(name));
    file_.write(local);
    for (const byte_view part : parts) file_.write(part);

    constexpr std::uint16_t made_by_unix = 3 << 8 | 20;
    constexpr std::uint32_t regular_file_0644 = 0100644u << 16;
    append_little(directory_, zip::central_signature);
    append_little(directory_, made_by_unix);
    fields.append_to(directory_);
    for (int field = 0; field < 3; ++field) append_little(directory_, std::uint16_t{0});  // comment, volume, attributes
    append_little(directory_, regular_file_0644);
    append_little(directory_, offset);
    append(directory_, bytes_of(name));
    ++entries_;
}

void zip_writer::commit() {
    const auto offset = static_cast<std::uint32_t>(file_.size());
    std::vector<std::byte> end;
    append_little(end, zip::end_signature);
    append_little(end, std::uint32_t{0});  // one volume
    for (int count = 0; count < 2; ++count) append_little(end, static_cast<std::uint16_t>(entries_));
    append_little(end, static_cast<std::uint32_t>(directory_.size()));
    append_little(end, offset);
    append_little(end, std::uint16_t{0});  // no comment
    file_.write(directory_);
    file_.write(end);
    file_.commit();
}

}  // namespace kiln
