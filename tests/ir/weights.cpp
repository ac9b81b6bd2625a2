#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <kiln/compiler/normal.hpp>
#include <kiln/compiler/weights.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/tensor_file.hpp>

#include "small_network.hpp"

using namespace kiln;
using namespace kiln::testing;

namespace {

ir::node parameter_node(const dims& shape, role kind, int fan_in, std::string name) {
    return {op::parameter, pack(parameter_attributes{kind, fan_in}), {}, shape, std::move(name), nullptr};
}

/// A file in the temporary folder, gone afterwards.
struct scratch_file {
    std::filesystem::path path;
    explicit scratch_file(const std::string& name)
        : path(std::filesystem::temp_directory_path() / ("kiln_" + std::to_string(std::random_device()()) + name)) {}
    ~scratch_file() { std::filesystem::remove(path); }
};

/// What binding `tensors` to the small network says; empty when they fit.
std::string complaint(const tensor_map& tensors) {
    const scratch_file file("weights.npz");
    write_tensors(file.path, tensors);
    ir::graph g = small_network();
    try {
        compiler::bind_weights(g, {.file = file.path.string(), .seed = 0});
        return "";
    } catch (const error& e) {
        return e.what();
    }
}

tensor_map seeded_parameters() {
    ir::graph g = small_network();
    compiler::bind_weights(g, {});
    return compiler::parameters_of(g);
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("seeded weights are normal with variance 2 / fan_in") {
    const tensor w = compiler::seeded_values(parameter_node(dims::of(1000, 1000), role::weight, 50, "w"), 7);
    const double n = static_cast<double>(w.values.size()), deviation = std::sqrt(2.0 / 50);
    double moments[5] = {};
    double beyond[4] = {};  // beyond 1, 2, 3 and 4 deviations
    for (const float value : w.values) {
        const double z = value / deviation;
        for (int i = 1; i <= 4; ++i) moments[i] += std::pow(z, i) / n;
        for (int i = 0; i < 4; ++i) beyond[i] += std::abs(z) > i + 1;
    }
    // Each within five standard errors of what a normal distribution has.
    CHECK(std::abs(moments[1]) < 5 / std::sqrt(n));
    CHECK(std::abs(moments[2] - 1) < 5 * std::sqrt(2 / n));
    CHECK(std::abs(moments[3]) < 5 * std::sqrt(15 / n));
    CHECK(std::abs(moments[4] - 3) < 5 * std::sqrt(96 / n));
    for (int i = 0; i < 4; ++i) {
        const double p = std::erfc((i + 1) / std::sqrt(2.0));
        CHECK(std::abs(beyond[i] - n * p) < 5 * std::sqrt(n * p));
    }
}

TEST_CASE("Xavier's variance counts inputs and outputs") {
    const auto variance = [](const dims& shape, int fan_in) {
        const tensor w =
            compiler::seeded_values(parameter_node(shape, role::weight, fan_in, "w"), 7, compiler::initializer::xavier);
        double sum = 0;
        for (const float value : w.values) sum += static_cast<double>(value) * value;
        return sum / static_cast<double>(w.values.size());
    };
    CHECK(variance(dims::of(400, 200), 400) == doctest::Approx(2.0 / (400 + 200)).epsilon(0.02));
    // A 3x3 convolution of 40 channels to 60.
    CHECK(variance(dims::of(3, 3, 40, 60), 9 * 40) == doctest::Approx(2.0 / (9 * 40 + 9 * 60)).epsilon(0.02));
}

TEST_CASE("seeded weights follow the normal distribution closely") {
    // A chi-squared test over 100 equally likely bins would catch a wrong ziggurat layer.
    std::vector<float> values(compiler::normal_block);
    std::vector<int> bins(100);
    for (std::uint64_t block = 0; block < 30; ++block) {
        compiler::fill_normal(random_key(3, "chi"), block, 1, values);
        for (const float z : values)
            ++bins[std::min<std::size_t>(99, static_cast<std::size_t>(50 * std::erfc(-z / std::sqrt(2.0F))))];
    }
    const double expected = 30.0 * static_cast<double>(values.size()) / 100;
    double chi = 0;
    for (const int count : bins) chi += (count - expected) * (count - expected) / expected;
    CHECK(chi < 180);  // 99 degrees of freedom: mean 99, deviation 14
    CHECK(chi > 40);
}

TEST_CASE("seeded values depend on nothing but seed, name and place") {
    const auto values = [](std::string name, std::uint64_t seed, int rows) {
        return compiler::seeded_values(parameter_node(dims::of(rows, 64), role::weight, 2, std::move(name)), seed)
            .values;
    };
    const auto w = values("w", 1, 4000);
    CHECK(w == values("w", 1, 4000));
    CHECK(w != values("v", 1, 4000));
    CHECK(w != values("w", 2, 4000));
    const auto longer = values("w", 1, 5000);
    CHECK(std::equal(w.begin(), w.end(), longer.begin()));
    // These very numbers, on every machine.
    const float expected[] = {-1.03240263F, -0.909035206F, 0.444581121F};
    for (std::size_t i = 0; i < 3; ++i) CHECK(w[i] == expected[i]);
}

TEST_CASE("threads give every parameter what it gets alone") {
    graph_builder b;
    ir::graph g = b.finish(b.dense(b.dense(b.input(dims::of(400)), 700), 300));
    compiler::bind_weights(g, {.file = {}, .seed = 5});
    for (const ir::node& n : g.nodes)
        if (n.kind == op::parameter) CHECK(n.value->values == compiler::seeded_values(n, 5).values);
}

TEST_CASE("biases, shifts and means start at 0, scales and variances at 1, slopes at 0.25") {
    const std::pair<role, float> starts[] = {{role::bias, 0.0F},  {role::shift, 0.0F},    {role::mean, 0.0F},
                                             {role::scale, 1.0F}, {role::variance, 1.0F}, {role::slope, 0.25F}};
    for (const auto& [kind, expected] : starts) {
        CHECK(compiler::seeded_values(parameter_node(dims::of(3), kind, 1, "p"), 0).values ==
              std::vector<float>(3, expected));
    }
}

TEST_CASE("weights come back from the file they were written to, extra tensors ignored") {
    tensor_map tensors = seeded_parameters();
    tensors["unrelated"] = {{2}, {1, 2}};
    for (const char* name : {"weights.npz", "weights.safetensors"}) {
        const scratch_file file(name);
        write_tensors(file.path, tensors);
        ir::graph g = small_network();
        compiler::bind_weights(g, {.file = file.path.string(), .seed = 99});
        for (const auto& [parameter, value] : compiler::parameters_of(g)) {
            CHECK(value.shape == tensors.at(parameter).shape);
            CHECK(value.values == tensors.at(parameter).values);
        }
    }
}

TEST_CASE("missing weights are listed with their shapes and what the file holds instead") {
    tensor_map tensors = seeded_parameters();
    auto moved = tensors.extract("dense1.weight");
    moved.key() = "fc.weight";
    tensors.insert(std::move(moved));
    tensors.erase("conv2.bias");
    const std::string found = complaint(tensors);
    CHECK(contains(found, "do not fit network 'small'"));
    CHECK(contains(found, "missing: 'conv2.bias' (4), 'dense1.weight' (128x3)"));
    CHECK(contains(found, "the file holds unused: 'fc.weight' (128x3)"));
    CHECK(!contains(found, "\n"));
}

TEST_CASE("wrong shapes are listed, expected and found, with a hint where a transpose would do") {
    tensor_map tensors = seeded_parameters();
    tensors["dense1.weight"] = {{3, 128}, std::vector<float>(384)};
    tensors["dense1.bias"] = {{5}, std::vector<float>(5)};
    const std::string found = complaint(tensors);
    CHECK(contains(found, "'dense1.weight' (expected 128x3, found 3x128; transpose it"));
    CHECK(contains(found, "'dense1.bias' (expected 3, found 5)"));
}

TEST_CASE("long lists are cut") {
    graph_builder b("deep");
    auto x = b.input(dims::of(2));
    for (int i = 0; i < 30; ++i) x = b.dense(x, 2, false);
    ir::graph g = b.finish(x);
    const scratch_file file("weights.npz");
    write_tensors(file.path, {{"other", {{1}, {1}}}});
    try {
        compiler::bind_weights(g, {.file = file.path.string(), .seed = 0});
        FAIL("took a file without its weights");
    } catch (const error& e) {
        CHECK(contains(e.what(), "and 20 more; the file holds unused: 'other' (1)"));
    }
}

TEST_CASE("a file that cannot be read is named") {
    ir::graph g = small_network();
    CHECK_THROWS_AS(compiler::bind_weights(g, {.file = "/nowhere/weights.npz", .seed = 0}), error);
}
