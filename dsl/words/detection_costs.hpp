// Costs of finding objects. A description of an object begins with p_c, 1 where there is one and 0 where there is none;
// what follows counts only where there is one ("don't care" otherwise).
//   localization_loss(prediction, target)       [p_c, b_x, b_y, b_h, b_w, c_1, ...] for the whole picture
//   landmark_loss(prediction, target)           [l_1x, l_1y, ...], or [p_c, l_1x, l_1y, ...]
//   yolo_loss(prediction, target, 2_c)          2 such boxes for each cell of a grid
#pragma once

#include <kiln/dsl/words/pad.hpp>
#include <kiln/dsl/words/squared_error.hpp>

namespace kiln::dsl {

/// Squared differences, each times its weight: one set of weights where the target's first channel says that there is
/// an object, another where it says that there is none.
template <std::size_t Channels, class Prediction, class Target>
constexpr auto object_error(const Prediction& prediction, const Target& target,
                            const std::array<float, Channels>& present, const std::array<float, Channels>& absent) {
    using channels = shape<static_cast<std::int32_t>(Channels)>;
    const auto object = strip<Target::extents.rank - 1, 0, 1, 1>(target);
    const auto weight =
        where(object > 0.5F, given<channels>(target.graph, present), given<channels>(target.graph, absent));
    const auto difference = prediction - target;
    return summed(difference * difference * weight);
}

struct localization_loss_cost : cost_word<localization_loss_cost, 2> {
    static constexpr mistake misuse(const dims& prediction, const dims& target) {
        if (target.channels() < 2) return mistake::nothing_to_locate;
        return same_shapes(prediction, target);
    }

    template <class Prediction, class Target>
    constexpr auto of(const Prediction& prediction, const Target& target) const {
        std::array<float, Target::extents.channels()> present{}, absent{};
        for (float& weight : present) weight = 1;
        absent[0] = 1;
        return object_error(prediction, target, present, absent);
    }
};
inline constexpr localization_loss_cost localization_loss{};

struct landmark_loss_cost : cost_word<landmark_loss_cost, 2> {
    static constexpr mistake misuse(const dims& prediction, const dims& target) {
        if (target.channels() < 2) return mistake::nothing_to_locate;
        return same_shapes(prediction, target);
    }

    template <class Prediction, class Target>
    constexpr auto of(const Prediction& prediction, const Target& target) const {
        if constexpr (Target::extents.channels() % 2 == 0)
            return squared_error(prediction, target);
        else
            return localization_loss(prediction, target);
    }
};
inline constexpr landmark_loss_cost landmark_loss{};

/// Redmon et al. 2016, arXiv:1506.02640, equation 3, with p_c itself as the target of the confidence and b_h, b_w as
/// they are given (the paper's are square roots).
template <std::int32_t Boxes>
struct yolo_loss_cost : cost_word<yolo_loss_cost<Boxes>, 2> {
    float coordinates = 5, no_object = 0.5F;

    static constexpr mistake misuse(const dims& prediction, const dims& target) {
        if (target.rank < 2 || Boxes < 1 || target.channels() % Boxes != 0 || target.channels() / Boxes < 5)
            return mistake::boxes_of_cells;
        return same_shapes(prediction, target);
    }

    template <class Prediction, class Target>
    constexpr auto of(const Prediction& prediction, const Target& target) const {
        constexpr std::int32_t values = Target::extents.channels() / Boxes;
        constexpr dims boxes =
            dims::of(static_cast<std::int32_t>(Target::extents.volume() / Target::extents.channels()), Boxes, values);
        std::array<float, values> present{}, absent{};
        for (std::size_t i = 0; i < present.size(); ++i) present[i] = i >= 1 && i <= 4 ? coordinates : 1;
        absent[0] = no_object;
        return object_error(reshaped<boxes>(prediction), reshaped<boxes>(target), present, absent);
    }
};

/// yolo_loss(prediction, target, boxes_c), or with other weights for coordinates and for boxes without an object:
/// yolo_loss(prediction, target, 2_c, 5, 0.5).
template <class Prediction, class Target, class Boxes, number Coordinates = float, number NoObject = float>
constexpr auto yolo_loss(const Prediction& prediction, const Target& target, const Boxes&, Coordinates coordinates = 5,
                         NoObject no_object = 0.5F) {
    if constexpr (!constant<Boxes>) {
        report<mistaken<mistake::not_a_constant, Boxes>>();
        return tensor_of<unknown>{};
    } else {
        yolo_loss_cost<value_of<Boxes>> loss;
        loss.coordinates = static_cast<float>(coordinates);
        loss.no_object = static_cast<float>(no_object);
        return loss(prediction, target);
    }
}

}  // namespace kiln::dsl
