#include <kiln/runtime/triplets.hpp>

#include <cmath>
#include <string>

#include <kiln/runtime/error.hpp>

namespace kiln {
namespace {

/// Squared distances of all to all, row by row.
std::vector<double> squared_distances(const tensor& embeddings, std::size_t count) {
    const std::size_t each = embeddings.values.size() / count;
    std::vector<double> distances(count * count);
    for (std::size_t i = 0; i < count; ++i)
        for (std::size_t j = 0; j < i; ++j) {
            double sum = 0;
            for (std::size_t k = 0; k < each; ++k) {
                const double d = static_cast<double>(embeddings.values[i * each + k]) -
                                 static_cast<double>(embeddings.values[j * each + k]);
                sum += d * d;
            }
            distances[i * count + j] = distances[j * count + i] = sum;
        }
    return distances;
}

/// A batch as seen from one anchor.
struct surroundings {
    std::size_t anchor;
    const double* distance;  // to each
    std::span<const std::int64_t> labels;

    bool is_positive(std::size_t i) const { return i != anchor && labels[i] == labels[anchor]; }

    /// The nearest of another label with a distance in (above, below); -1: there is none.
    std::int32_t nearest_negative(double above, double below) const {
        std::int32_t nearest = -1;
        for (std::size_t i = 0; i < labels.size(); ++i) {
            if (labels[i] == labels[anchor] || !(distance[i] > above) || !(distance[i] < below)) continue;
            nearest = static_cast<std::int32_t>(i);
            below = distance[i];
        }
        return nearest;
    }
    std::int32_t farthest_positive() const {
        std::int32_t farthest = -1;
        double so_far = -1;
        for (std::size_t i = 0; i < labels.size(); ++i) {
            if (!is_positive(i) || !(distance[i] > so_far)) continue;
            farthest = static_cast<std::int32_t>(i);
            so_far = distance[i];
        }
        return farthest;
    }
};

}  // namespace

std::vector<triplet> mine_triplets(const tensor& embeddings, std::span<const std::int64_t> labels, mining how,
                                   double margin) {
    expect_consistent(embeddings, "embeddings");
    const std::size_t count = labels.size();
    if (embeddings.type != element::float32 || embeddings.shape.empty() ||
        embeddings.shape[0] != static_cast<std::int64_t>(count))
        throw error("triplets are chosen among one float32 embedding for each label, but the embeddings have shape " +
                    shape_text(embeddings.shape) + " and there are " + std::to_string(count) + " labels");
    if (count == 0) return {};
    const std::vector<double> distances = squared_distances(embeddings, count);
    std::vector<triplet> found;
    for (std::size_t anchor = 0; anchor < count; ++anchor) {
        const surroundings around{anchor, distances.data() + anchor * count, labels};
        const auto put = [&](std::int32_t positive, std::int32_t negative) {
            if (positive >= 0 && negative >= 0)
                found.push_back({static_cast<std::int32_t>(anchor), positive, negative});
        };
        if (how == mining::hardest) {
            put(around.farthest_positive(), around.nearest_negative(-1, INFINITY));
            continue;
        }
        for (std::size_t i = 0; i < count; ++i)
            if (around.is_positive(i))
                put(static_cast<std::int32_t>(i),
                    around.nearest_negative(around.distance[i], around.distance[i] + margin));
    }
    return found;
}

}  // namespace kiln
