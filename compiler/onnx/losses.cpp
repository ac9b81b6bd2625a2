// Costs of classification.
#include <fmt/format.h>

#include <kiln/compiler/onnx/build.hpp>
#include <kiln/compiler/onnx/operators.hpp>

namespace kiln::onnx {
namespace {

/// -weight[target] * scores[target] of every place, where `scores` are logarithms of probabilities, {samples, classes,
/// places...}, and targets {samples, places...}. Places of the ignored class cost nothing.
value likelihood_loss(expression_builder& b, const node_view& n, ir::node_id scores) {
    const std::vector<std::int64_t> shape = b.shape_of(scores);
    if (shape.size() < 2 || n.input(1).shape.size() + 1 != shape.size())
        throw refusal{
            fmt::format("targets of {} do not fit scores of {}", shape_text(n.input(1).shape), shape_text(shape))};
    const ir::node_id target = b.unsqueeze(b.cast(n.plain(1), element::int64), 1);
    ir::node_id hit = b.binary(binary_function::equal, b.counting(shape[1], 1, shape.size()), target);
    if (n.has("ignore_index")) {
        const ir::node_id ignored =
            b.binary(binary_function::equal, target, b.whole_number(n.integer("ignore_index", 0)));
        hit = b.binary(binary_function::logical_and, hit, b.unary(unary_function::logical_not, ignored));
    }
    ir::node_id weight = b.number(1);
    if (n.has_input(2)) {
        std::vector<std::int64_t> along(shape.size(), 1);
        along[1] = shape[1];
        weight = b.reshape(n.plain(2), along);
    }
    const ir::node_id zero = b.number(0);
    const auto over_classes = [&](ir::node_id x) {
        return b.squeeze(b.reduce(reduce_function::sum, b.select(hit, x, zero), 2), 1);
    };
    const ir::node_id losses = b.unary(unary_function::negate, over_classes(b.multiply(scores, weight)));
    const std::string_view reduction = n.text("reduction", "mean");
    if (reduction == "none") return b.value_of(losses);
    const std::int32_t all = (1 << b.shape_of(losses).size()) - 1;
    const ir::node_id sum = b.reduce(reduce_function::sum, losses, all);
    if (reduction == "sum") return b.value_of(b.reshape(sum, {}));
    if (reduction != "mean") throw refusal{fmt::format("reduction {} is not known", reduction)};
    const ir::node_id total = b.reduce(reduce_function::sum, over_classes(weight), all);
    return b.value_of(b.reshape(b.binary(binary_function::divide, sum, total), {}));
}

}  // namespace

results import_negative_log_likelihood_loss(importer& to, const node_view& n) {
    expression_builder b(to, n);
    return likelihood_loss(b, n, n.plain(0));
}

results import_softmax_cross_entropy_loss(importer& to, const node_view& n) {
    expression_builder b(to, n);
    const ir::node_id x = n.plain(0);
    const ir::node_id scores = b.binary(binary_function::subtract, x, b.reduce(reduce_function::log_sum_exp, x, 2));
    return {likelihood_loss(b, n, scores), b.value_of(scores)};
}

}  // namespace kiln::onnx
