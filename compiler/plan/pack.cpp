#include <kiln/compiler/plan/pack.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <thread>
#include <vector>

#include <kiln/compiler/plan/packing_steps.hpp>
#include <kiln/compiler/plan/rounding.hpp>
#include <kiln/schedules/strassen.hpp>
#include <kiln/schedules/winograd_transform.hpp>

namespace kiln::plan {
namespace {

using schedules::packing;
using schedules::storage;

// {window..., channels, filters} as {positions, channels, filters}.
struct filter_dims {
    std::int64_t positions = 1, channels = 1, filters = 1;
};

filter_dims dims_of(const tensor& t) {
    filter_dims d;
    const std::size_t rank = t.shape.size();
    d.filters = t.shape[rank - 1];
    d.channels = t.shape[rank - 2];
    for (std::size_t axis = 0; axis + 2 < rank; ++axis) d.positions *= t.shape[axis];
    return d;
}

// `count` numbers of the filters from `first` on, as they are stored. Return what follows them.
struct as_float32 {
    float* operator()(const float* from, std::int64_t, std::int64_t count, float* to) const {
        return std::copy_n(from, count, to);
    }
};
struct as_bfloat16 {
    std::uint16_t* operator()(const float* from, std::int64_t, std::int64_t count, std::uint16_t* to) const {
        return std::transform(from, from + count, to, bfloat16_of);
    }
};
struct as_int8 {
    const std::vector<float>& scales;
    std::int8_t* operator()(const float* from, std::int64_t first, std::int64_t count, std::int8_t* to) const {
        return std::transform(from, from + count, scales.data() + first, to, int8_of);
    }
};

template <class Store, class Stored>
void pack_filters(const packed_weight& w, Store store, Stored* to) {
    const filter_dims d = dims_of(*w.value);
    const std::int64_t block = w.packed.block;
    const float* from = w.value->values.data();
    for (std::int64_t first = 0; first < d.filters; first += block) {
        const std::int64_t count = std::min(block, d.filters - first);
        for (std::int64_t p = 0; p < d.positions; ++p) {
            const std::int64_t source = w.flip ? d.positions - 1 - p : p;
            for (std::int64_t c = 0; c < d.channels; ++c, to += block)
                store(from + (source * d.channels + c) * d.filters + first, first, count, to);
        }
    }
}

// {window..., channels, filters} with a square window inside an optional depth, whose places change with the channels'.
template <class Store, class Stored>
void pack_taps(const packed_weight& w, Store store, Stored* to) {
    const filter_dims d = dims_of(*w.value);
    const std::int64_t block = w.packed.block, window = std::int64_t{w.packed.tile.taps} * w.packed.tile.taps;
    const float* from = w.value->values.data();
    for (std::int64_t first = 0; first < d.filters; first += block)
        for (std::int64_t plane = 0; plane < d.positions; plane += window)
            for (std::int64_t c = 0; c < d.channels; ++c)
                for (std::int64_t p = plane; p < plane + window; ++p, to += block) {
                    const std::int64_t source = w.flip ? d.positions - 1 - p : p;
                    store(from + (source * d.channels + c) * d.filters + first, first, block, to);
                }
}

// {window..., channels, filters} with a square window inside an optional depth.
template <class Store, class Stored>
void pack_winograd(const packed_weight& w, Store store, Stored* to) {
    const filter_dims d = dims_of(*w.value);
    const schedules::winograd_transform& t = schedules::winograd_for(w.packed.tile);
    const std::int64_t window = std::int64_t{t.tile.taps} * t.tile.taps, frequencies = t.tile.frequencies();
    const std::int64_t block = w.packed.block, depth = d.positions / window, cell = d.channels * d.filters;
    std::vector<float> turned(static_cast<std::size_t>(window)), transformed(static_cast<std::size_t>(frequencies));
    for (std::int64_t filter = 0; filter < d.filters; ++filter)
        for (std::int64_t z = 0; z < depth; ++z)
            for (std::int64_t c = 0; c < d.channels; ++c) {
                for (std::int64_t p = 0; p < window; ++p) {
                    const std::int64_t position = z * window + p,
                                       source = w.flip ? d.positions - 1 - position : position;
                    turned[static_cast<std::size_t>(p)] =
                        w.value->values[static_cast<std::size_t>(source * cell + c * d.filters + filter)];
                }
                schedules::transform_filter(t, turned.data(), transformed.data());
                Stored* first = to + filter / block * block * frequencies * depth * d.channels + filter % block;
                for (std::int64_t f = 0; f < frequencies; ++f)
                    store(&transformed[static_cast<std::size_t>(f)], filter, 1,
                          first + ((f * depth + z) * d.channels + c) * block);
            }
}

// {taps along y, along x, channels, filters}: each column of taps in the domain of frequencies.
void pack_rows(const packed_weight& w, float* to) {
    const filter_dims d = dims_of(*w.value);
    const schedules::winograd_transform& t = schedules::winograd_for(w.packed.tile);
    const std::int64_t taps = t.tile.taps, block = w.packed.block;
    for (std::int64_t first = 0; first < d.filters; first += block)
        for (std::int64_t frequency = 0; frequency < t.tile.reach(); ++frequency)
            for (std::int64_t x = 0; x < taps; ++x)
                for (std::int64_t c = 0; c < d.channels; ++c)
                    for (std::int64_t filter = first; filter < first + block; ++filter) {
                        double sum = 0;
                        for (std::int64_t y = 0; y < taps; ++y) {
                            const std::int64_t p = y * taps + x, source = w.flip ? d.positions - 1 - p : p;
                            sum +=
                                t.filter[static_cast<std::size_t>(frequency * taps + y)] *
                                w.value
                                    ->values[static_cast<std::size_t>((source * d.channels + c) * d.filters + filter)];
                        }
                        *to++ = static_cast<float>(sum);
                    }
}

// {1..., channels, filters}: sums of halves of the channels and neighbouring blocks of filters.
void pack_strassen(const packed_weight& w, float* to) {
    const filter_dims d = dims_of(*w.value);
    const std::int64_t block = w.packed.block, half = d.channels / 2;
    for (std::int64_t first = 0; first < d.filters;
         first += 2 * block, to += schedules::strassen_products * half * block)
        for (std::int64_t c = 0; c < half; ++c)
            for (std::int64_t f = 0; f < block; ++f) {
                const float* from = w.value->values.data() + c * d.filters + first + f;
                const std::array<float, schedules::strassen_products> sums = schedules::strassen_weights(
                    from[0], from[block], from[half * d.filters], from[half * d.filters + block]);
                for (std::int64_t p = 0; p < schedules::strassen_products; ++p)
                    to[(p * half + c) * block + f] = sums[static_cast<std::size_t>(p)];
            }
}

void pack_as_is(const packed_weight& w, float* to) {
    const auto& values = w.value->values;
    if (!w.flip) {
        std::copy(values.begin(), values.end(), to);
        return;
    }
    const filter_dims d = dims_of(*w.value);
    const std::int64_t cell = d.channels * d.filters;
    for (std::int64_t p = 0; p < d.positions; ++p)
        std::copy_n(values.data() + (d.positions - 1 - p) * cell, cell, to + p * cell);
}

template <class Store, class Stored>
void pack_blocks(const packed_weight& w, Store store, Stored* to) {
    switch (w.packed.layout) {
        case packing::kind::winograd: return pack_winograd(w, store, to);
        case packing::kind::taps: return pack_taps(w, store, to);
        default: return pack_filters(w, store, to);
    }
}

void pack(const packed_weight& w, std::byte* to) {
    if (w.packed.layout == packing::kind::vector || w.packed.layout == packing::kind::none)
        return pack_as_is(w, reinterpret_cast<float*>(to));
    if (w.packed.layout == packing::kind::strassen) return pack_strassen(w, reinterpret_cast<float*>(to));
    if (w.packed.layout == packing::kind::rows) return pack_rows(w, reinterpret_cast<float*>(to));
    switch (w.packed.stored) {
        case storage::float32: return pack_blocks(w, as_float32{}, reinterpret_cast<float*>(to));
        case storage::bfloat16: return pack_blocks(w, as_bfloat16{}, reinterpret_cast<std::uint16_t*>(to));
        case storage::int8: return pack_blocks(w, as_int8{w.scales->values}, reinterpret_cast<std::int8_t*>(to));
    }
}

}  // namespace

std::int64_t packed_bytes(const dims& shape, element type, const packing& packed) {
    return packed_elements(shape, packed) *
           (packed.stored == storage::float32 ? bytes_of(type) : bytes_of(packed.stored));
}

void pack_weights(const plan& p, std::byte* block) {
    // Padding lanes must be zero: their products are computed and thrown away, but must not be slow (denormals) or
    // trap.
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
        for (std::size_t i = next++; i < p.weights.size(); i = next++) {
            const packed_weight& w = p.weights[i];
            std::byte* to = block + w.byte;
            std::memset(to, 0, static_cast<std::size_t>(w.bytes));
            if (w.value->type != element::float32) {
                const std::vector<std::byte> stored = stored_integers(*w.value);
                std::memcpy(to, stored.data(), stored.size());
                continue;
            }
            pack(w, to);
        }
    };
    std::thread other(work);
    work();
    other.join();
}

}  // namespace kiln::plan
