// Archives of arrays. The checksums of entries are set right after most mutations.
#include <kiln/runtime/npz.hpp>

#include <zlib.h>

#include <kiln/runtime/inflate.hpp>
#include <kiln/runtime/zip_format.hpp>
#include <kiln/runtime/zip_reader.hpp>

#include "mutator.hpp"
#include "refused.hpp"

namespace {

using namespace kiln;

/// Directory entries hold the checksums. They are found by their signatures, in the order in which list_zip gives them.
void repair_zip(std::uint8_t* data, std::size_t size) {
    const byte_view file(reinterpret_cast<const std::byte*>(data), size);
    std::size_t at = 0;
    try {
        for (const zip_entry& entry : list_zip(file, "repaired")) {
            while (at + zip::central_size <= size && load_little<std::uint32_t>(file, at) != zip::central_signature)
                ++at;
            if (at + zip::central_size > size) return;
            std::vector<std::byte> inflated;
            byte_view content = entry.stored;
            if (entry.deflated) content = inflated = inflate(entry.stored, entry.size, "repaired");
            const auto crc = ::crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size());
            fuzz::store32(data + at + 16, static_cast<std::uint32_t>(crc), false);
            at += zip::central_size;
        }
    } catch (const error&) {  // what is damaged beyond its checksums stays so
    }
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
    return fuzz::mutate_and_repair(data, size, most, seed, repair_zip);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::read_or_refuse(data, size, [](byte_view file) { parse_npz(file, "fuzzed"); });
    return 0;
}
