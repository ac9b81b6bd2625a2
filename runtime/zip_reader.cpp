#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/inflate.hpp>
#include <kiln/runtime/utf8.hpp>
#include <kiln/runtime/zip_format.hpp>
#include <kiln/runtime/zip_reader.hpp>
#include <set>

namespace kiln {
namespace {

/// Bounds-checked access to the archive's records.
struct zip_bytes {
    byte_view bytes;
    std::string_view what;

    [[noreturn]] void fail(std::string_view problem) const {
        throw error(fmt::format("{}: is not a valid zip archive: {}", what, problem));
    }
    byte_view part(std::uint64_t offset, std::uint64_t size, std::string_view name) const {
        if (offset > bytes.size() || size > bytes.size() - offset)
            fail(fmt::format("{} should be at bytes {} to {}+{}, but the file ends at {}", name, offset, offset, size,
                             bytes.size()));
        return bytes.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(size));
    }
    byte_view record(std::uint64_t offset, std::size_t size, std::uint32_t signature, std::string_view name) const {
        const byte_view found = part(offset, size, name);
        if (load_little<std::uint32_t>(found, 0) != signature)
            fail(fmt::format("{} is missing at byte {}", name, offset));
        return found;
    }
};

struct directory {
    std::uint64_t entries, size, offset;
};

/// Where the end record starts: the last place in the file from which its comment reaches exactly the file's end.
std::size_t find_end(const zip_bytes& zip) {
    const std::size_t size = zip.bytes.size();
    for (std::size_t comment = 0; comment <= 65535 && comment + zip::end_size <= size; ++comment) {
        const std::size_t at = size - zip::end_size - comment;
        if (load_little<std::uint32_t>(zip.bytes, at) == zip::end_signature &&
            load_little<std::uint16_t>(zip.bytes, at + 20) == comment)
            return at;
    }
    zip.fail("its end record is missing; the file may be truncated");
}

directory find_directory(const zip_bytes& zip) {
    const std::size_t at = find_end(zip);
    const byte_view end = zip.bytes.subspan(at, zip::end_size);
    if (load_little<std::uint16_t>(end, 4) != load_little<std::uint16_t>(end, 6)) zip.fail("it is split over volumes");
    const bool has_locator =
        at >= zip::locator64_size &&
        load_little<std::uint32_t>(zip.bytes, at - zip::locator64_size) == zip::locator64_signature;
    if (!has_locator)
        return {load_little<std::uint16_t>(end, 10), load_little<std::uint32_t>(end, 12),
                load_little<std::uint32_t>(end, 16)};
    const auto end64_at = load_little<std::uint64_t>(zip.bytes, at - zip::locator64_size + 8);
    const byte_view end64 = zip.record(end64_at, zip::end64_size, zip::end64_signature, "its zip64 end record");
    if (load_little<std::uint32_t>(end64, 16) != load_little<std::uint32_t>(end64, 20))
        zip.fail("it is split over volumes");
    return {load_little<std::uint64_t>(end64, 32), load_little<std::uint64_t>(end64, 40),
            load_little<std::uint64_t>(end64, 48)};
}

/// Sizes and offset that do not fit 32 bits stand in the zip64 extra field, only those, in this order.
struct wide_fields {
    std::uint64_t size, stored, offset;
};

void read_zip64_extra(const zip_bytes& zip, byte_view extra, wide_fields& fields) {
    constexpr std::uint64_t elsewhere = 0xFFFFFFFF;
    if (std::max({fields.size, fields.stored, fields.offset}) < elsewhere) return;
    while (extra.size() >= 4) {
        const auto id = load_little<std::uint16_t>(extra, 0);
        const auto length = load_little<std::uint16_t>(extra, 2);
        if (length > extra.size() - 4) zip.fail("an extra field is longer than its record");
        byte_view content = extra.subspan(4, length);
        extra = extra.subspan(4 + length);
        if (id != 1) continue;
        for (std::uint64_t* field : {&fields.size, &fields.stored, &fields.offset}) {
            if (*field != elsewhere) continue;
            if (content.size() < 8) zip.fail("a zip64 extra field is too short");
            *field = load_little<std::uint64_t>(content, 0);
            content = content.subspan(8);
        }
        return;
    }
}

/// The entry's data, behind its local header.
byte_view locate(const zip_bytes& zip, const wide_fields& fields, std::string_view name) {
    const byte_view local = zip.record(fields.offset, zip::local_size, zip::local_signature,
                                       fmt::format("the local header of {}", in_quotes(name)));
    const std::uint64_t name_size = load_little<std::uint16_t>(local, 26);
    const std::uint64_t extra_size = load_little<std::uint16_t>(local, 28);
    const std::uint64_t after = fields.offset + zip::local_size;
    if (text_of(zip.part(after, name_size, "a name")) != name)
        zip.fail(fmt::format("the local header of {} has another name", in_quotes(name)));
    return zip.part(after + name_size + extra_size, fields.stored, fmt::format("the data of {}", in_quotes(name)));
}

zip_entry read_entry(const zip_bytes& zip, std::uint64_t& at) {
    const byte_view central = zip.record(at, zip::central_size, zip::central_signature, "a directory entry");
    const auto flags = load_little<std::uint16_t>(central, 8);
    const auto method = load_little<std::uint16_t>(central, 10);
    const std::size_t name_size = load_little<std::uint16_t>(central, 28);
    const std::size_t extra_size = load_little<std::uint16_t>(central, 30);
    const std::size_t comment_size = load_little<std::uint16_t>(central, 32);
    const byte_view rest =
        zip.part(at + zip::central_size, name_size + extra_size + comment_size, "a directory entry's name");
    at += zip::central_size + rest.size();

    zip_entry entry;
    entry.name = text_of(rest.first(name_size));
    const std::string name = in_quotes(entry.name);
    if ((flags & zip::flag_encrypted) != 0) zip.fail(fmt::format("entry {} is encrypted", name));
    if (method != zip::method_stored && method != zip::method_deflate)
        zip.fail(
            fmt::format("entry {} uses compression method {}; supported are 0 (stored) and 8 (deflate)", name, method));
    entry.deflated = method == zip::method_deflate;
    entry.crc = load_little<std::uint32_t>(central, 16);
    wide_fields fields{load_little<std::uint32_t>(central, 24), load_little<std::uint32_t>(central, 20),
                       load_little<std::uint32_t>(central, 42)};
    read_zip64_extra(zip, rest.subspan(name_size, extra_size), fields);
    entry.size = fields.size;
    entry.stored = locate(zip, fields, entry.name);
    if (!entry.deflated && entry.size != entry.stored.size())
        zip.fail(fmt::format("entry {} is stored in {} bytes but declares {}", name, entry.stored.size(), entry.size));
    return entry;
}

void expect_disjoint(const zip_bytes& zip, const std::vector<zip_entry>& entries, std::uint64_t directory_offset) {
    std::vector<const zip_entry*> by_place;
    for (const zip_entry& entry : entries) by_place.push_back(&entry);
    std::sort(by_place.begin(), by_place.end(),
              [](const zip_entry* a, const zip_entry* b) { return a->stored.data() < b->stored.data(); });
    const std::byte* limit = zip.bytes.data() + directory_offset;
    for (std::size_t i = by_place.size(); i-- > 0; limit = by_place[i]->stored.data()) {
        const byte_view stored = by_place[i]->stored;
        if (stored.data() + stored.size() > limit)
            zip.fail(fmt::format("the data of entry {} overlaps what follows", in_quotes(by_place[i]->name)));
    }
}

}  // namespace

std::vector<zip_entry> list_zip(byte_view archive, std::string_view what) {
    const zip_bytes zip{archive, what};
    const directory directory = find_directory(zip);
    zip.part(directory.offset, directory.size, "its directory");
    if (directory.entries > directory.size / zip::central_size)
        zip.fail(fmt::format("its directory of {} bytes cannot hold {} entries", directory.size, directory.entries));
    std::vector<zip_entry> entries;
    std::set<std::string_view> names;
    std::uint64_t at = directory.offset;
    entries.reserve(static_cast<std::size_t>(directory.entries));  // names point into it
    for (std::uint64_t i = 0; i < directory.entries; ++i) {
        entries.push_back(read_entry(zip, at));
        if (!names.insert(entries.back().name).second)
            zip.fail(fmt::format("two entries are named {}", in_quotes(entries.back().name)));
    }
    if (at != directory.offset + directory.size)
        zip.fail(fmt::format("its directory declares {} bytes but its {} entries take {}", directory.size,
                             directory.entries, at - directory.offset));
    expect_disjoint(zip, entries, directory.offset);
    return entries;
}

byte_view extract(const zip_entry& entry, std::vector<std::byte>& storage, std::string_view what) {
    byte_view content = entry.stored;
    if (entry.deflated) {
        storage = inflate(entry.stored, entry.size, fmt::format("{}: entry {}", what, in_quotes(entry.name)));
        content = storage;
    }
    const auto crc = ::crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size());
    if (crc != entry.crc)
        throw error(fmt::format("{}: entry {} is damaged: its CRC-32 is {:08x}, expected {:08x}", what,
                                in_quotes(entry.name), crc, entry.crc));
    return content;
}

}  // namespace kiln
