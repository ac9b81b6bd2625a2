#include <kiln/runtime/safetensors.hpp>

#include "refused.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    kiln::fuzz::read_or_refuse(data, size, [](kiln::byte_view file) { kiln::parse_safetensors(file, "fuzzed"); });
    return 0;
}
