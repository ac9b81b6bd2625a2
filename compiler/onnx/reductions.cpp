// Operators that make one number of many along axes.
#include <fmt/format.h>

#include <algorithm>

#include <kiln/compiler/onnx/operators.hpp>
#include <kiln/dsl/ops/ops.hpp>

namespace kiln::onnx {
namespace {

/// Bit i: axis i is reduced.
std::int32_t axes_of(const node_view& n, std::int64_t rank) {
    if (rank > ops::most_axes) throw refusal{"it has too many axes"};
    const std::vector<std::int64_t> axes = n.has_input(1) ? n.known_integers(1) : n.integers("axes");
    if (axes.empty()) return n.integer("noop_with_empty_axes", 0) != 0 ? 0 : (1 << rank) - 1;
    std::int32_t bits = 0;
    for (const std::int64_t axis : axes) bits |= 1 << n.axis_of(axis, rank);
    return bits;
}

/// Whether it is a mean over all spatial axes of an image, which pooling computes without leaving channels last.
bool is_global_pool(const value& x, const ops::reduce::attributes& a) {
    if (a.function != reduce_function::mean || x.node < 0 || x.flattened >= 0 || x.rank() < 3) return false;
    return a.axes == ((1 << x.rank()) - 1) - 3;
}

value reduce(importer& to, const node_view& n, reduce_function f) {
    const value& x = n.input(0);
    const ops::reduce::attributes a{f, axes_of(n, x.rank())};
    if (a.axes == 0) return x;
    const bool keeps = n.integer("keepdims", 1) != 0;
    if (is_global_pool(x, a)) {
        value mean = std::move(import_global_average_pool(to, n).front());
        return keeps ? mean : to.apply(op::flatten, {mean.node}, n);
    }
    const value reduced = to.apply(op::reduce, a, {n.plain(0)}, n);
    if (keeps) return reduced;
    ops::reshape::attributes rest;
    for (std::int64_t axis = 0; axis < x.rank(); ++axis)
        if (!a.has(static_cast<int>(axis)))
            rest.extents[static_cast<std::size_t>(rest.rank++)] = static_cast<std::int32_t>(x.extent(axis));
    return to.apply(op::reshape, rest, {to.plain(reduced)}, n);
}

}  // namespace

results import_reduce_sum(importer& to, const node_view& n) { return reduce(to, n, reduce_function::sum); }
results import_reduce_mean(importer& to, const node_view& n) { return reduce(to, n, reduce_function::mean); }
results import_reduce_max(importer& to, const node_view& n) { return reduce(to, n, reduce_function::maximum); }
results import_reduce_min(importer& to, const node_view& n) { return reduce(to, n, reduce_function::minimum); }
results import_reduce_prod(importer& to, const node_view& n) { return reduce(to, n, reduce_function::product); }
results import_reduce_l1(importer& to, const node_view& n) { return reduce(to, n, reduce_function::l1); }
results import_reduce_l2(importer& to, const node_view& n) { return reduce(to, n, reduce_function::l2); }
results import_reduce_sum_square(importer& to, const node_view& n) {
    return reduce(to, n, reduce_function::sum_square);
}
results import_reduce_log_sum(importer& to, const node_view& n) { return reduce(to, n, reduce_function::log_sum); }
results import_reduce_log_sum_exp(importer& to, const node_view& n) {
    return reduce(to, n, reduce_function::log_sum_exp);
}

}  // namespace kiln::onnx
