// Arrays in IDX format. The checksum of a gzip file is set right after most mutations.
#include <kiln/runtime/idx.hpp>

#include <zlib.h>

#include <kiln/runtime/gzip.hpp>
#include <kiln/runtime/inflate.hpp>

#include "mutator.hpp"
#include "refused.hpp"

namespace {

using namespace kiln;

/// Files whose header has nothing optional; what their stream yields is asked of zlib.
void repair_gzip(std::uint8_t* data, std::size_t size) {
    const byte_view file(reinterpret_cast<const std::byte*>(data), size);
    if (!is_gzip(file) || size < 18 || data[3] != 0) return;
    const byte_view stream = file.subspan(10, size - 18);
    try {
        const auto content = inflate(stream, load_little<std::uint32_t>(file, size - 4), "repaired");
        const auto crc = ::crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size());
        fuzz::store32(data + size - 8, static_cast<std::uint32_t>(crc), false);
    } catch (const error&) {  // what is damaged beyond its checksum stays so
    }
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
    return fuzz::mutate_and_repair(data, size, most, seed, repair_gzip);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::read_or_refuse(data, size, [](byte_view file) { parse_idx(file, "fuzzed"); });
    return 0;
}
