#include <Halide.h>

#include <kiln/compiler/ops/operator.hpp>
#include <kiln/dsl/ops/random.hpp>
#include <kiln/runtime/random.hpp>

namespace kiln::compiler {
namespace {

constexpr std::uint64_t step = 0x9e3779b97f4a7c15, first_factor = 0xbf58476d1ce4e5b9,
                        second_factor = 0x94d049bb133111eb;

void reference(const attribute_words& words, std::span<const tensor* const> in, tensor& out) {
    const std::uint64_t key = unpack<ops::random::attributes>(words).key();
    for (std::size_t i = 0; i < out.size(); ++i) {
        const std::uint64_t bits = mixed(key + static_cast<std::uint64_t>(in[0]->integers[i]) * step);
        out.values[i] = static_cast<float>(bits >> 40) * 0x1p-24F;
    }
}

Halide::Expr expression(const attribute_words& words, const std::vector<Halide::Expr>& operands) {
    using Halide::cast, Halide::UInt, Halide::Internal::make_const;
    const auto number = [](std::uint64_t n) { return make_const(UInt(64), n); };
    // In halves, and neither cast nor reinterpreted as a whole: Halide (some versions even then) would make one cast of
    // that and of a cast from float before it, in which negative numbers are undefined.
    const Halide::Expr low = make_const(Halide::Int(64), std::int64_t{0xffffffff});
    const auto half = [&](const Halide::Expr& of) { return cast(UInt(64), of & low); };
    const Halide::Expr counter = half(operands[0]) | (half(operands[0] >> 32) << number(32));
    Halide::Expr z = number(unpack<ops::random::attributes>(words).key()) + counter * number(step);
    z = (z ^ (z >> number(30))) * number(first_factor);
    z = (z ^ (z >> number(27))) * number(second_factor);
    z = z ^ (z >> number(31));
    // By way of int32, which vectors turn into floats at once.
    return cast<float>(cast<std::int32_t>(z >> number(40))) * 0x1p-24F;
}

}  // namespace

operator_row random_row() { return {.expression = expression, .any_type = reference}; }

}  // namespace kiln::compiler
