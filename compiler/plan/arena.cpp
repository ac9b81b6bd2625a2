#include <kiln/compiler/plan/arena.hpp>

#include <algorithm>
#include <numeric>

namespace kiln::plan {
namespace {

std::int64_t aligned(std::int64_t bytes) { return (bytes + alignment - 1) / alignment * alignment; }

bool meet(const lifetime& a, const lifetime& b) { return a.first <= b.last && b.first <= a.last; }

}  // namespace

std::int64_t assign_offsets(std::vector<lifetime>& buffers) {
    std::vector<std::size_t> order(buffers.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return buffers[a].bytes > buffers[b].bytes; });
    std::vector<const lifetime*> placed;  // by offset
    std::int64_t end = 0;
    for (const std::size_t i : order) {
        lifetime& b = buffers[i];
        if (b.first < 0) continue;
        std::int64_t byte = 0;
        for (const lifetime* p : placed) {
            if (!meet(b, *p)) continue;
            if (byte + aligned(b.bytes) <= p->byte) break;
            byte = std::max(byte, p->byte + aligned(p->bytes));
        }
        b.byte = byte;
        end = std::max(end, byte + aligned(b.bytes));
        placed.insert(std::upper_bound(placed.begin(), placed.end(), &b,
                                       [](const lifetime* x, const lifetime* y) { return x->byte < y->byte; }),
                      &b);
    }
    return end;
}

void grow_into_gap(std::vector<lifetime>& buffers, std::size_t which, std::int64_t wanted, std::int64_t end) {
    lifetime& grown = buffers[which];
    std::vector<const lifetime*> others;  // by offset
    for (const lifetime& b : buffers)
        if (&b != &grown && b.first >= 0 && meet(b, grown)) others.push_back(&b);
    std::sort(others.begin(), others.end(), [](const lifetime* x, const lifetime* y) { return x->byte < y->byte; });
    std::int64_t begin = 0;
    const auto consider = [&](std::int64_t limit) {
        const std::int64_t bytes = std::min(wanted, limit - begin);
        if (bytes > grown.bytes) grown.byte = begin, grown.bytes = bytes;
    };
    for (const lifetime* b : others) {
        consider(b->byte);
        begin = std::max(begin, b->byte + aligned(b->bytes));
    }
    consider(end);
}

}  // namespace kiln::plan
