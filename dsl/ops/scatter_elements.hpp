// Changes single elements: y = x, then for every place of `updates`, in memory order, y[.., indices[.., i, ..], ..]
// becomes updates[.., i, ..], or its sum, product, maximum or minimum with it (the table dsl/ops/scatter.def). Negative
// numbers count from the end; numbers beyond either end mean the first or last position.
#pragma once

#include <kiln/dsl/ops/arrangement.hpp>

namespace kiln {

enum class scatter_function : std::int32_t {
#define KILN_SCATTER(name) name,
#include <kiln/dsl/ops/scatter.def>
#undef KILN_SCATTER
};

inline constexpr std::array scatter_names = {
#define KILN_SCATTER(name) std::string_view(#name),
#include <kiln/dsl/ops/scatter.def>
#undef KILN_SCATTER
};

}  // namespace kiln

namespace kiln::ops {

/// Operands: x; the indices, whole numbers with as many axes, none longer than x's but the one that is indexed; and the
/// updates, of the indices' shape and x's type.
struct scatter_elements {
    struct attributes {
        std::int32_t axis = 0;
        scatter_function function = scatter_function::replace;
    };

    static constexpr bool known(const attributes& a) {
        const auto index = static_cast<std::int32_t>(a.function);
        return index >= 0 && index < static_cast<std::int32_t>(scatter_names.size());
    }

    static constexpr inferred infer(const attributes& a, std::span<const dims> in) {
        if (in.size() != 3) return refuse(fault::operand_count);
        const dims &x = in[0], &indices = in[1];
        if (!known(a)) return refuse(fault::function_unknown);
        if (x.rank > most_axes) return refuse(fault::too_many_axes);
        if (a.axis < 0 || a.axis >= x.rank || indices.rank != x.rank) return refuse(fault::no_such_axis);
        if (x.volume() < 1 || indices.volume() < 1) return refuse(fault::empty_extent);
        if (!(in[2] == indices)) return refuse(fault::updates_differ);
        for (int axis = 0; axis < x.rank; ++axis)
            if (axis != a.axis && indices[axis] > x[axis]) return refuse(fault::slice_outside);
        return {x};
    }
    static constexpr std::optional<element> type(const attributes& a, std::span<const element> in) {
        if (in.size() != 3 || in[0] != in[2] || !is_integer(in[1])) return std::nullopt;
        const bool computes = a.function != scatter_function::replace;
        return computes && in[0] == element::boolean ? std::nullopt : std::optional(in[0]);
    }
    static constexpr kiln::cost cost(const attributes&, std::span<const dims> in, const dims& out) {
        return {0, out.volume() + in[2].volume()};
    }
};

}  // namespace kiln::ops
