// Operators that write where indices say.
#include <fmt/format.h>

#include <array>

#include <kiln/compiler/onnx/build.hpp>
#include <kiln/compiler/onnx/operators.hpp>

namespace kiln::onnx {
namespace {

constexpr std::int64_t most = 1 << 28;  // elements of an output

scatter_function function_of(const node_view& n) {
    static constexpr std::array names{"none", "add", "mul", "max", "min"};
    const std::string_view said = n.text("reduction", "none");
    for (std::size_t i = 0; i < names.size(); ++i)
        if (said == names[i]) return static_cast<scatter_function>(i);
    throw refusal{fmt::format("reduction {} is not known", said)};
}

std::int64_t product(std::vector<std::int64_t>::const_iterator begin, std::vector<std::int64_t>::const_iterator end) {
    return *element_count({begin, end});
}

}  // namespace

results import_scatter_elements(importer& to, const node_view& n) {
    expression_builder b(to, n);
    const auto axis = static_cast<std::size_t>(n.axis_of(n.integer("axis", 0), n.input(0).rank()));
    return b.value_of(b.scatter(n.plain(0), axis, function_of(n), n.plain(1), n.plain(2)));
}

/// Each row of indices names one place of a tensor whose indexed axes are one.
results import_scatter_nd(importer& to, const node_view& n) {
    expression_builder b(to, n);
    const value &x = n.input(0), &indices = n.input(1);
    const std::size_t depth = b.depth_of(indices, x, 0);
    const auto split = x.shape.begin() + static_cast<std::ptrdiff_t>(depth);
    const std::int64_t places = product(x.shape.begin(), split), rest = product(split, x.shape.end());
    const std::int64_t rows = product(indices.shape.begin(), indices.shape.end() - 1);
    if (*element_count(n.input(2).shape) != rows * rest) throw refusal{"its updates do not fit its indices"};
    const ir::node_id row = b.reshape(b.flat_index(n.plain(1), {x.shape.begin(), split}), {rows, 1});
    const ir::node_id y = b.scatter(b.reshape(n.plain(0), {places, rest}), 0, function_of(n),
                                    b.stretch(row, {rows, rest}), b.reshape(n.plain(2), {rows, rest}));
    return b.value_of(b.reshape(y, x.shape));
}

/// What MaxPool's indices undo. They count in the smallest output that such a pooling had; a larger one has zeros at
/// its ends.
results import_max_unpool(importer& to, const node_view& n) {
    expression_builder b(to, n);
    const value& x = n.input(0);
    const std::vector<std::int64_t> window = n.integers("kernel_shape");
    const std::size_t axes = window.size();
    const std::vector<std::int64_t> ones(axes, 1), none(2 * axes, 0), strides = n.integers("strides", ones),
                                                                      pads = n.integers("pads", none);
    if (axes < 1 || x.shape.size() != axes + 2 || strides.size() != axes || pads.size() != 2 * axes)
        throw refusal{"its window, strides and pads must have a value for each spatial axis"};
    if (n.input(1).shape != x.shape) throw refusal{"it needs an index for each element"};
    std::vector<std::int64_t> shape{x.shape[0], x.shape[1]};
    for (std::size_t i = 0; i < axes; ++i) {
        for (const std::int64_t size : {window[i], strides[i]})
            if (size < 1 || size > (1 << 20))
                throw refusal{fmt::format("a window or stride of {} is not possible", size)};
        for (const std::int64_t pad : {pads[i], pads[axes + i]})
            if (pad < 0 || pad > (1 << 20)) throw refusal{fmt::format("padding {} is not possible", pad)};
        shape.push_back((x.shape[i + 2] - 1) * strides[i] + window[i] - pads[i] - pads[axes + i]);
        if (shape.back() < 1) throw refusal{"its padding leaves nothing"};
    }
    const auto count = element_count(shape);
    if (!count || *count > most) throw refusal{"its output is too large"};
    const std::int64_t elements = *element_count(x.shape);
    const ir::node_id places = b.reshape(n.plain(1), {elements});
    // A zero that is computed, so that no constant of the output's size is kept.
    const ir::node_id zero =
        b.cast(b.multiply(b.part(places, 0, 0, 1), b.whole_number(0, b.type_of(places))), element::float32);
    ir::node_id y =
        b.scatter(b.stretch(zero, {*count}), 0, scatter_function::replace, places, b.reshape(n.plain(0), {elements}));
    y = b.reshape(y, shape);
    if (!n.has_input(2)) return b.value_of(y);
    const std::vector<std::int64_t> wanted = n.known_integers(2);
    if (wanted.size() != shape.size()) throw refusal{"output_shape must have a value for each axis"};
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        if (wanted[axis] < shape[axis] || (axis < 2 && wanted[axis] != shape[axis]))
            throw refusal{fmt::format("an output of {} does not hold {}", shape_text(wanted), shape_text(shape))};
        if (wanted[axis] == shape[axis]) continue;
        std::vector<std::int64_t> behind = b.shape_of(y);
        behind[axis] = wanted[axis] - shape[axis];
        if (element_count(behind).value_or(most + 1) > most) throw refusal{"its output is too large"};
        y = b.concat({y, b.stretch(zero, behind)}, axis);
    }
    return b.value_of(y);
}

}  // namespace kiln::onnx
