#include <algorithm>
#include <cmath>
#include <limits>

#include <kiln/runtime/error.hpp>
#include <kiln/runtime/verification.hpp>

namespace kiln {

roc roc_of(std::span<const scored_pair> pairs) {
    std::vector<scored_pair> sorted(pairs.begin(), pairs.end());
    if (std::ranges::any_of(sorted, [](const scored_pair& p) { return std::isnan(p.score); }))
        throw error("a pair's score is not a number");
    std::ranges::stable_sort(sorted, std::greater<>(), &scored_pair::score);
    const auto same = static_cast<double>(std::ranges::count(sorted, true, &scored_pair::same));
    const double different = static_cast<double>(sorted.size()) - same;
    if (same == 0 || different == 0)
        throw error("a verifier is judged by pairs that are the same and pairs that are not");

    roc curve;
    curve.points.push_back({std::numeric_limits<double>::infinity(), 0, 0});
    double accepted_same = 0, accepted_different = 0;
    for (std::size_t i = 0; i < sorted.size();) {
        const double score = sorted[i].score;
        for (; i < sorted.size() && sorted[i].score == score; ++i)
            ++(sorted[i].same ? accepted_same : accepted_different);
        const roc_point before = curve.points.back();
        const roc_point at{score, accepted_different / different, accepted_same / same};
        curve.points.push_back(at);
        curve.area += (at.false_accepts - before.false_accepts) * (at.true_accepts + before.true_accepts) / 2;
        const double accuracy = (accepted_same + different - accepted_different) / (same + different);
        if (accuracy > curve.best_accuracy) {
            curve.best_accuracy = accuracy;
            curve.best_threshold = score;
        }
    }
    return curve;
}

}  // namespace kiln
