#include <fmt/format.h>

#include <cmath>
#include <cstring>

#include <kiln/runtime/error.hpp>
#include <kiln/runtime/tensor.hpp>

namespace kiln {

std::string shape_text(const std::vector<std::int64_t>& shape) {
    if (shape.empty()) return "scalar";
    constexpr std::size_t most = 16;
    if (shape.size() <= most) return fmt::format("{}", fmt::join(shape, "x"));
    return fmt::format("{}x... ({} axes)", fmt::join(shape.begin(), shape.begin() + most, "x"), shape.size());
}

std::optional<std::int64_t> element_count(const std::vector<std::int64_t>& shape) {
    constexpr std::int64_t limit = std::int64_t{1} << 53;
    std::int64_t product = 1;
    bool empty = false;
    for (const std::int64_t extent : shape) {
        if (extent < 0) return std::nullopt;
        if (extent == 0) {
            empty = true;
            continue;
        }
        if (extent > limit / product) return std::nullopt;
        product *= extent;
    }
    return empty ? 0 : product;
}

tensor zeros(std::vector<std::int64_t> shape, element type) {
    const auto count = static_cast<std::size_t>(element_count(shape).value());
    tensor t{std::move(shape), {}, type, {}};
    if (type == element::float32)
        t.values.resize(count);
    else
        t.integers.resize(count);
    return t;
}

namespace {

template <class T>
void store(const tensor& t, std::byte* to) {
    for (const std::int64_t value : t.integers) {
        const auto narrow = static_cast<T>(value);
        std::memcpy(to, &narrow, sizeof narrow);
        to += sizeof narrow;
    }
}

template <class T>
void load(const std::byte* from, tensor& t) {
    for (std::int64_t& value : t.integers) {
        T narrow{};
        std::memcpy(&narrow, from, sizeof narrow);
        value = static_cast<std::int64_t>(narrow);
        from += sizeof narrow;
    }
}

}  // namespace

tensor converted(const tensor& t, element type, std::string_view what) {
    if (t.type == type) return t;
    tensor made{t.shape, {}, type, {}};
    for (std::size_t i = 0; i < t.size(); ++i) {
        const double v = number_at(t, i);
        if (type == element::float32) {
            made.values.push_back(static_cast<float>(v));
            continue;
        }
        if (t.type == element::float32 && (!(std::abs(v) <= 0x1p24) || v != std::floor(v)))
            throw error(fmt::format("{} holds {}, but takes integers (up to 2^24 in size)", what, v));
        made.integers.push_back(type == element::boolean ? v != 0 : static_cast<std::int64_t>(v));
    }
    return made;
}

std::vector<std::byte> stored_integers(const tensor& t) {
    std::vector<std::byte> bytes(t.integers.size() * static_cast<std::size_t>(bytes_of(t.type)));
    switch (t.type) {
        case element::int64: store<std::int64_t>(t, bytes.data()); break;
        case element::int32: store<std::int32_t>(t, bytes.data()); break;
        default: store<std::uint8_t>(t, bytes.data());
    }
    return bytes;
}

void load_integers(std::span<const std::byte> from, tensor& to) {
    switch (to.type) {
        case element::int64: return load<std::int64_t>(from.data(), to);
        case element::int32: return load<std::int32_t>(from.data(), to);
        default: return load<std::uint8_t>(from.data(), to);
    }
}

byte_view stored(const tensor& t, std::vector<std::byte>& storage) {
    if (t.type == element::float32) return std::as_bytes(std::span(t.values));
    storage = stored_integers(t);
    return storage;
}

void expect_consistent(const tensor& value, std::string_view what) {
    const auto count = element_count(value.shape);
    if (count && static_cast<std::uint64_t>(*count) == value.size()) return;
    throw error(
        fmt::format("{}: shape {} does not fit the {} values it holds", what, shape_text(value.shape), value.size()));
}

}  // namespace kiln
