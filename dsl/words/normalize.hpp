// Normalisations computed from the tensor itself: y = (x - mean) / sqrt(variance + epsilon) * scale + shift, mean and
// variance over
//   instance_norm      the positions of one channel (Ulyanov, Vedaldi, Lempitsky 2016, arXiv:1607.08022)
//   layer_norm         the channels of one position (Ba, Kiros, Hinton 2016, arXiv:1607.06450)
//   group_norm(32_c)   positions and a group of channels (Wu, He 2018, arXiv:1803.08494)
// with a learned scale and shift for each channel. l2_normalize divides by the length of each position's channels and
// learns nothing.
#pragma once

#include <kiln/dsl/composition.hpp>

namespace kiln::dsl {

/// x with a learned factor for each channel, or a learned summand.
template <class Rules, role Kind>
struct learned_layer : layer<learned_layer<Rules, Kind>> {
    using rules = Rules;
    static constexpr no_attributes attributes_on(const dims&) { return {}; }
    static constexpr bag<operand> operands_on(const dims& x) {
        bag<operand> brought;
        brought.put({Kind, dims::of(x.channels()), 1});
        return brought;
    }
};
inline constexpr learned_layer<ops::multiply, role::scale> learned_scale{};
inline constexpr learned_layer<ops::add, role::shift> learned_shift{};

/// Mean 0 and variance 1 over the axes of `over`.
template <class Over, class X>
constexpr auto standardized(const X& x, const Over& over, float epsilon) {
    const auto centred = x - over(x);
    return centred / sqrt(over(centred * centred) + epsilon);
}

/// What the three have in common: epsilon, and instance_norm(1e-3) for another.
template <class Itself>
struct normalization : composition<Itself> {
    using composition<Itself>::operator();
    float epsilon = 1e-5F;

    constexpr Itself operator()(number auto other_epsilon) const {
        Itself changed;
        changed.epsilon = static_cast<float>(other_epsilon);
        return changed;
    }
};

struct instance_norm_block : normalization<instance_norm_block> {
    static constexpr mistake misuse(const dims& x) {
        return has_spatial_axes(x) ? mistake::none : mistake::no_spatial_axes;
    }
    template <class X>
    constexpr auto on(const X& x) const {
        return standardized(x, mean_over(spatial), epsilon) | learned_scale | learned_shift;
    }
};
inline constexpr instance_norm_block instance_norm{};

struct layer_norm_block : normalization<layer_norm_block> {
    template <class X>
    constexpr auto on(const X& x) const {
        return standardized(x, reduce_layer<reduce_function::mean, -1>{}, epsilon) | learned_scale | learned_shift;
    }
};
inline constexpr layer_norm_block layer_norm{};

template <std::int32_t Groups>
struct group_norm_block : normalization<group_norm_block<Groups>> {
    static constexpr mistake misuse(const dims& x) {
        if (!has_spatial_axes(x)) return mistake::no_spatial_axes;
        return Groups >= 1 && x.channels() % Groups == 0 ? mistake::none : mistake::groups_of_channels;
    }
    template <class Shape>
    constexpr auto on(tensor_of<Shape> x) const {
        constexpr std::int32_t each = Shape::value.channels() / Groups;
        constexpr dims apart = dims::of(Shape::value.volume() / Shape::value.channels(), Groups, each);
        const auto groups =
            standardized(reshaped<apart>(x), reduce_layer<reduce_function::mean, 0, 2>{}, this->epsilon);
        return reshaped<Shape::value>(groups) | learned_scale | learned_shift;
    }
};
template <class Groups>
constexpr auto group_norm(const Groups& groups) {
    return one_size<group_norm_block>(groups);
}

struct l2_normalize_block : composition<l2_normalize_block> {
    template <class X>
    constexpr auto on(const X& x) const {
        return x / maximum(reduce_layer<reduce_function::l2, -1>{}(x), 1e-12F);
    }
};
/// x | l2_normalize: x / max(|x|, 1e-12) over the channels.
inline constexpr l2_normalize_block l2_normalize{};

}  // namespace kiln::dsl
