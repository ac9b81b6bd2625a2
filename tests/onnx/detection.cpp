// What detectors end with, larger than ONNX's own cases: compiled models beside plain loops.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <numeric>

#include <kiln/compiler/compile.hpp>
#include <kiln/compiler/onnx/import_model.hpp>
#include <kiln/tests/emit/scratch_folder.hpp>
#include <kiln/tests/graph_builder.hpp>

#include "model_writer.hpp"

using namespace kiln;
using namespace kiln::testing;

namespace {

std::vector<tensor> run(const written_model& m, const std::vector<tensor>& inputs) {
    const scratch_folder folder;
    write_text(folder.file("net.onnx"), m.bytes());
    const compiler::model compiled(compiler::compile_graph(onnx::import_model(folder.file("net.onnx"), {}), {}));
    compiled.set_threads(2);
    return compiled(inputs);
}

struct box {
    float top, left, bottom, right;
    float area() const { return (bottom - top) * (right - left); }
};

float overlap(const box& a, const box& b) {
    const float height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
    const float width = std::min(a.right, b.right) - std::max(a.left, b.left);
    const float common = std::max(height, 0.0F) * std::max(width, 0.0F);
    return common / (a.area() + b.area() - common);
}

using row = std::array<std::int64_t, 3>;

/// Greedy suppression as textbooks have it: sort, keep what overlaps nothing that was kept.
std::vector<row> chosen(const tensor& boxes, const tensor& scores, std::size_t most, float share, float threshold) {
    const std::int64_t batch = scores.shape[0], classes = scores.shape[1], count = scores.shape[2];
    std::vector<row> rows;
    for (std::int64_t n = 0; n < batch; ++n)
        for (std::int64_t c = 0; c < classes; ++c) {
            const float* score = scores.values.data() + (n * classes + c) * count;
            const auto box_of = [&](std::int64_t i) {
                const float* v = boxes.values.data() + (n * count + i) * 4;
                return box{std::min(v[0], v[2]), std::min(v[1], v[3]), std::max(v[0], v[2]), std::max(v[1], v[3])};
            };
            std::vector<std::int64_t> order(static_cast<std::size_t>(count)), kept;
            std::iota(order.begin(), order.end(), 0);
            std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return score[a] > score[b]; });
            for (const std::int64_t i : order) {
                if (score[i] <= threshold || kept.size() == most) break;
                if (std::ranges::all_of(kept, [&](auto k) { return overlap(box_of(k), box_of(i)) <= share; }))
                    kept.push_back(i);
            }
            for (const std::int64_t i : kept) rows.push_back({n, c, i});
        }
    return rows;
}

}  // namespace

TEST_CASE("NonMaxSuppression chooses what greedy suppression does, then says -1") {
    constexpr std::int64_t batch = 2, classes = 3, count = 60, most = 18;
    written_model m;
    m.inputs = {{"boxes", {batch, count, 4}}, {"scores", {batch, classes, count}}};
    m.nodes = {{"NonMaxSuppression", {"boxes", "scores", "most", "share", "threshold"}, {"y"}}};
    m.outputs = {"y"};
    m.initializers = {integer_tensor("most", {most}), float_tensor("share", {1}, {0.05F}),
                      float_tensor("threshold", {1}, {0.2F})};
    for (const std::uint32_t seed : {1U, 2U, 3U}) {
        const tensor boxes = random_tensor(dims::of(batch, count, 4), seed, 0, 1);
        const tensor scores = random_tensor(dims::of(batch, classes, count), seed + 100, 0, 1);
        const tensor found = run(m, {boxes, scores}).at(0);
        std::vector<row> expected = chosen(boxes, scores, most, 0.05F, 0.2F);
        CHECK(expected.size() > 20);
        CHECK(expected.size() < batch * classes * most);
        expected.resize(batch * classes * most, row{-1, -1, -1});
        REQUIRE(found.shape == std::vector<std::int64_t>{batch * classes * most, 3});
        for (std::size_t i = 0; i < expected.size(); ++i)
            CHECK(row{found.integers[3 * i], found.integers[3 * i + 1], found.integers[3 * i + 2]} == expected[i]);
    }
}

TEST_CASE("TopK sorts along any axis, equal values in their order") {
    for (const std::int64_t largest : {0, 1})
        for (const std::int64_t axis : {0, 1, 2}) {
            const std::vector<std::int64_t> shape{5, 40, 7};
            written_model m;
            m.inputs = {{"x", shape}};
            m.nodes = {{"TopK", {"x", "k"}, {"values", "places"}, {}, {{"axis", axis}, {"largest", largest}}}};
            m.outputs = {"values", "places"};
            m.initializers = {integer_tensor("k", {4})};
            tensor x = random_tensor(dims::of(5, 40, 7), 7);
            for (float& v : x.values) v = std::round(v * 8);  // many are equal
            const std::vector<tensor> found = run(m, {x});
            const auto along = static_cast<std::size_t>(axis);
            std::int64_t step = 1;
            for (std::size_t i = along + 1; i < 3; ++i) step *= shape[i];
            for (std::size_t i = 0; i < x.size(); ++i) {
                const auto begin = static_cast<std::int64_t>(i);
                if (begin / step % shape[along] != 0) continue;
                const auto value_at = [&](std::int64_t k) {
                    return x.values[static_cast<std::size_t>(begin + k * step)];
                };
                std::vector<std::int64_t> order(static_cast<std::size_t>(shape[along]));
                std::iota(order.begin(), order.end(), 0);
                std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) {
                    return largest != 0 ? value_at(a) > value_at(b) : value_at(a) < value_at(b);
                });
                for (std::int64_t k = 0; k < 4; ++k) {
                    const std::int64_t outer = begin / (step * shape[along]), inner = begin % step;
                    const auto at = static_cast<std::size_t>((outer * 4 + k) * step + inner);
                    CHECK(found[1].integers[at] == order[static_cast<std::size_t>(k)]);
                    CHECK(found[0].values[at] == value_at(order[static_cast<std::size_t>(k)]));
                }
            }
        }
}

TEST_CASE("MaxUnpool puts MaxPool's maxima back where they were") {
    written_model m;
    m.inputs = {{"x", {2, 3, 8, 6}}};
    m.nodes = {{"MaxPool", {"x"}, {"y", "places"}, {{"kernel_shape", {2, 2}}, {"strides", {2, 2}}}},
               {"MaxUnpool", {"y", "places"}, {"z"}, {{"kernel_shape", {2, 2}}, {"strides", {2, 2}}}}};
    m.outputs = {"z"};
    const tensor x = random_tensor(dims::of(2, 3, 8, 6), 5);
    const tensor z = run(m, {x}).at(0);
    REQUIRE(z.shape == x.shape);
    for (std::size_t i = 0; i < x.size(); ++i) {
        const std::size_t column = i % 6 / 2 * 2, line = i / 6 / 2 * 2;  // of the window's first cell
        const std::size_t first = line * 6 + column;
        const float largest =
            std::max({x.values[first], x.values[first + 1], x.values[first + 6], x.values[first + 7]});
        CHECK(z.values[i] == (x.values[i] == largest ? largest : 0));
    }
}
