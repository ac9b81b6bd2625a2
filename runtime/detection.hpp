// Boxes, and what a detector's raw output is read with: intersection over union, non-max suppression, anchors, and the
// grid of YOLO in both directions. Plain arithmetic on the outputs of any model, compiled ahead of time or not.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <kiln/runtime/tensor.hpp>

namespace kiln {

/// A rectangle by its midpoint (x to the right, y downwards) and size, in any unit: usually shares of the image.
struct box {
    float x = 0, y = 0, height = 0, width = 0;
    friend bool operator==(const box&, const box&) = default;
};

/// Area of the intersection over area of the union, 0 to 1; 0 where a box has no area.
float intersection_over_union(const box& a, const box& b);

/// An object in an image: there, or found with some confidence.
struct object {
    box where;
    std::int32_t label = 0;
    float confidence = 1;
};

struct suppression {
    float least_confidence = 0.6F;  // objects below are dropped
    float most_overlap = 0.5F;      // of an object with a more confident one of its class; from there on it is dropped
};

/// Non-max suppression, class by class: takes the most confident object, drops what overlaps it too much, and so on
/// (greedy, as in Girshick et al. 2014, arXiv:1311.2524, section 2.2). Result by falling confidence; equals keep their
/// order. Objects whose confidence is no number are dropped.
std::vector<object> suppress(std::vector<object> found, const suppression& limits = {});

/// The shape an anchor box stands for, in the unit of the boxes.
struct anchor {
    float height = 1, width = 1;
};

/// Which anchor is most like a box when their midpoints are laid on each other; of equals the first. At least one.
std::size_t nearest_anchor(const box& b, std::span<const anchor> anchors);

/// A grid of cells with anchors, as YOLO describes an image: {rows, columns, anchors * (5 + classes)} values. Each
/// anchor of a cell has p_c (1: an object), the midpoint b_x, b_y inside the cell (0 to 1), the size b_h, b_w in cells,
/// and one value for each class (Redmon et al. 2016, arXiv:1506.02640, section 2; anchors as in arXiv:1612.08242).
/// Boxes outside are in shares of the image.
struct yolo_grid {
    std::int32_t rows = 1, columns = 1;
    std::vector<anchor> anchors{{}};
    std::int32_t classes = 1;

    std::int64_t values_of_anchor() const { return 5 + classes; }
    std::vector<std::int64_t> shape() const;

    /// What a network should answer: an object belongs to the cell that holds its midpoint and to the anchor most like
    /// it. Where two objects want one place, the second takes the most similar anchor that is free; when none is, it is
    /// left out. Throws kiln::error for an object whose midpoint is outside the image or whose label is no class.
    tensor target(std::span<const object> objects) const;

    /// The objects of a network's answer whose confidence (p_c times the value of the likeliest class) is not below
    /// `least_confidence`; nothing is suppressed yet. Throws kiln::error unless there are as many values as the grid
    /// has.
    std::vector<object> objects(std::span<const float> answer, float least_confidence = 0.6F) const;
};

}  // namespace kiln
