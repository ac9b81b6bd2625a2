// One function of each element: the table is dsl/ops/unary.def. Activations of layers are operators of their own.
#pragma once

#include <kiln/dsl/layer.hpp>
#include <kiln/dsl/ops/elementwise.hpp>

namespace kiln {

enum class unary_function : std::int32_t {
#define KILN_UNARY(name, kind) name,
#include <kiln/dsl/ops/unary.def>
#undef KILN_UNARY
};

inline constexpr std::array unary_names = {
#define KILN_UNARY(name, kind) std::string_view(#name),
#include <kiln/dsl/ops/unary.def>
#undef KILN_UNARY
};

}  // namespace kiln

namespace kiln::ops {

struct unary {
    struct attributes {
        unary_function function = unary_function::negate;
    };
    enum class kind { real, number, test, logical };

    static constexpr bool known(const attributes& a) {
        const auto index = static_cast<std::int32_t>(a.function);
        return index >= 0 && index < static_cast<std::int32_t>(unary_names.size());
    }
    static constexpr kind kind_of(unary_function f) {
        constexpr std::array kinds = {
#define KILN_UNARY(name, which) kind::which,
#include <kiln/dsl/ops/unary.def>
#undef KILN_UNARY
        };
        return kinds[static_cast<std::size_t>(f)];
    }

    static constexpr inferred infer(const attributes& a, std::span<const dims> in) {
        if (!known(a)) return refuse(fault::function_unknown);
        return elementwise_shape(in, 1);
    }
    static constexpr std::optional<element> type(const attributes& a, std::span<const element> in) {
        const auto when = [&](bool fits, element result) { return fits ? std::optional(result) : std::nullopt; };
        if (!known(a)) return std::nullopt;
        switch (kind_of(a.function)) {
            case kind::real: return when(in[0] == element::float32, element::float32);
            case kind::number: return when(in[0] != element::boolean, in[0]);
            case kind::test: return when(in[0] == element::float32, element::boolean);
            case kind::logical: return when(in[0] == element::boolean, element::boolean);
        }
        return std::nullopt;
    }
    static constexpr kiln::cost cost(const attributes&, std::span<const dims>, const dims& out) {
        return {0, out.volume()};
    }
};

}  // namespace kiln::ops
