#include "sample_model.hpp"

#include <Halide.h>

#include <fstream>
#include <kiln/compiler/lower/lower.hpp>
#include <kiln/tests/emit/scratch_folder.hpp>
#include <sstream>

namespace kiln::testing {
namespace {

constexpr int side = 8;

Halide::ImageParam square_input(const std::string& name) {
    Halide::ImageParam p(Halide::Float(32), 2, name);
    p.dim(0).set_bounds(0, side).set_stride(1);
    p.dim(1).set_bounds(0, side).set_stride(side);
    return p;
}

std::string bitcode_of(Halide::Func f, const std::vector<Halide::Argument>& inputs, const std::string& symbol,
                       const std::string& target) {
    f.output_buffer().dim(0).set_bounds(0, side).set_stride(1);
    f.output_buffer().dim(1).set_bounds(0, side).set_stride(side);
    const auto kernel_target = Halide::Target(target)
                                   .with_feature(Halide::Target::NoRuntime)
                                   .with_feature(Halide::Target::NoAsserts)
                                   .with_feature(Halide::Target::NoBoundsQuery);
    const scratch_folder folder;
    const std::string path = folder.file("kernel.bc");
    f.compile_to_bitcode(path, inputs, symbol, kernel_target);
    return read_text(path);
}

}  // namespace

plan::plan sample_plan() {
    plan::plan p;
    p.name = "sample";
    p.inputs = {{"x", dims::of(1, side, side)}};
    p.outputs = {{"y", dims::of(1, side, side)}};
    p.kernels.resize(2);
    p.kernels[1].kind = op::add;
    for (schedules::kernel& k : p.kernels) k.inputs.resize(2);
    p.weights_bytes = 4 * sample_elements;
    p.arena_bytes = 2 * 4 * sample_elements;
    constexpr std::int64_t h = 4 * sample_elements;
    using plan::space;
    p.steps.push_back(
        {"scale", 0, {{space::input, 0, 0}, {space::weights, 0, 0}}, {space::arena, 0, 0}, -1, 0, {}, 0, 0});
    const plan::zero_fill every_second{h, 4, {2, 4, 4}, {128, 32, 8}};
    p.steps.push_back(
        {"add", 1, {{space::arena, 0, 0}, {space::arena, 0, h}}, {space::output, 0, 0}, -1, 0, {every_second}, 0, 0});
    return p;
}

std::vector<compiler::built_kernel> sample_kernels(const std::string& target, const std::string& suffix) {
    const Halide::Var column("column"), row("row");
    auto x = square_input("x"), w = square_input("w"), a = square_input("a"), h = square_input("h");
    Halide::Func scale("scale"), add("add");
    scale(column, row) = 2.0F * x(column, row) + w(column, row);
    scale.vectorize(column, side).parallel(row);
    add(column, row) = a(column, row) + h(column, row);
    add.vectorize(column, side);
    const std::string first = "kiln_kernel_scale" + suffix, second = "kiln_kernel_add" + suffix;
    return {{first, bitcode_of(scale, {x, w}, first, target), false},
            {second, bitcode_of(add, {a, h}, second, target), false}};
}

sample_array sample_weights() {
    sample_array w;
    for (int i = 0; i < sample_elements; ++i) w[static_cast<std::size_t>(i)] = 0.25F * static_cast<float>(i);
    return w;
}

sample_array sample_expected(const sample_array& x, float h_before) {
    const sample_array w = sample_weights();
    sample_array y;
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = 2.0F * x[i] + w[i] + (i % 2 == 0 ? 0.0F : h_before);
    return y;
}

std::string sample_object(const std::string& target, const std::string& function_name, compiler::weights_as weights) {
    static const scratch_folder cache;
    std::string object = compiler::emit_object(
        sample_plan(), sample_kernels(target),
        {.target = target, .function_name = function_name, .weights = weights, .cache_folder = cache.path().string()});
    const sample_array w = sample_weights();
    if (weights == compiler::weights_as::embedded) object.append(reinterpret_cast<const char*>(w.data()), sizeof w);
    return object;
}

}  // namespace kiln::testing
