#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <array>
#include <kiln/compiler/ir/attributes_text.hpp>
#include <kiln/dsl/ops/ops.hpp>

namespace kiln::ir {

namespace {

constexpr std::array role_names = {"weight", "bias", "scale", "shift", "mean", "variance", "slope"};
static_assert(role_names.size() == role_count);

using texts = std::vector<std::string>;

/// "3x3" for the axes in use: "2" where all are equal and `shorten` is set.
std::string triple_text(const triple& t, int axes, bool shorten) {
    const auto used = std::span(t).first(static_cast<std::size_t>(axes));
    if (shorten && std::ranges::all_of(used, [&](auto value) { return value == t[0]; })) return fmt::format("{}", t[0]);
    return fmt::format("{}", fmt::join(used, "x"));
}

void add_unless(texts& to, const char* name, const triple& value, int axes, std::int32_t neutral) {
    const bool plain = std::ranges::all_of(value, [&](auto v) { return v == neutral; });
    if (!plain) to.push_back(fmt::format("{}={}", name, triple_text(value, axes, true)));
}

void add_window(texts& to, const ops::window& w, int axes) {
    to.push_back(fmt::format("window={}", triple_text(w.extent, axes, false)));
    add_unless(to, "stride", w.stride, axes, 1);
    add_unless(to, "dilation", w.dilation, axes, 1);
    if (w.pad_before == w.pad_after) {
        add_unless(to, "pad", w.pad_before, axes, 0);
    } else {
        to.push_back("pad_before=" + triple_text(w.pad_before, axes, true));
        to.push_back("pad_after=" + triple_text(w.pad_after, axes, true));
    }
}

template <class Attributes>
texts texts_of(const Attributes& a, int axes, [[maybe_unused]] int rank) {
    texts to;
    if constexpr (requires { a.filters; }) to.push_back(fmt::format("filters={}", a.filters));
    if constexpr (requires { a.units; }) to.push_back(fmt::format("units={}", a.units));
    if constexpr (requires { a.size; }) to.push_back(fmt::format("size={}", a.size));
    if constexpr (requires { a.slide; }) add_window(to, a.slide, axes);
    if constexpr (requires { a.groups; })
        if (a.groups != 1) to.push_back(fmt::format("groups={}", a.groups));
    if constexpr (requires { a.flip; })
        if (a.flip != 0) to.push_back("flip");
    if constexpr (requires { a.count_padding; })
        if (a.count_padding != 0) to.push_back("count_padding");
    if constexpr (requires { a.slope; }) to.push_back(fmt::format("slope={}", a.slope));
    if constexpr (requires { a.low; }) to.push_back(fmt::format("low={}", a.low));
    if constexpr (requires { a.high; }) to.push_back(fmt::format("high={}", a.high));
    if constexpr (requires { a.alpha; }) to.push_back(fmt::format("alpha={}", a.alpha));
    if constexpr (requires { a.beta; }) to.push_back(fmt::format("beta={}", a.beta));
    if constexpr (requires { a.bias; }) to.push_back(fmt::format("bias={}", a.bias));
    if constexpr (requires { a.epsilon; }) to.push_back(fmt::format("epsilon={}", a.epsilon));
    if constexpr (std::is_same_v<Attributes, ops::unary::attributes>)
        to.push_back(ops::unary::known(a) ? std::string(unary_names[static_cast<std::size_t>(a.function)]) : "?");
    if constexpr (std::is_same_v<Attributes, ops::binary::attributes>)
        to.push_back(ops::binary::known(a) ? std::string(binary_names[static_cast<std::size_t>(a.function)]) : "?");
    if constexpr (std::is_same_v<Attributes, ops::reduce::attributes>) {
        to.push_back(ops::reduce::known(a) ? std::string(reduce_names[static_cast<std::size_t>(a.function)]) : "?");
        std::vector<int> reduced;
        for (int axis = 0; axis < ops::most_axes; ++axis)
            if (a.has(axis)) reduced.push_back(axis);
        to.push_back(fmt::format("axes={}", fmt::join(reduced, ",")));
    }
    if constexpr (std::is_same_v<Attributes, ops::scatter_elements::attributes>)
        to.push_back(ops::scatter_elements::known(a) ? std::string(scatter_names[static_cast<std::size_t>(a.function)])
                                                     : "?");
    if constexpr (requires { a.ascending; })
        if (a.ascending != 0) to.push_back("ascending");
    if constexpr (requires { a.axis; }) to.push_back(fmt::format("axis={}", a.axis));
    if constexpr (requires { a.from_last; })
        if (a.from_last != 0) to.push_back(fmt::format("axis_from_last={}", a.from_last));
    if constexpr (requires { a.to; })
        if (static_cast<std::size_t>(a.to) < element_names.size()) to.push_back(fmt::format("to={}", name_of(a.to)));
    const auto each = [&](const char* name, const ops::per_axis& values) {
        const auto count = static_cast<std::ptrdiff_t>(std::clamp(rank, 0, ops::most_axes));
        to.push_back(fmt::format("{}={}", name, fmt::join(values.begin(), values.begin() + count, ",")));
    };
    if constexpr (requires { a.order; }) each("order", a.order);
    if constexpr (requires { a.step; }) each("begin", a.begin), each("step", a.step);
    if constexpr (requires {
                      a.extents.size() == 3;
                      a.slide;
                  })
        to.push_back("extents=" + triple_text(a.extents, axes, false));
    if constexpr (requires { a.factor; }) to.push_back("factor=" + triple_text(a.factor, axes, true));
    return to;
}

}  // namespace

std::vector<std::string> attribute_texts(const node& n) {
    if (n.kind == op::parameter) {
        const auto a = attributes_of<parameter_attributes>(n);
        const auto role = static_cast<std::size_t>(a.kind);
        texts to{fmt::format("role={}", role < role_names.size() ? role_names[role] : "?")};
        if (a.kind == role::weight) to.push_back(fmt::format("fan_in={}", a.fan_in));
        return to;
    }
    // The window's axes are those of the output: {batch, spatial..., channels}.
    const int axes = std::clamp(n.shape.rank - 2, 1, 3);
    return visit_rules(n.kind, texts{}, [&]<class Rules>() {
        return texts_of(unpack<typename Rules::attributes>(n.attributes), axes, sample_dims(n).rank);
    });
}

}  // namespace kiln::ir
