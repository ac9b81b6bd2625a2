#include <algorithm>
#include <kiln/runtime/data/batches.hpp>
#include <kiln/runtime/random.hpp>

namespace kiln::data {

batch make_batch(const selection& s, std::int64_t first, std::int64_t size, std::span<const intake> intakes,
                 const augmentation& a, std::uint64_t key) {
    batch b{first, std::min(size, s.count() - first), {}};
    for (std::size_t i = 0; i < intakes.size(); ++i) {
        const intake& in = intakes[i];
        const bool changes = i == 0 && a.any();
        std::vector<std::int64_t> shape{size};
        shape.insert(shape.end(), in.shape.begin(), in.shape.end());
        tensor input = zeros(std::move(shape));
        const auto volume = static_cast<std::size_t>(in.volume());
        for (std::int64_t n = 0; n < size; ++n) {
            const std::int64_t sample = s.samples[static_cast<std::size_t>(first + (n < b.real ? n : 0))];
            const std::span<float> to = std::span(input.values).subspan(static_cast<std::size_t>(n) * volume, volume);
            take(s.from->fields[i], sample, in, to);
            if (!changes) continue;
            // Levels have a black of their own; of other numbers it is 0.
            const std::vector<float> zero(static_cast<std::size_t>(in.shape.back()));
            augment(to, in.shape, a, in.scale.empty() ? std::span(zero) : std::span(in.scale).first(zero.size()),
                    part_key(key, static_cast<std::uint64_t>(sample)));
        }
        b.inputs.push_back(std::move(input));
    }
    return b;
}

std::int64_t batches_in(const selection& s, std::int64_t size) { return (s.count() + size - 1) / size; }
std::int64_t whole_batches_in(const selection& s, std::int64_t size) { return s.count() / size; }

}  // namespace kiln::data
