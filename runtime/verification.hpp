// How well scores tell "the same" from "different": the receiver operating characteristic of a verifier (Fawcett 2006,
// "An introduction to ROC analysis", algorithm 1).
#pragma once

#include <span>
#include <vector>

namespace kiln {

/// A pair that was scored: the higher, the more alike; and the truth.
struct scored_pair {
    double score = 0;
    bool same = false;
};

/// At threshold `score` (pairs scored that high are called the same): the share of different pairs that are called the
/// same, and the share of same pairs that are.
struct roc_point {
    double score = 0, false_accepts = 0, true_accepts = 0;
};

struct roc {
    std::vector<roc_point> points;  // from (0, 0) to (1, 1); equal scores are one step
    double area = 0;                // under the curve: 0.5 is chance, 1 is perfect
    double best_accuracy = 0;       // of the best threshold
    double best_threshold = 0;
};

/// Throws kiln::error unless there are pairs of both kinds and all scores are numbers.
roc roc_of(std::span<const scored_pair> pairs);

}  // namespace kiln
