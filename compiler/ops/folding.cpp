#include <kiln/compiler/ops/folding.hpp>

#include <algorithm>
#include <limits>

#include <kiln/dsl/ops/ops.hpp>

namespace kiln::compiler {
namespace {

constexpr std::int64_t numbers_per_byte = 8, most = std::numeric_limits<std::int64_t>::max() / 4;

}  // namespace

void folding_allowance::grant(std::uint64_t bytes) {
    left_ += numbers_per_byte * static_cast<std::int64_t>(std::min<std::uint64_t>(bytes, most / numbers_per_byte));
    left_ = std::min(left_, most);
}

bool folding_allowance::take(std::int64_t numbers) {
    if (numbers < 0 || numbers > left_) return false;
    left_ -= numbers;
    return true;
}

std::int64_t folding_work(op kind, const attribute_words& words, std::span<const dims> in, const dims& out) {
    std::int64_t work = out.volume();
    const auto more = [&](std::int64_t numbers) { work = std::min(work, most) + std::min(numbers, most); };
    for (const dims& d : in) more(d.volume());
    more(cost_of(kind, words, in, out).operations);
    return work;
}

}  // namespace kiln::compiler
