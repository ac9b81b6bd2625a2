// Triplets worth learning from, chosen among embeddings of a batch (Schroff, Kalenichenko, Philbin 2015,
// arXiv:1503.03832, section 3.2). Most triplets satisfy triplet_loss already and teach nothing.
//
// They are chosen between two compiled functions, the one that embeds and the step that learns: what is close to what
// depends on a batch's labels and on comparisons of all with all, no gradient goes through it, and a pool to choose
// from can be larger than the batch of a step.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <kiln/runtime/tensor.hpp>

namespace kiln {

/// Places in the batch.
struct triplet {
    std::int32_t anchor = 0, positive = 0, negative = 0;
    friend bool operator==(const triplet&, const triplet&) = default;
};

enum class mining {
    /// For every pair of one label, the nearest negative that is farther than the positive, if it lies within the
    /// margin: |a - p|^2 < |a - n|^2 < |a - p|^2 + margin. Pairs without one make no triplet.
    semi_hard,
    /// For every anchor the farthest positive and the nearest negative (Hermans, Beyer, Leibe 2017, arXiv:1703.07737,
    /// equation 5: "batch hard"). Early in training this can make all embeddings one: semi_hard does not.
    hardest,
};

/// `embeddings`: {n, values...}, float32; `labels`: n numbers of who or what is embedded. Anchors in order, their
/// positives in order; of equally near ones the first. Throws kiln::error where the two do not fit.
std::vector<triplet> mine_triplets(const tensor& embeddings, std::span<const std::int64_t> labels, mining how,
                                   double margin = 0.2);

}  // namespace kiln
