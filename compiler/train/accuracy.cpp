#include <kiln/compiler/train/accuracy.hpp>

#include <algorithm>
#include <span>

namespace kiln::train {
namespace {

std::int64_t class_of(std::span<const float> row) {
    if (row.size() == 1) return static_cast<std::int64_t>(row[0]);
    return std::ranges::max_element(row) - row.begin();
}

}  // namespace

std::int64_t count_correct(const tensor& scores, const tensor& labels, std::int64_t count) {
    const auto samples = static_cast<std::size_t>(scores.shape[0]);
    const std::size_t width = scores.values.size() / samples, label_width = labels.values.size() / samples;
    std::int64_t correct = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
        const std::span<const float> row = std::span(scores.values).subspan(i * width, width);
        const std::int64_t said = width == 1 ? row[0] > 0 : class_of(row);
        correct += said == class_of(std::span(labels.values).subspan(i * label_width, label_width));
    }
    return correct;
}

}  // namespace kiln::train
