#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include <kiln/runtime/detection.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln {
namespace {

/// How far two stretches of the given middles and lengths overlap.
float overlap(float middle, float length, float other_middle, float other_length) {
    const float begin = std::max(middle - length / 2, other_middle - other_length / 2);
    const float end = std::min(middle + length / 2, other_middle + other_length / 2);
    return std::max(end - begin, 0.0F);
}

float likeness(const box& b, const anchor& a) {
    return intersection_over_union({0, 0, b.height, b.width}, {0, 0, a.height, a.width});
}

}  // namespace

float intersection_over_union(const box& a, const box& b) {
    const float common = overlap(a.x, a.width, b.x, b.width) * overlap(a.y, a.height, b.y, b.height);
    const float all = a.height * a.width + b.height * b.width - common;
    return common > 0 && all > 0 ? common / all : 0;
}

std::vector<object> suppress(std::vector<object> found, const suppression& limits) {
    std::erase_if(found, [&](const object& o) { return !(o.confidence >= limits.least_confidence); });
    std::ranges::stable_sort(found, std::greater<>(), &object::confidence);
    std::vector<object> kept;
    for (const object& o : found) {
        const bool repeats = std::ranges::any_of(kept, [&](const object& k) {
            return k.label == o.label && intersection_over_union(k.where, o.where) >= limits.most_overlap;
        });
        if (!repeats) kept.push_back(o);
    }
    return kept;
}

std::size_t nearest_anchor(const box& b, std::span<const anchor> anchors) {
    const auto best = std::ranges::max_element(anchors, {}, [&](const anchor& a) { return likeness(b, a); });
    return static_cast<std::size_t>(best - anchors.begin());
}

std::vector<std::int64_t> yolo_grid::shape() const {
    return {rows, columns, static_cast<std::int64_t>(anchors.size()) * values_of_anchor()};
}

tensor yolo_grid::target(std::span<const object> objects) const {
    tensor t = zeros(shape());
    for (const object& o : objects) {
        // Written so that what is no number is refused too.
        if (!(o.where.x >= 0 && o.where.x < 1 && o.where.y >= 0 && o.where.y < 1))
            throw error(fmt::format("an object's midpoint ({}, {}) is outside the image, which reaches from 0 to 1",
                                    o.where.x, o.where.y));
        if (o.label < 0 || o.label >= classes)
            throw error(fmt::format("an object's label is {}, but there are {} classes, from 0", o.label, classes));
        const float x = o.where.x * static_cast<float>(columns), y = o.where.y * static_cast<float>(rows);
        const auto column = std::min(static_cast<std::int32_t>(x), columns - 1);
        const auto row = std::min(static_cast<std::int32_t>(y), rows - 1);

        std::vector<std::size_t> order(anchors.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t a) { return likeness(o.where, anchors[a]); });
        for (const std::size_t a : order) {
            const auto first =
                ((row * columns + column) * static_cast<std::int64_t>(anchors.size()) + static_cast<std::int64_t>(a)) *
                values_of_anchor();
            float* values = t.values.data() + first;
            if (values[0] != 0) continue;
            values[0] = 1;
            values[1] = x - static_cast<float>(column);
            values[2] = y - static_cast<float>(row);
            values[3] = o.where.height * static_cast<float>(rows);
            values[4] = o.where.width * static_cast<float>(columns);
            values[5 + o.label] = 1;
            break;
        }
    }
    return t;
}

std::vector<object> yolo_grid::objects(std::span<const float> answer, float least_confidence) const {
    const std::int64_t boxes = std::int64_t{rows} * columns * static_cast<std::int64_t>(anchors.size());
    if (static_cast<std::int64_t>(answer.size()) != boxes * values_of_anchor())
        throw error(fmt::format("a grid of {} has {} values, not {}", shape_text(shape()), boxes * values_of_anchor(),
                                answer.size()));
    std::vector<object> found;
    for (std::int64_t b = 0; b < boxes; ++b) {
        const auto values = answer.subspan(static_cast<std::size_t>(b * values_of_anchor()),
                                           static_cast<std::size_t>(values_of_anchor()));
        const auto likeliest = std::ranges::max_element(values.subspan(5));
        const float confidence = values[0] * *likeliest;
        if (!(confidence >= least_confidence)) continue;
        const std::int64_t cell = b / static_cast<std::int64_t>(anchors.size());
        const auto column = static_cast<float>(cell % columns), row = static_cast<float>(cell / columns);
        found.push_back(
            {{(column + values[1]) / static_cast<float>(columns), (row + values[2]) / static_cast<float>(rows),
              values[3] / static_cast<float>(rows), values[4] / static_cast<float>(columns)},
             static_cast<std::int32_t>(likeliest - values.subspan(5).begin()),
             confidence});
    }
    return found;
}

}  // namespace kiln
