// Packs weights into the layouts kernels read (schedules/kernel.hpp, packing).
#include <algorithm>
#include <atomic>
#include <cstring>
#include <thread>

#include <kiln/compiler/plan/make_plan.hpp>

namespace kiln::plan {
namespace {

using schedules::packing;

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

void pack_filters(const packed_weight& w, float* to) {
    const filter_dims d = dims_of(*w.value);
    const std::int64_t block = w.packed.block;
    const float* from = w.value->values.data();
    for (std::int64_t first = 0; first < d.filters; first += block) {
        const std::int64_t count = std::min(block, d.filters - first);
        for (std::int64_t p = 0; p < d.positions; ++p) {
            const std::int64_t source = w.flip ? d.positions - 1 - p : p;
            for (std::int64_t c = 0; c < d.channels; ++c, to += block)
                std::copy_n(from + (source * d.channels + c) * d.filters + first, count, to);
        }
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

}  // namespace

void pack_weights(const plan& p, std::byte* block) {
    // Padding lanes must be zero: their products are computed and thrown away, but must not be slow (denormals) or
    // trap.
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
        for (std::size_t i = next++; i < p.weights.size(); i = next++) {
            const packed_weight& w = p.weights[i];
            auto* to = reinterpret_cast<float*>(block + w.byte);
            std::memset(to, 0, static_cast<std::size_t>(w.bytes));
            if (w.value->type != element::float32) {
                const std::vector<std::byte> stored = stored_integers(*w.value);
                std::memcpy(block + w.byte, stored.data(), stored.size());
                continue;
            }
            w.packed.layout == packing::kind::filters ? pack_filters(w, to) : pack_as_is(w, to);
        }
    };
    std::thread other(work);
    work();
    other.join();
}

}  // namespace kiln::plan
