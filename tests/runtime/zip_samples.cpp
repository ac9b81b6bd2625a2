#include "zip_samples.hpp"

#include <zlib.h>

#include <kiln/runtime/zip_format.hpp>

namespace kiln::test {
namespace {

void append(byte_string& out, byte_view bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

byte_string deflate(byte_view content) {
    z_stream stream{};
    ::deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
    byte_string out(::deflateBound(&stream, content.size()));
    stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(content.data()));
    stream.avail_in = static_cast<uInt>(content.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    ::deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    ::deflateEnd(&stream);
    return out;
}

void append_all(byte_string& out, auto... fields) { (append_little(out, fields), ...); }

constexpr std::uint32_t elsewhere = 0xFFFFFFFF;

}  // namespace

byte_string make_zip(const std::vector<zip_sample>& entries, bool zip64_end) {
    byte_string file, directory;
    for (const zip_sample& entry : entries) {
        const byte_string stored = entry.deflated ? deflate(entry.content) : entry.content;
        const std::uint16_t method = entry.method.value_or(entry.deflated ? 8 : 0);
        const auto flags = static_cast<std::uint16_t>(entry.flags | (entry.descriptor ? 8 : 0));
        const auto crc = static_cast<std::uint32_t>(
            ::crc32_z(0, reinterpret_cast<const Bytef*>(entry.content.data()), entry.content.size()));
        const std::uint64_t offset = entry.declared_offset.value_or(file.size());
        const std::uint64_t size = entry.declared_size.value_or(entry.content.size());
        const auto name_size = static_cast<std::uint16_t>(entry.name.size());
        const auto stored_size = static_cast<std::uint32_t>(stored.size());

        append_all(file, zip::local_signature, std::uint16_t{20}, flags, method, std::uint32_t{0});
        if (entry.descriptor)
            append_all(file, 0u, 0u, 0u);
        else
            append_all(file, crc, stored_size, static_cast<std::uint32_t>(size));
        append_all(file, name_size, std::uint16_t{4});
        append(file, bytes_of(entry.name));
        append_all(file, std::uint16_t{0xCAFE}, std::uint16_t{0});  // an extra field to step over
        append(file, stored);
        if (entry.descriptor)
            append_all(file, 0x08074b50u, crc, stored_size, static_cast<std::uint32_t>(entry.content.size()));

        byte_string extra;
        if (entry.zip64) {
            append_all(extra, std::uint16_t{0xCAFE}, std::uint16_t{2}, std::uint16_t{0});
            append_all(extra, std::uint16_t{1}, std::uint16_t{24}, size, std::uint64_t{stored_size}, offset);
        }
        append_all(directory, zip::central_signature, std::uint16_t{20}, std::uint16_t{20}, flags, method,
                   std::uint32_t{0}, crc, entry.zip64 ? elsewhere : stored_size,
                   entry.zip64 ? elsewhere : static_cast<std::uint32_t>(size), name_size,
                   static_cast<std::uint16_t>(extra.size()), std::uint16_t{0}, std::uint16_t{0}, std::uint16_t{0},
                   std::uint32_t{0}, entry.zip64 ? elsewhere : static_cast<std::uint32_t>(offset));
        append(directory, bytes_of(entry.name));
        append(directory, extra);
    }
    const std::uint64_t start = file.size(), count = entries.size();
    append(file, directory);
    if (zip64_end) {
        const std::uint64_t end64 = file.size();
        append_all(file, zip::end64_signature, std::uint64_t{44}, std::uint16_t{45}, std::uint16_t{45}, 0u, 0u, count,
                   count, std::uint64_t{directory.size()}, start);
        append_all(file, zip::locator64_signature, 0u, end64, 1u);
    }
    const auto short_count = static_cast<std::uint16_t>(zip64_end ? 0xFFFF : count);
    append_all(file, zip::end_signature, 0u, short_count, short_count,
               zip64_end ? elsewhere : static_cast<std::uint32_t>(directory.size()),
               zip64_end ? elsewhere : static_cast<std::uint32_t>(start), std::uint16_t{0});
    return file;
}

byte_string make_npy(std::string_view dictionary, byte_view data, int version) {
    byte_string file = to_bytes("\x93NUMPY");
    file.push_back(static_cast<std::byte>(version));
    file.push_back(std::byte{0});
    if (version == 1)
        append_little(file, static_cast<std::uint16_t>(dictionary.size()));
    else
        append_little(file, static_cast<std::uint32_t>(dictionary.size()));
    append(file, bytes_of(dictionary));
    append(file, data);
    return file;
}

byte_string make_npy_floats(std::string_view shape, const std::vector<float>& values) {
    const std::string dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': " + std::string(shape) + ", }\n";
    return make_npy(dictionary, std::as_bytes(std::span(values)));
}

}  // namespace kiln::test
