// The worked examples of the course's slides on convolution and pooling as one-layer graphs with their inputs and
// results. Tests run them by the references and by compiled kernels.
//
// Where a slide prints a wrong figure, the right one stands here (7x7 with stride 2: 91 and 117).
#pragma once

#include <kiln/tests/graph_builder.hpp>

namespace kiln::testing {

struct worked_example {
    std::string name;
    ir::graph graph;
    tensor input;
    std::vector<float> expected;
};

namespace examples {

using values = std::vector<float>;

inline const values a = {3, 0, 1, 2, 7, 4, 1, 5, 8, 9, 3, 1, 2, 7, 2, 5, 1, 3,
                         0, 1, 3, 1, 7, 8, 4, 2, 1, 6, 2, 8, 2, 4, 5, 2, 3, 9};
inline const values vertical = {1, 0, -1, 1, 0, -1, 1, 0, -1};
inline const values horizontal = {1, 1, 1, 0, 0, 0, -1, -1, -1};
inline const values sobel = {1, 0, -1, 2, 0, -2, 1, 0, -1};
inline const values scharr = {3, 0, -3, 10, 0, -10, 3, 0, -3};
inline const values seven = {2, 3, 7, 4, 6, 2, 9, 6, 6, 9, 8, 7, 4, 3, 3, 4, 8, 3, 8, 9, 7, 7, 8, 3, 6,
                             6, 3, 4, 4, 2, 1, 8, 3, 4, 6, 3, 2, 4, 1, 9, 8, 3, 0, 1, 3, 9, 2, 1, 4};
inline const values six = {2, 3, 7, 4, 6, 2, 6, 6, 9, 8, 7, 4, 3, 4, 8, 3, 8, 9,
                           7, 8, 3, 6, 6, 3, 4, 2, 1, 8, 3, 4, 3, 2, 4, 1, 9, 8};

/// `rows` repetitions of `row`, one after another.
inline values repeated(const values& row, int rows) {
    values all;
    for (int i = 0; i < rows; ++i) all.insert(all.end(), row.begin(), row.end());
    return all;
}

inline values joined(values first, const values& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

/// A square image of one channel through one 3x3 filter.
inline worked_example filtered(std::string name, int size, values image, const values& filter, values expected,
                               int stride = 1, bool flip = false) {
    graph_builder b("example");
    const auto x = b.input(dims::of(size, size, 1));
    const auto w = b.constant(dims::of(3, 3, 1, 1), filter, "filter");
    const ops::conv::attributes attributes{.filters = 1, .slide = square(3, 2, stride), .flip = flip ? 1 : 0};
    ir::graph g = b.finish(b.apply(op::conv, attributes, {x, w}));
    return {std::move(name), std::move(g), {{1, size, size, 1}, std::move(image)}, std::move(expected)};
}

inline worked_example pooled(std::string name, op kind, values image, values expected) {
    graph_builder b("example");
    const auto x = b.input(dims::of(4, 4, 1));
    ir::graph g = b.finish(b.apply(kind, ops::pool_attributes{square(2, 2, 2), 0}, {x}));
    return {std::move(name), std::move(g), {{1, 4, 4, 1}, std::move(image)}, std::move(expected)};
}

}  // namespace examples

inline std::vector<worked_example> worked_examples() {
    using namespace examples;
    const values bright_left = repeated({10, 10, 10, 0, 0, 0}, 6), bright_right = repeated({0, 0, 0, 10, 10, 10}, 6);
    const values corners = joined(repeated({10, 10, 10, 0, 0, 0}, 3), repeated({0, 0, 0, 10, 10, 10}, 3));
    return {
        filtered("vertical edges", 6, a, vertical, {-5, -4, 0, 8, -10, -2, 2, 3, 0, -2, -4, -7, -3, -2, -3, -16}),
        filtered("Sobel", 6, a, sobel, {-12, -8, 5, 16, -10, 0, 3, 5, -3, -2, -8, -14, 0, -6, -4, -18}),
        filtered("Scharr", 6, a, scharr, {-64, -40, 35, 80, -30, 8, 13, 23, -21, -6, -40, -70, 12, -34, -16, -62}),
        filtered("bright to dark", 6, bright_left, vertical, repeated({0, 30, 30, 0}, 4)),
        filtered("dark to bright", 6, bright_right, vertical, repeated({0, -30, -30, 0}, 4)),
        filtered("horizontal edges", 6, corners, horizontal,
                 {0, 0, 0, 0, 30, 10, -10, -30, 30, 10, -10, -30, 0, 0, 0, 0}),
        filtered("stride 2", 7, seven, {3, 4, 4, 1, 0, 2, -1, 0, 3}, {91, 100, 88, 69, 91, 117, 44, 72, 74}, 2),
        pooled("max pooling", op::max_pool, {1, 3, 2, 1, 2, 9, 1, 1, 1, 3, 2, 3, 5, 6, 1, 2}, {9, 2, 6, 3}),
        pooled("average pooling", op::average_pool, {1, 3, 2, 1, 2, 9, 1, 1, 1, 4, 2, 3, 5, 6, 1, 2},
               {3.75F, 1.25F, 4, 2}),
    };
}

/// Mathematical convolution: of its sixteen results the slide gives the first, 110.
inline worked_example mathematical_convolution() {
    return examples::filtered("mathematical convolution", 6, examples::six, {3, 4, 5, 1, 0, 2, -1, 9, 7}, {110}, 1,
                              true);
}

}  // namespace kiln::testing
