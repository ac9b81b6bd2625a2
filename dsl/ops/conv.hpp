// Convolution of rank 1, 2 and 3 as one operator: strided, dilated, grouped (depthwise when groups = channels), padded.
//
//   y[o, f] = bias[f] + sum over k, c of  x[o * stride + k * dilation - pad_before, g(f) * C/groups + c] * w[k, c, f]
//
// with x zero outside its extents and g(f) the filter's group. This is cross-correlation, as in every deep-learning
// framework; with `flip` it is the mathematical convolution (the filter turned by 180 degrees).
#pragma once

#include <kiln/dsl/filter.hpp>
#include <kiln/dsl/ops/window.hpp>
#include <kiln/dsl/sliding.hpp>
#include <kiln/dsl/spelled.hpp>

namespace kiln::ops {

struct conv {
    struct attributes {
        std::int32_t filters = 1;
        window slide;
        std::int32_t groups = 1;
        std::int32_t flip = 0;
    };

    /// The filter tensor's dims for an input: {window..., channels / groups, filters}.
    static constexpr dims weight(const attributes& a, const dims& x) {
        dims w = x;
        for (int axis = 0; axis < x.spatial_rank(); ++axis) w[axis] = a.slide.extent[axis];
        w[x.rank - 1] = x.channels() / (a.groups < 1 ? 1 : a.groups);
        w.rank = x.rank + 1;
        w[w.rank - 1] = a.filters;
        return w;
    }

    /// Operands: x, w[, bias].
    static constexpr inferred infer(const attributes& a, std::span<const dims> in) {
        if (in.size() != 2 && in.size() != 3) return refuse(fault::operand_count);
        const dims& x = in[0];
        const inferred out = kiln::ops::slide(x, a.slide, a.filters);
        if (!out) return out;
        if (a.groups < 1) return refuse(fault::window_below_one);
        if (x.channels() % a.groups != 0 || a.filters % a.groups != 0) return refuse(fault::groups_do_not_divide);
        if (!(in[1] == weight(a, x))) return refuse(fault::weight_shape);
        if (in.size() == 3 && !(in[2] == dims::of(a.filters))) return refuse(fault::channel_vector);
        return out;
    }

    static constexpr kiln::cost cost(const attributes& a, std::span<const dims> in, const dims& out) {
        const std::int64_t per_output = window_volume(a.slide, in[0].spatial_rank()) * (in[0].channels() / a.groups);
        return {out.volume() * per_output, out.volume() * (2 * per_output + (in.size() == 3 ? 1 : 0))};
    }
};

}  // namespace kiln::ops

namespace kiln::dsl {

/// The learned operands of a convolution with attributes `a` on `x`.
constexpr bag<operand> filter_and_bias(const ops::conv::attributes& a, const dims& x, bool with_bias) {
    const bool slides = x.rank >= 2 && x.rank <= 4;  // if not, the shape rule refuses it, whatever the filter
    const dims filter = slides ? ops::conv::weight(a, x) : x;
    bag<operand> brought;
    std::int64_t inputs = 1;
    for (int axis = 0; slides && axis < x.rank; ++axis) inputs *= filter[axis];
    const std::int32_t fan_in = held_in_int32(inputs);
    brought.put({role::weight, filter, fan_in});
    if (with_bias) brought.put({role::bias, dims::of(a.filters), fan_in});
    return brought;
}

/// A convolution with `Filters` learned filters.
template <std::int32_t Filters, class... Options>
struct conv_layer : layer<conv_layer<Filters, Options...>> {
    using rules = ops::conv;
    static constexpr settings said = settings_of<Options...>();

    static constexpr mistake misuse(const dims& x) { return check_ranks(said, x); }
    static constexpr ops::conv::attributes attributes_on(const dims& x) {
        return {Filters, window_on(said, x, false), said.groups, said.flip};
    }
    static constexpr bag<operand> operands_on(const dims& x) { return filter_and_bias(attributes_on(x), x, said.bias); }
};

/// A convolution in which every channel has `multiplier` filters of its own.
template <class... Options>
struct depthwise_layer : layer<depthwise_layer<Options...>> {
    using rules = ops::conv;
    static constexpr settings said = settings_of<Options...>();

    static constexpr mistake misuse(const dims& x) { return check_ranks(said, x); }
    static constexpr ops::conv::attributes attributes_on(const dims& x) {
        const std::int32_t filters = held_in_int32(std::int64_t(x.channels()) * said.multiplier);
        return {filters, window_on(said, x, false), x.channels(), said.flip};
    }
    static constexpr bag<operand> operands_on(const dims& x) { return filter_and_bias(attributes_on(x), x, said.bias); }
};

/// A convolution whose filters, and bias if there is one, are part of the network.
template <class Filter, class Bias, class... Options>
struct given_conv_layer : layer<given_conv_layer<Filter, Bias, Options...>> {
    using rules = ops::conv;
    static constexpr settings said = [] {
        settings s = settings_of<Options...>();
        s.extent = Filter::window;
        return s;
    }();
    Filter filter;
    Bias bias;

    static constexpr mistake misuse(const dims& x) { return check_ranks(said, x); }
    static constexpr ops::conv::attributes attributes_on(const dims& x) {
        return {Filter::extents.channels(), window_on(said, x, false), said.groups, said.flip};
    }
    static constexpr bag<operand> operands_on(const dims&) {
        bag<operand> brought;
        brought.put({role::weight, Filter::extents, 1});
        if (Bias::size > 0) brought.put({role::bias, dims::of(Bias::size), 1});
        return brought;
    }
    constexpr given_values given() const { return {filter.range(), bias.range()}; }
};

template <std::int32_t Filters>
struct spelled_conv {
    static constexpr std::array taken = {topic::extent, topic::stride, topic::dilation, topic::groups, topic::padding,
                                         topic::before, topic::after,  topic::bias,     topic::flip};
    template <class... Options>
    using with = conv_layer<Filters, Options...>;
};

struct spelled_depthwise {
    static constexpr std::array taken = {topic::extent,     topic::stride,  topic::dilation,
                                         topic::multiplier, topic::padding, topic::before,
                                         topic::after,      topic::bias,    topic::flip};
    template <class... Options>
    using with = depthwise_layer<Options...>;
};

template <class Filter, class Bias>
struct spelled_given {
    static constexpr std::array taken = {topic::stride, topic::dilation, topic::groups, topic::padding,   topic::before,
                                         topic::after,  topic::bias,     topic::flip,   topic::given_bias};
    template <class... Options>
    using with = given_conv_layer<Filter, Bias, Options...>;
};

/// conv(6_c, 5_c, same), conv(32_c, window(3_c, 5_c), stride(2_c), groups(4_c), no_bias, ...): filters, window,
/// options. conv(sobel_vertical, same), conv(filter, bias(0.5), ...): filters given, not learned.
template <class... Arguments>
constexpr auto conv(const Arguments&... arguments) {
    if constexpr (first_is_filter<Arguments...>) {
        return [](const auto& filter, const auto&... rest) {
            const auto bias = bias_among(rest...);
            using spelled = spelled_given<std::remove_cvref_t<decltype(filter)>, std::remove_cvref_t<decltype(bias)>>;
            auto layer = spell<spelled, std::remove_cvref_t<decltype(rest)>...>();
            if constexpr (!any_refused<decltype(layer)>) {
                layer.filter = filter;
                layer.bias = bias;
            }
            return layer;
        }(arguments...);
    } else {
        return spell_sized<spelled_conv, mistake::no_window, Arguments...>();
    }
}

/// depthwise_conv(3_c), depthwise_conv(3_c, stride(2_c), multiplier(2_c), ...): each channel has its own filters.
template <class... Arguments>
constexpr auto depthwise_conv(const Arguments&...) {
    return spell_windowed<spelled_depthwise, Arguments...>();
}

}  // namespace kiln::dsl
