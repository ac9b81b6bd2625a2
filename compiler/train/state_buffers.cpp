#include <kiln/compiler/train/state_buffers.hpp>

#include <algorithm>
#include <bit>

namespace kiln::train {
namespace {

/// Not isfinite, which keeps loops from being vectorised.
bool all_finite(const float* values, std::size_t count) {
    constexpr std::uint32_t exponent = 0x7f800000;
    std::uint32_t wrong = 0;
    for (std::size_t i = 0; i < count; ++i)
        wrong |= static_cast<std::uint32_t>((std::bit_cast<std::uint32_t>(values[i]) & exponent) == exponent);
    return wrong == 0;
}

}  // namespace

state_buffers::state_buffers(const std::vector<state_tensor>& state, const std::vector<bool>& changes) {
    for (std::size_t i = 0; i < state.size(); ++i) {
        const tensor& initial = state[i].initial;
        const std::size_t bytes = initial.size() * static_cast<std::size_t>(bytes_of(initial.type));
        entry e{initial.shape, initial.type, changes[i]};
        e.places[0].resize(bytes);
        if (changes[i]) e.places[1].resize(bytes);
        entries_.push_back(std::move(e));
        set(i, initial);
    }
}

const compiler::aligned_block& state_buffers::block(std::size_t i, int which) const {
    const entry& e = entries_[i];
    return e.places[e.changes ? static_cast<std::size_t>(which) : 0];
}

bool state_buffers::next_is_finite(std::size_t i) const {
    const compiler::aligned_block& written = block(i, 1 - current_);
    return entries_[i].type != element::float32 ||
           all_finite(reinterpret_cast<const float*>(written.data()), written.size() / sizeof(float));
}

tensor state_buffers::value(std::size_t i) const {
    const entry& e = entries_[i];
    const compiler::aligned_block& from = block(i, current_);
    tensor t = zeros(e.shape, e.type);
    if (e.type == element::float32)
        std::ranges::copy(from, reinterpret_cast<std::byte*>(t.values.data()));
    else
        load_integers(from, t);
    return t;
}

void state_buffers::set(std::size_t i, const tensor& value) {
    std::vector<std::byte> storage;
    entry& e = entries_[i];
    std::ranges::copy(stored(value, storage), e.places[e.changes ? static_cast<std::size_t>(current_) : 0].begin());
}

}  // namespace kiln::train
