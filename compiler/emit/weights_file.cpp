#define XXH_INLINE_ALL
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <xxhash.h>

#include <algorithm>
#include <kiln/compiler/emit/weights_file.hpp>
#include <kiln/runtime/atomic_file.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::compiler {

std::array<std::uint8_t, 16> weights_layout_hash(const plan::plan& p) {
    std::string layout = fmt::format("{} bytes\n", p.weights_bytes);
    for (const plan::packed_weight& w : p.weights)
        layout += fmt::format("{} layout {} block {} stored {} groups {} flip {} at {} bytes {}\n", w.name,
                              static_cast<int>(w.packed.layout), w.packed.block, static_cast<int>(w.packed.stored),
                              w.groups, w.flip, w.byte, w.bytes);
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(layout.data(), layout.size()));
    std::array<std::uint8_t, 16> hash;
    std::copy(std::begin(canonical.digest), std::end(canonical.digest), hash.begin());
    return hash;
}

std::array<std::uint8_t, weights_file_header_bytes> weights_file_header(const plan::plan& p) {
    std::array<std::uint8_t, weights_file_header_bytes> header{'K', 'I', 'L', 'N', 'W', 'T', 'S', '1'};
    const auto hash = weights_layout_hash(p);
    std::copy(hash.begin(), hash.end(), header.begin() + 8);
    for (std::size_t i = 0; i < 8; ++i)
        header[24 + i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(p.weights_bytes) >> (8 * i));
    return header;
}

void write_weights_file(const std::filesystem::path& path, const plan::plan& p, byte_view block) {
    if (block.size() != static_cast<std::size_t>(p.weights_bytes))
        throw error(fmt::format("{}: expected {} bytes of packed weights to write, found {}", path.string(),
                                p.weights_bytes, block.size()));
    const auto header = weights_file_header(p);
    atomic_file file(path);
    file.write(std::as_bytes(std::span(header)));
    file.write(block);
    file.commit();
}

}  // namespace kiln::compiler
