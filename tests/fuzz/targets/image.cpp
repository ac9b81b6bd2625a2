// PNG and JPEG. The checksums of a PNG's chunks are set right after most mutations.
#include <kiln/runtime/image.hpp>

#include <zlib.h>

#include "mutator.hpp"
#include "refused.hpp"

namespace {

void repair_png(std::uint8_t* data, std::size_t size) {
    constexpr std::size_t signature = 8, around = 12;  // length and name before a chunk's content, the CRC behind it
    for (std::size_t at = signature; at + around <= size;) {
        const std::size_t length =
            std::size_t{data[at]} << 24 | std::size_t{data[at + 1]} << 16 | data[at + 2] << 8 | data[at + 3];
        if (length > size - at - around) return;
        const auto crc = ::crc32_z(0, data + at + 4, length + 4);
        kiln::fuzz::store32(data + at + 8 + length, static_cast<std::uint32_t>(crc), true);
        at += length + around;
    }
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
    return kiln::fuzz::mutate_and_repair(data, size, most, seed, repair_png);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    kiln::fuzz::read_or_refuse(data, size, [](kiln::byte_view file) { kiln::parse_image(file, "fuzzed"); });
    return 0;
}
