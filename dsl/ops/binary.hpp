// One function of two elements, operands stretched to one shape: the table is dsl/ops/binary.def.
#pragma once

#include <kiln/dsl/ops/elementwise.hpp>
#include <kiln/dsl/pointwise.hpp>

namespace kiln {

enum class binary_function : std::int32_t {
#define KILN_BINARY(name, kind) name,
#include <kiln/dsl/ops/binary.def>
#undef KILN_BINARY
};

inline constexpr std::array binary_names = {
#define KILN_BINARY(name, kind) std::string_view(#name),
#include <kiln/dsl/ops/binary.def>
#undef KILN_BINARY
};

}  // namespace kiln

namespace kiln::ops {

struct binary {
    struct attributes {
        binary_function function = binary_function::subtract;
    };
    enum class kind { number, comparison, logical };

    static constexpr bool known(const attributes& a) {
        const auto index = static_cast<std::int32_t>(a.function);
        return index >= 0 && index < static_cast<std::int32_t>(binary_names.size());
    }
    static constexpr kind kind_of(binary_function f) {
        constexpr std::array kinds = {
#define KILN_BINARY(name, which) kind::which,
#include <kiln/dsl/ops/binary.def>
#undef KILN_BINARY
        };
        return kinds[static_cast<std::size_t>(f)];
    }

    static constexpr inferred infer(const attributes& a, std::span<const dims> in) {
        if (!known(a)) return refuse(fault::function_unknown);
        return elementwise_shape(in, 2);
    }
    static constexpr std::optional<element> type(const attributes& a, std::span<const element> in) {
        const auto common = common_type(in);
        if (!known(a) || !common) return std::nullopt;
        const bool truth = *common == element::boolean;
        switch (kind_of(a.function)) {
            case kind::number: return truth ? std::nullopt : common;
            case kind::comparison:
                if (truth && a.function != binary_function::equal) return std::nullopt;
                return element::boolean;
            case kind::logical: return truth ? common : std::nullopt;
        }
        return std::nullopt;
    }
    static constexpr kiln::cost cost(const attributes&, std::span<const dims>, const dims& out) {
        return {0, out.volume()};
    }
};

}  // namespace kiln::ops

namespace kiln::dsl {

/// One function of two elements, as a user writes it: tensors, or a tensor and a number.
template <binary_function F, class X, class Y>
constexpr auto binary(const X& x, const Y& y) {
    return pointwise<ops::binary, ops::binary::attributes{F}>(x, y);
}

/// The same with an answer: a condition.
template <binary_function F, class X, class Y>
constexpr auto compare(const X& x, const Y& y) {
    const auto truth = binary<F>(x, y);
    return condition_of<typename decltype(truth)::shape_type>{truth};
}

KILN_INFIX(-, binary<binary_function::subtract>)
KILN_INFIX(/, binary<binary_function::divide>)
KILN_INFIX(>, compare<binary_function::greater>)
KILN_INFIX(>=, compare<binary_function::greater_or_equal>)
KILN_INFIX(<, compare<binary_function::less>)
KILN_INFIX(<=, compare<binary_function::less_or_equal>)

/// minimum(x, y), maximum(x, 0), pow(x, 2): tensors, or a tensor and a number.
template <class X, class Y>
constexpr auto minimum(const X& x, const Y& y) {
    return binary<binary_function::minimum>(x, y);
}
template <class X, class Y>
constexpr auto maximum(const X& x, const Y& y) {
    return binary<binary_function::maximum>(x, y);
}
template <class X, class Y>
constexpr auto pow(const X& x, const Y& y) {
    return binary<binary_function::power>(x, y);
}

}  // namespace kiln::dsl
