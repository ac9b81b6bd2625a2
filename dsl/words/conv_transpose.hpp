// conv_transpose(filters, window, options...): a convolution that enlarges, over 1, 2 or 3 spatial axes,
//
//   y[i * stride + k * dilation - pad, f] += x[i, c] * w[k, c, f]     over all i, k, c,  plus bias[f]
//
// as a convolution with the turned filter over pixels a stride apart, zeros between them (Dumoulin and Visin 2016,
// arXiv:1603.07285, section 4). Extents: (n - 1) stride + (window - 1) dilation + 1 - pads + output_padding; with
// `same` n stride. The learned weight is {window..., channels / groups, filters}, turned neither here nor there.
#pragma once

#include <kiln/dsl/composition.hpp>

namespace kiln::dsl {

/// A convolution whose attributes are known.
template <ops::conv::attributes With, bool Bias>
struct exact_conv_layer : layer<exact_conv_layer<With, Bias>> {
    using rules = ops::conv;
    static constexpr ops::conv::attributes attributes_on(const dims&) { return With; }
    static constexpr bag<operand> operands_on(const dims& x) { return filter_and_bias(With, x, Bias); }
};

/// {h, w, c} with a further axis behind each spatial one: {h, s, w, s, c}.
constexpr dims with_cells(const dims& x, const triple& cells) {
    dims d;
    for (int axis = 0; axis < x.spatial_rank(); ++axis) {
        d[d.rank++] = x[axis];
        d[d.rank++] = cells[static_cast<std::size_t>(axis)];
    }
    d[d.rank++] = x.channels();
    return d;
}

/// Pixels `Stride` apart with zeros between and behind them: {h, w, c} -> {h, 1, w, 1, c} -> {h, s, w, s, c} ->
/// {h s, w s, c}.
template <triple Stride, class Shape>
constexpr auto apart(tensor_of<Shape> x) {
    constexpr dims cells = [] {
        dims one = Shape::value;
        for (int axis = 0; axis < one.rank; ++axis) one[axis] = 1;
        return with_cells(one, Stride);
    }();
    constexpr dims spread = [] {
        dims d = Shape::value;
        for (int axis = 0; axis < d.spatial_rank(); ++axis) d[axis] *= Stride[static_cast<std::size_t>(axis)];
        return d;
    }();
    const auto mask = given<shape_of<cells>>(x.graph, {1});
    const auto here = combine<ops::cast, ops::cast::attributes{element::boolean}>(mask);
    return reshaped<spread>(pointwise<ops::select>(here, reshaped<with_cells(Shape::value, {1, 1, 1})>(x), 0));
}

template <std::int32_t Filters, class... Options>
struct conv_transpose_block : composition<conv_transpose_block<Filters, Options...>> {
    static constexpr settings said = settings_of<Options...>();

    /// How one axis turns out: the zeros before and after the spread pixels, or, below 0, how many of them go.
    struct turned {
        std::int32_t window = 1, stride = 1, dilation = 1;
        std::int64_t before = 0, after = 0;
    };
    static constexpr turned axis_of(int axis) {
        turned t{said.extent.on(axis, 1), said.stride.on(axis, 1), said.dilation.on(axis, 1)};
        const std::int64_t reach = std::int64_t{t.window - 1} * t.dilation, extra = said.extra.on(axis, 0);
        std::int64_t before = said.before.on(axis, 0), after = said.after.on(axis, 0);
        if (said.pads == padding::same) {
            const std::int64_t total = reach + 1 - t.stride;
            before = total < 0 ? 0 : total / 2;  // what is missing is added at the end
            after = total - before;
        }
        t.before = reach - before;
        t.after = reach - after + extra;
        return t;
    }

    static constexpr mistake misuse(const dims& x) {
        if (!has_spatial_axes(x)) return mistake::no_spatial_axes;
        if (const mistake wrong = check_ranks(said, x); wrong != mistake::none) return wrong;
        for (int axis = 0; axis < x.spatial_rank(); ++axis) {
            const turned t = axis_of(axis);
            for (const std::int32_t size : {t.window, t.stride, t.dilation})
                if (size < 1 || size > (1 << 16)) return mistake::size_impossible;
            if (said.before.on(axis, 0) < 0 || said.after.on(axis, 0) < 0 || said.extra.on(axis, 0) < 0)
                return mistake::negative_border;
            const std::int64_t pixels = std::int64_t{x[axis] - 1} * t.stride + 1;
            if (pixels * t.stride > std::numeric_limits<std::int32_t>::max()) return mistake::size_impossible;
            if (pixels + (t.before < 0 ? t.before : 0) + (t.after < 0 ? t.after : 0) < 1)
                return mistake::size_impossible;
        }
        return mistake::none;
    }

    static constexpr triple strides_on(const dims& x) {
        triple s{1, 1, 1};
        for (int axis = 0; axis < x.spatial_rank(); ++axis) s[static_cast<std::size_t>(axis)] = axis_of(axis).stride;
        return s;
    }
    static constexpr ops::conv::attributes turned_on(const dims& x) {
        ops::conv::attributes a;
        a.filters = Filters;
        a.groups = said.groups;
        a.flip = 1;
        for (int axis = 0; axis < x.spatial_rank(); ++axis) {
            const auto i = static_cast<std::size_t>(axis);
            const turned t = axis_of(axis);
            a.slide.extent[i] = t.window;
            a.slide.dilation[i] = t.dilation;
            a.slide.pad_before[i] = held_in_int32(t.before < 0 ? 0 : t.before);
            a.slide.pad_after[i] = held_in_int32(t.after < 0 ? 0 : t.after);
        }
        return a;
    }
    /// Without the zeros behind the last pixel, and what padding takes away.
    static constexpr ops::slice::attributes kept_on(const dims& x) {
        ops::slice::attributes a = whole_of(x);
        for (int axis = 0; axis < x.spatial_rank(); ++axis) {
            const auto i = static_cast<std::size_t>(axis);
            const turned t = axis_of(axis);
            const std::int64_t first = t.before < 0 ? -t.before : 0;
            const std::int64_t pixels = std::int64_t{x[axis] - 1} * t.stride + 1;
            a.begin[i] = held_in_int32(first);
            a.extent[i] = held_in_int32(pixels - first + (t.after < 0 ? t.after : 0));
        }
        return a;
    }

    template <class Shape>
    constexpr auto on(tensor_of<Shape> x) const {
        constexpr triple strides = strides_on(Shape::value);
        constexpr auto kept = kept_on(Shape::value);
        using turned_layer = exact_conv_layer<turned_on(Shape::value), said.bias>;
        if constexpr (strides != triple{1, 1, 1})
            return combine<ops::slice, kept>(apart<strides>(x)) | turned_layer{};
        else if constexpr (kept.extent != whole_of(Shape::value).extent)
            return combine<ops::slice, kept>(x) | turned_layer{};
        else
            return x | turned_layer{};
    }
};

template <std::int32_t Filters>
struct spelled_conv_transpose {
    static constexpr std::array taken = {topic::extent, topic::stride,  topic::dilation,
                                         topic::groups, topic::padding, topic::before,
                                         topic::after,  topic::bias,    topic::output_padding};
    template <class... Options>
    using with = conv_transpose_block<Filters, Options...>;
};

/// conv_transpose(64_c, 2_c, stride(2_c)), conv_transpose(64_c, 3_c, stride(2_c), pad(1_c), output_padding(1_c))
template <class... Arguments>
constexpr auto conv_transpose(const Arguments&...) {
    return spell_sized<spelled_conv_transpose, mistake::no_window, Arguments...>();
}

}  // namespace kiln::dsl
