// Operators that centre values and scale them to variance 1 over some of their axes.
#include <fmt/format.h>

#include <kiln/compiler/onnx/build.hpp>
#include <kiln/compiler/onnx/operators.hpp>

namespace kiln::onnx {
namespace {

struct normalized {
    ir::node_id values, mean, inverse_deviation;
};

/// (x - mean) / sqrt(variance + epsilon) over `axes`.
normalized normalize(expression_builder& b, ir::node_id x, std::int32_t axes, float epsilon) {
    const ir::node_id mean = b.reduce(reduce_function::mean, x, axes);
    const ir::node_id centred = b.binary(binary_function::subtract, x, mean);
    const ir::node_id variance = b.reduce(reduce_function::mean, b.multiply(centred, centred), axes);
    const ir::node_id inverse =
        b.unary(unary_function::reciprocal, b.unary(unary_function::square_root, b.add(variance, b.number(epsilon))));
    return {b.multiply(centred, inverse), mean, inverse};
}

/// A vector along axis 1 of `rank` axes.
ir::node_id along_channels(expression_builder& b, ir::node_id vector, std::size_t rank) {
    if (b.shape_of(vector).size() != 1) throw refusal{"scale and bias must have one axis"};
    std::vector<std::int64_t> shape(rank, 1);
    shape[1] = b.shape_of(vector)[0];
    return b.reshape(vector, shape);
}

}  // namespace

results import_layer_norm(importer& to, const node_view& n) {
    expression_builder b(to, n);
    const value& x = n.input(0);
    if (x.rank() > ops::most_axes) throw refusal{"it has too many axes"};
    const std::int64_t first = n.axis_of(n.integer("axis", -1), x.rank());
    std::int32_t axes = 0;
    for (std::int64_t axis = first; axis < x.rank(); ++axis) axes |= 1 << axis;
    const normalized made = normalize(b, n.plain(0), axes, n.number("epsilon", 1e-5F));
    ir::node_id y = b.multiply(made.values, n.plain(1));
    if (n.has_input(2)) y = b.add(y, n.plain(2));
    return {b.value_of(y), b.value_of(made.mean), b.value_of(made.inverse_deviation)};
}

results import_instance_norm(importer& to, const node_view& n) {
    expression_builder b(to, n);
    const value& x = n.input(0);
    if (x.rank() < 3 || x.rank() > ops::most_axes) throw refusal{"it needs a batch, channels and spatial axes"};
    const normalized made = normalize(b, n.plain(0), ((1 << x.rank()) - 1) - 3, n.number("epsilon", 1e-5F));
    const std::size_t rank = x.shape.size();
    return b.value_of(
        b.add(b.multiply(made.values, along_channels(b, n.plain(1), rank)), along_channels(b, n.plain(2), rank)));
}

results import_group_norm(importer& to, const node_view& n) {
    expression_builder b(to, n);
    const value& x = n.input(0);
    const std::int64_t groups = n.integer("num_groups", 1);
    if (x.rank() < 2 || groups < 1 || x.shape[1] % groups != 0) throw refusal{"its groups do not divide the channels"};
    const ir::node_id whole = n.plain(0);
    const std::int64_t rest = *element_count(x.shape) / x.shape[0] / groups;
    const normalized made = normalize(b, b.reshape(whole, {x.shape[0], groups, rest}), 4, n.number("epsilon", 1e-5F));
    // Before operator set 21 scale and bias were one a group.
    const auto vector = [&](std::size_t i) {
        const ir::node_id v = n.plain(i);
        if (b.shape_of(v).size() != 1 || b.shape_of(v)[0] == x.shape[1]) return along_channels(b, v, x.shape.size());
        to.spend(x.shape[1]);
        std::vector<std::int64_t> each;
        for (std::int64_t c = 0; c < x.shape[1]; ++c) each.push_back(c / (x.shape[1] / groups));
        return along_channels(b, b.gather(v, 0, each), x.shape.size());
    };
    return b.value_of(b.add(b.multiply(b.reshape(made.values, x.shape), vector(1)), vector(2)));
}

results import_mean_variance_norm(importer& to, const node_view& n) {
    expression_builder b(to, n);
    const value& x = n.input(0);
    if (x.rank() > ops::most_axes) throw refusal{"it has too many axes"};
    std::int32_t axes = 0;
    for (const std::int64_t axis : n.integers("axes", {0, 2, 3})) axes |= 1 << n.axis_of(axis, x.rank());
    return b.value_of(normalize(b, n.plain(0), axes, 1e-9F).values);
}

results import_lp_norm(importer& to, const node_view& n) {
    expression_builder b(to, n);
    const value& x = n.input(0);
    const std::int64_t p = n.integer("p", 2), axis = n.axis_of(n.integer("axis", -1), x.rank());
    if (p != 1 && p != 2) throw refusal{fmt::format("p = {} is not supported", p)};
    const ir::node_id whole = n.plain(0);  // refuses more axes than there are bits
    const ir::node_id norm = b.reduce(p == 1 ? reduce_function::l1 : reduce_function::l2, whole, 1 << axis);
    return b.value_of(b.binary(binary_function::divide, whole, norm));
}

}  // namespace kiln::onnx
