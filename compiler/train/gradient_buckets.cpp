#include <kiln/compiler/train/gradient_buckets.hpp>

#include <algorithm>
#include <numeric>

namespace kiln::train {
namespace {

constexpr std::size_t aligned_floats = 16;  // 64 bytes

/// For each gradient the end of the steps that write or read it.
std::vector<int> ends_of_use(const plan::plan& p, int first_output, std::size_t count) {
    std::vector<int> ends(count, 0);
    for (std::size_t s = 0; s < p.steps.size(); ++s) {
        const auto use = [&](const plan::place& at) {
            const int which = at.index - first_output;
            if (at.where == plan::space::output && which >= 0 && static_cast<std::size_t>(which) < count)
                ends[static_cast<std::size_t>(which)] = static_cast<int>(s) + 1;
        };
        use(p.steps[s].output);
        std::ranges::for_each(p.steps[s].inputs, use);
    }
    return ends;
}

}  // namespace

gradient_buckets::gradient_buckets(const plan::plan& p, int first_output, std::span<const std::size_t> sizes,
                                   std::size_t least_bytes)
    : gradients_(sizes.size()) {
    const std::vector<int> ends = ends_of_use(p, first_output, sizes.size());
    std::vector<std::size_t> order(sizes.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return ends[i]; });

    const auto padded = [&](std::size_t i) {
        return (sizes[i] + aligned_floats - 1) / aligned_floats * aligned_floats;
    };
    std::size_t all = 0;
    for (const std::size_t i : order) all += padded(i);
    block_.resize(all * sizeof(float));
    std::ranges::fill(block_, std::byte{});
    const std::span<float> values(reinterpret_cast<float*>(block_.data()), all);

    std::size_t begin = 0, end = 0;  // of the bucket that is being filled
    for (const std::size_t i : order) {
        gradients_[i] = values.subspan(end, sizes[i]);
        end += padded(i);
        if ((end - begin) * sizeof(float) < least_bytes && i != order.back()) continue;
        buckets_.push_back({ends[i], values.subspan(begin, end - begin)});
        begin = end;
    }
}

}  // namespace kiln::train
