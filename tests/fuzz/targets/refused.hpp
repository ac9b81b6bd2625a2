// What every target asks of a reader: it takes the bytes, or throws a kiln::error of a readable length. Any other end
// (another exception, a sanitizer's report, too much time or memory) is libFuzzer's to report.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <kiln/runtime/bytes.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::fuzz {

template <class Read>
void read_or_refuse(const std::uint8_t* data, std::size_t size, Read read) {
    try {
        read(byte_view(reinterpret_cast<const std::byte*>(data), size));
    } catch (const error& e) {
        const std::string_view said = e.what();
        if (said.size() < 10 || said.size() > 20'000) std::abort();
    }
}

}  // namespace kiln::fuzz
