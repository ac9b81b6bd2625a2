#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/inflate.hpp>
#include <limits>
#include <new>

namespace kiln {
namespace {

struct inflater {
    z_stream state{};
    inflater() {
        if (::inflateInit2(&state, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
    }
    ~inflater() { ::inflateEnd(&state); }
    inflater(const inflater&) = delete;
    inflater& operator=(const inflater&) = delete;
};

uInt window(std::size_t bytes) {
    return static_cast<uInt>(std::min<std::size_t>(bytes, std::numeric_limits<uInt>::max()));
}

}  // namespace

std::vector<std::byte> inflate(byte_view stream, std::uint64_t size, std::string_view what) {
    const auto fail = [&](std::string_view problem) {
        throw error(fmt::format("{}: its compressed data {} (expected {} bytes)", what, problem, size));
    };
    if (size / largest_deflate_ratio > stream.size()) fail("is too short to hold it");
    inflater inflater;
    z_stream& state = inflater.state;
    std::vector<std::byte> out;
    std::size_t used = 0, filled = 0;
    for (int status = Z_OK; status != Z_STREAM_END;) {
        // One byte more than declared tells a stream that ends there from one that goes on.
        if (filled == out.size())
            out.resize(std::min<std::uint64_t>(size + 1, std::max<std::uint64_t>(65536, 2 * std::uint64_t{filled})));
        const uInt in = window(stream.size() - used), room = window(out.size() - filled);
        state.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(stream.data() + used));
        state.avail_in = in;
        state.next_out = reinterpret_cast<Bytef*>(out.data() + filled);
        state.avail_out = room;
        status = ::inflate(&state, Z_NO_FLUSH);
        if (status == Z_MEM_ERROR) throw std::bad_alloc();
        used += in - state.avail_in;
        filled += room - state.avail_out;
        if (filled > size) fail("yields more");
        if (status == Z_BUF_ERROR || (status == Z_OK && used == stream.size() && state.avail_out > 0))
            fail("ends too early");
        if (status != Z_OK && status != Z_STREAM_END) fail("is damaged");
    }
    if (filled != size) fail(fmt::format("yields {}", filled));
    if (used != stream.size()) fail(fmt::format("is followed by {} stray bytes", stream.size() - used));
    out.resize(filled);
    return out;
}

}  // namespace kiln
