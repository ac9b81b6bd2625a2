// Graph views as bytes, for the fuzzer: every byte string is a view, and every flat_view has one (up to the limits of
// 16-bit counts).
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include <kiln/runtime/bytes.hpp>
#include <kiln/tests/ir/flat_view.hpp>

namespace kiln::fuzz {

struct view_header {
    std::uint16_t nodes = 0, edges = 0, outputs = 0, values = 0, batch = 1, name = 0;
};

namespace detail {

inline void take(byte_view& from, void* to, std::size_t size) {
    const std::size_t some = size < from.size() ? size : from.size();
    if (some > 0) std::memcpy(to, from.data(), some);
    from = from.subspan(some);
}

/// As many as are there: no count makes more memory than there are bytes.
template <class T>
std::vector<T> take(byte_view& from, std::size_t count) {
    std::vector<T> items(std::min(count, from.size() / sizeof(T)));
    take(from, items.data(), items.size() * sizeof(T));
    return items;
}

template <class T>
void put(std::vector<std::byte>& to, const std::vector<T>& items) {
    const auto bytes = std::as_bytes(std::span(items));
    to.insert(to.end(), bytes.begin(), bytes.end());
}

}  // namespace detail

inline testing::flat_view view_from(byte_view bytes, int& batch) {
    view_header header;
    detail::take(bytes, &header, sizeof header);
    batch = header.batch;
    testing::flat_view flat;
    flat.nodes = detail::take<node>(bytes, header.nodes);
    flat.edges = detail::take<std::int32_t>(bytes, header.edges);
    flat.outputs = detail::take<named_output>(bytes, header.outputs);
    flat.values = detail::take<float>(bytes, header.values);
    for (const char c : detail::take<char>(bytes, header.name))
        if (c != '\0') flat.name += c;
    flat.text = detail::take<char>(bytes, bytes.size());
    return flat;
}

inline std::vector<std::byte> bytes_from(const testing::flat_view& flat, int batch) {
    const view_header header{static_cast<std::uint16_t>(flat.nodes.size()),
                             static_cast<std::uint16_t>(flat.edges.size()),
                             static_cast<std::uint16_t>(flat.outputs.size()),
                             static_cast<std::uint16_t>(flat.values.size()),
                             static_cast<std::uint16_t>(batch),
                             static_cast<std::uint16_t>(flat.name.size())};
    std::vector<std::byte> bytes;
    detail::put(bytes, std::vector(1, header));
    detail::put(bytes, flat.nodes);
    detail::put(bytes, flat.edges);
    detail::put(bytes, flat.outputs);
    detail::put(bytes, flat.values);
    detail::put(bytes, std::vector<char>(flat.name.begin(), flat.name.end()));
    detail::put(bytes, flat.text);
    return bytes;
}

}  // namespace kiln::fuzz
