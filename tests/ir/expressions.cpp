// The Halide expressions of element-wise operators against their references, vectorised, over the whole useful range.
#include <Halide.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>
#include <kiln/compiler/ops/exponential.hpp>
#include <kiln/compiler/ops/operator.hpp>
#include <kiln/compiler/ops/reference.hpp>
#include <kiln/tests/graph_builder.hpp>

using namespace kiln;
using namespace kiln::testing;
using values = std::vector<float>;

namespace {

/// A grid over [-100, 100], finer towards 0, of a length that leaves a scalar tail when vectorised.
values arguments() {
    values x{0.0F};
    for (float magnitude = 1e-30F; magnitude < 100; magnitude *= magnitude < 1e-3F ? 3.0F : 1.001F) {
        x.push_back(magnitude);
        x.push_back(-magnitude);
    }
    return x;
}

/// `expression` at every argument, operands given as buffers, compiled with vectors of 8.
values evaluate(const std::function<Halide::Expr(const std::vector<Halide::Expr>&)>& expression,
                const std::vector<values>& operands) {
    Halide::Var i("i");
    std::vector<Halide::Expr> at;
    for (const values& operand : operands) {
        Halide::Buffer<float> buffer(static_cast<int>(operand.size()));
        std::copy(operand.begin(), operand.end(), buffer.begin());
        at.push_back(buffer(i));
    }
    Halide::Func f("f");
    f(i) = expression(at);
    f.vectorize(i, 8, Halide::TailStrategy::GuardWithIf);
    Halide::Buffer<float> out = f.realize({static_cast<int>(operands[0].size())});
    return {out.begin(), out.end()};
}

double relative_error(double found, double expected, double term = 0) {
    return std::abs(found - expected) / std::max({std::abs(expected), term, 1e-35});
}

attribute_words words_for(op kind) {
    if (kind == op::leaky_relu) return pack(ops::leaky_relu::attributes{0.1F});
    if (kind == op::batch_norm) return pack(ops::batch_norm::attributes{1e-5F});
    if (kind == op::elu) return pack(ops::elu::attributes{0.7F});
    if (kind == op::clip) return pack(ops::clip::attributes{-1.5F, 6.0F});
    if (kind == op::hard_sigmoid) return pack(ops::hard_sigmoid::attributes{0.2F, 0.5F});
    return {};
}

/// Where a sum cancels, no relative error can be kept: errors are measured against the larger term, if that is more
/// than the result.
double larger_term(op kind, double x) {
    switch (kind) {
        case op::add:
        case op::binary:
        case op::batch_norm: return 2;
        case op::hard_sigmoid: return 0.5;
        case op::gelu:
        case op::hard_swish: return std::abs(x);
        default: return 0;
    }
}

}  // namespace

TEST_CASE("expressions agree with references to 1e-6") {
    for (int o = 0; o < operator_count; ++o) {
        const auto kind = static_cast<op>(o);
        if (is_leaf(kind) || !compiler::row_of(kind).expression) continue;
        if (kind == op::select || kind == op::cast || kind == op::random) continue;  // of other types: tests/ops
        CAPTURE(name_of(kind));
        const compiler::operator_row& row = compiler::row_of(kind);
        const attribute_words words = words_for(kind);
        const bool takes_two = kind == op::add || kind == op::multiply || kind == op::prelu || kind == op::binary;
        const std::size_t arity = kind == op::batch_norm ? 5 : takes_two ? 2 : 1;

        std::vector<values> operands{arguments()};
        const int n = static_cast<int>(operands[0].size());
        for (std::size_t i = 1; i < arity; ++i)
            operands.push_back(random_tensor(dims::of(n), static_cast<std::uint32_t>(i), 0.5F, 1.5F).values);
        const values found = evaluate([&](const auto& at) { return row.expression(words, at); }, operands);

        // One cell whose channels are the arguments: per-channel vectors then have an entry for each.
        std::vector<tensor> tensors;
        for (const values& operand : operands) tensors.push_back({{n}, operand});
        std::vector<const tensor*> in;
        for (const tensor& t : tensors) in.push_back(&t);
        const values expected = compiler::evaluate(kind, words, in, dims::of(n), element::float32).values;
        for (std::size_t i = 0; i < expected.size(); ++i) {
            if ((kind == op::sigmoid || kind == op::silu) && operands[0][i] < -87) {
                CHECK(std::abs(found[i]) < (kind == op::sigmoid ? 1e-37F : 1e-35F));
                continue;
            }
            const double error = relative_error(found[i], expected[i], larger_term(kind, operands[0][i]));
            INFO("x = ", operands[0][i], ", found ", found[i], ", expected ", expected[i]);
            REQUIRE(error < 1e-6);
        }
    }
}

TEST_CASE("exponential is accurate to 3e-7 and finite everywhere") {
    const values x = arguments();
    const values y = evaluate([](const auto& at) { return compiler::exponential(at[0]); }, {x});
    for (std::size_t i = 0; i < x.size(); ++i) {
        INFO("x = ", x[i], ", found ", y[i]);
        REQUIRE(std::isfinite(y[i]));
        REQUIRE(y[i] > 0);
        if (x[i] > -87 && x[i] < 88) REQUIRE(relative_error(y[i], std::exp(double{x[i]})) < 3e-7);
    }
}

TEST_CASE("exponential_minus_one is accurate to 7e-7 and finite everywhere") {
    const values x = arguments();
    const values y = evaluate([](const auto& at) { return compiler::exponential_minus_one(at[0]); }, {x});
    for (std::size_t i = 0; i < x.size(); ++i) {
        INFO("x = ", x[i], ", found ", y[i]);
        REQUIRE(std::isfinite(y[i]));
        if (x[i] < 88) REQUIRE(relative_error(y[i], std::expm1(double{x[i]})) < 7e-7);
    }
}

TEST_CASE("functions made of exponentials call no library function") {
    for (const op kind : {op::sigmoid, op::tanh, op::elu, op::selu, op::silu, op::gelu}) {
        Halide::Param<float> x;
        Halide::Func f("f");
        Halide::Var i("i");
        f(i) = compiler::row_of(kind).expression(words_for(kind), {x + Halide::cast<float>(i)});
        f.vectorize(i, 8);
        const std::string path = "expressions_test." + std::string(name_of(kind)) + ".ll";
        f.compile_to_llvm_assembly(path, {x}, "f", Halide::Target("x86-64-linux-avx2-fma-no_runtime-no_asserts"));
        std::ifstream file(path);
        const std::string text(std::istreambuf_iterator<char>(file), {});
        std::remove(path.c_str());
        CHECK(text.find("define") != std::string::npos);
        for (const char* callee :
             {"@expf", "@exp_f32", "@expm1f", "@erff", "@tanhf", "@tanh_f32", "@roundf", "@nearbyintf"})
            CHECK_MESSAGE(text.find(callee) == std::string::npos, name_of(kind), " calls ", callee);
    }
}
