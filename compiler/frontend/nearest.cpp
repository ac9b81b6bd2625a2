#include <kiln/compiler/frontend/nearest.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

namespace kiln::frontend {
namespace {

/// Levenshtein's distance: insertions, deletions and replacements of one letter.
int distance(const std::string& a, const std::string& b) {
    std::vector<int> row(b.size() + 1);
    std::iota(row.begin(), row.end(), 0);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        int diagonal = row[0];
        row[0] = static_cast<int>(i);
        for (std::size_t k = 1; k <= b.size(); ++k) {
            const int replaced = diagonal + (a[i - 1] != b[k - 1]);
            diagonal = row[k];
            row[k] = std::min({row[k] + 1, row[k - 1] + 1, replaced});
        }
    }
    return row.back();
}

}  // namespace

std::vector<std::string> nearest(const std::string& mistaken, std::span<const std::string> names) {
    std::vector<std::pair<int, std::string>> ranked;
    for (const std::string& name : names) {
        const bool contained =
            mistaken.size() >= 3 && (name.find(mistaken) != name.npos || mistaken.find(name) != name.npos);
        const int far = distance(mistaken, name);
        if (contained || far <= std::max<int>(2, static_cast<int>(mistaken.size()) / 3))
            ranked.emplace_back(contained ? std::min(far, 1) : far, name);
    }
    std::ranges::stable_sort(ranked, {}, [](const auto& r) { return r.first; });
    std::vector<std::string> best;
    for (std::size_t i = 0; i < ranked.size() && i < 3; ++i) best.push_back(ranked[i].second);
    return best;
}

std::string did_you_mean(const std::string& mistaken, std::span<const std::string> names) {
    const std::vector<std::string> best = nearest(mistaken, names);
    return best.empty() ? std::string() : fmt::format(" (did you mean {}?)", fmt::join(best, ", "));
}

}  // namespace kiln::frontend
