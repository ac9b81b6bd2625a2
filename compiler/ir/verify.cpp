#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <kiln/compiler/extents.hpp>
#include <kiln/compiler/ir/verify.hpp>
#include <kiln/dsl/ops/ops.hpp>
#include <kiln/runtime/error.hpp>
#include <set>

namespace kiln::ir {

namespace {

[[noreturn]] void fail(const graph& g, node_id id, const std::string& why) {
    const node& n = g[id];
    const auto kind = static_cast<std::int32_t>(n.kind);
    const std::string operation =
        kind >= 0 && kind < operator_count ? std::string(name_of(n.kind)) : fmt::format("operator {}", kind);
    throw error(fmt::format("graph '{}', node {} '{}' ({}): {}", g.name, id, n.name, operation, why));
}

// Attributes are checked in two steps. What a shape rule needs not to overflow comes before it, the rest after.

/// Extents and paddings so large that sums of them could overflow are nobody's network.
constexpr std::int32_t largest_window = 1 << 20;

template <class Attributes>
const char* implausible(const Attributes& a) {
    if constexpr (requires { a.slide; }) {
        const ops::window& w = a.slide;
        for (const triple& t : {w.extent, w.stride, w.dilation, w.pad_before, w.pad_after})
            for (const std::int32_t value : t)
                if (value > largest_window || value < -largest_window)
                    return "a window, stride, dilation or padding is beyond 1048576";
        for (std::size_t axis = 0; axis < 3; ++axis)
            if (std::abs((std::int64_t{w.extent[axis]} - 1) * w.dilation[axis]) > most_elements - 1)
                return "the dilated window is too large";
    }
    if constexpr (requires { a.flip; })
        if (a.flip != 0 && a.flip != 1) return "flip must be 0 or 1";
    if constexpr (requires { a.ascending; })
        if (a.ascending != 0 && a.ascending != 1) return "ascending must be 0 or 1";
    if constexpr (requires { a.count_padding; })
        if (a.count_padding != 0 && a.count_padding != 1) return "count_padding must be 0 or 1";
    if constexpr (requires { a.slope; })
        if (!std::isfinite(a.slope)) return "the slope must be a finite number";
    if constexpr (requires { a.alpha; })
        if (!std::isfinite(a.alpha)) return "alpha must be a finite number";
    if constexpr (requires { a.beta; })
        if (!std::isfinite(a.beta)) return "beta must be a finite number";
    if constexpr (requires { a.bias; })
        if (!std::isfinite(a.bias)) return "the bias must be a finite number";
    if constexpr (requires { a.epsilon; })
        if (!std::isfinite(a.epsilon) || a.epsilon < 0) return "epsilon must be a finite number of at least 0";
    return nullptr;
}

/// `axes`: the operand's spatial axes. Kernels rely on unused entries being neutral.
template <class Attributes>
const char* uncanonical(const Attributes& a, int axes) {
    for (int axis = axes; axis < 3; ++axis) {
        if constexpr (requires { a.slide; }) {
            const ops::window& w = a.slide;
            if (w.extent[axis] != 1 || w.stride[axis] != 1 || w.dilation[axis] != 1 || w.pad_before[axis] != 0 ||
                w.pad_after[axis] != 0)
                return "a window's entries for axes the input lacks must be 1 (padding: 0)";
        }
        if constexpr (requires { a.factor; })
            if (a.factor[axis] != 1) return "a factor's entries for axes the input lacks must be 1";
    }
    if constexpr (requires { a.slide; }) {
        const auto cells = dims::of(a.slide.extent[0], a.slide.extent[1], a.slide.extent[2]).volume();
        if (cells > most_elements) return "the window has more cells than Kiln can index (2^31 - 1)";
    }
    return nullptr;
}

/// How many axes a window has: as many as its operand has spatial ones.
template <class Rules>
int window_axes(const dims& operand) {
    if constexpr (requires { Rules::spatial_rank(operand); })
        return Rules::spatial_rank(operand);
    else
        return operand.spatial_rank();
}

void expect_unused_words_zero(const graph& g, node_id id, std::size_t used_bytes) {
    const attribute_words& words = g[id].attributes;
    if (std::any_of(words.begin() + static_cast<std::ptrdiff_t>(used_bytes / 4), words.end(),
                    [](auto word) { return word != 0; }))
        fail(g, id, "attribute words the operator does not use must be 0");
}

void check_shape(const graph& g, node_id id) {
    const node& n = g[id];
    if (n.shape.rank < 0 || n.shape.rank > max_rank)
        fail(g, id, fmt::format("rank {} is not between 0 and {}", n.shape.rank, max_rank));
    for (int axis = 0; axis < n.shape.rank; ++axis)
        if (n.shape[axis] < 1) fail(g, id, fmt::format("extents must be at least 1, found {}", text_of(n.shape)));
    if (n.shape.volume() > most_elements)
        fail(g, id, fmt::format("{} has more elements than Kiln can index (2^31 - 1)", text_of(n.shape)));
    if (static_cast<std::int32_t>(n.type) < 0 || static_cast<std::size_t>(n.type) >= element_names.size())
        fail(g, id, fmt::format("{} is not an element type", static_cast<std::int32_t>(n.type)));
    if (!has_batch(n)) return;
    if (n.shape.rank < 2) fail(g, id, "an activation needs a batch and at least one more extent");
    if (n.kind == op::input && n.shape[0] != g.batch)
        fail(g, id, fmt::format("the first extent must be the batch, {}, found {}", g.batch, text_of(n.shape)));
}

void check_value(const graph& g, node_id id) {
    const node& n = g[id];
    if (!n.value) {
        if (n.kind == op::constant) fail(g, id, "a constant needs a value");
        return;
    }
    if (!is_weight(n)) fail(g, id, "only parameters and constants have a value");
    const std::vector<std::int64_t> expected = extents_of(n.shape);
    if (n.value->type != n.type)
        fail(g, id, fmt::format("its value should be of {}, found {}", name_of(n.type), name_of(n.value->type)));
    if (n.value->shape != expected || n.value->size() != static_cast<std::size_t>(n.shape.volume()))
        fail(g, id,
             fmt::format("its value should have shape {} and {} elements, found shape {} and {} elements",
                         text_of(n.shape), n.shape.volume(), shape_text(n.value->shape), n.value->size()));
}

void check_leaf(const graph& g, node_id id) {
    const node& n = g[id];
    if (!n.operands.empty()) fail(g, id, "inputs, parameters and constants have no operands");
    if (n.kind != op::parameter) return expect_unused_words_zero(g, id, 0);
    const auto a = attributes_of<parameter_attributes>(n);
    const auto kind = static_cast<std::int32_t>(a.kind);
    if (kind < 0 || kind >= role_count) fail(g, id, fmt::format("{} is not a parameter's role", kind));
    if (a.fan_in < 1) fail(g, id, fmt::format("fan_in must be at least 1, found {}", a.fan_in));
    if (n.name.empty()) fail(g, id, "a parameter needs a name");
    expect_unused_words_zero(g, id, sizeof a);
}

/// Operators whose operands after the first are weights, or whole tensors in their place: the same for every sample.
bool takes_weights(op kind) {
    return kind == op::conv || kind == op::dense || kind == op::batch_norm || kind == op::prelu;
}

void check_batch(const graph& g, node_id id) {
    const node& n = g[id];
    if (n.operands.empty()) return;  // the shape rule's to refuse
    const batch_rule expected = batch_after(g, n.kind, n.operands);
    if (expected.wrong) fail(g, id, expected.wrong);
    if (expected.batch == 0) {
        if (has_batch(n)) fail(g, id, "none of its operands has a batch, so it has none either");
        if (expected.merged != 0 && n.attributes[0] != expected.merged)
            fail(g, id, fmt::format("it should merge a batch of {}, found {}", expected.merged, n.attributes[0]));
        return;
    }
    if (!has_batch(n)) fail(g, id, "an operand has a batch, so it must have one too");
    if (n.shape[0] != expected.batch)
        fail(g, id, fmt::format("the first extent must be the batch, {}, found {}", expected.batch, text_of(n.shape)));
}

void check_operator(const graph& g, node_id id) {
    const node& n = g[id];
    std::vector<dims> in;
    std::vector<element> types;
    for (std::size_t i = 0; i < n.operands.size(); ++i) {
        const node_id operand = n.operands[i];
        if (operand < 0 || operand >= id)
            fail(g, id, fmt::format("operand {} is node {}, which does not come before it", i, operand));
        if (i > 0 && takes_weights(n.kind) && has_batch(g[operand]))
            fail(g, id,
                 fmt::format("operand {} is node {} ({}) with a batch, but must be the same for every sample: a "
                             "parameter, a constant or a tensor without a batch",
                             i, operand, name_of(g[operand].kind)));
        in.push_back(sample_dims(g[operand]));
        if (in.back().rank >= max_rank)
            fail(g, id, fmt::format("operand {} has {} axes; operators take up to 7", i, in.back().rank));
        types.push_back(g[operand].type);
    }
    check_batch(g, id);
    const char* wrong = nullptr;
    inferred expected;
    visit_rules(n.kind, 0, [&]<class Rules>() {
        using attributes = typename Rules::attributes;
        expect_unused_words_zero(g, id, std::is_empty_v<attributes> ? 0 : sizeof(attributes));
        const auto a = unpack<attributes>(n.attributes);
        wrong = implausible(a);
        if (wrong) return 0;
        expected = in.empty() ? refuse(fault::operand_count) : Rules::infer(a, in);
        if (expected) wrong = uncanonical(a, window_axes<Rules>(in[0]));
        return 0;
    });
    if (wrong) fail(g, id, wrong);
    if (!expected) {
        std::vector<std::string> shapes;
        for (const dims& d : in) shapes.push_back(text_of(d));
        fail(g, id,
             fmt::format("{}; its operands (without the batch) are {}", sentence_of(expected.why),
                         shapes.empty() ? "missing" : list_of(std::move(shapes))));
    }
    if (!(expected.shape == sample_dims(n)))
        fail(g, id,
             fmt::format("its operands make a shape of {} (without the batch), found {}", text_of(expected.shape),
                         text_of(sample_dims(n))));
    const auto type = type_of(n.kind, n.attributes, types);
    if (!type) fail(g, id, "it does not take operands of these element types");
    if (*type != n.type)
        fail(g, id, fmt::format("its operands make elements of {}, found {}", name_of(*type), name_of(n.type)));
}

void check_outputs(const graph& g) {
    if (g.outputs.empty()) throw error(fmt::format("graph '{}': it has no outputs", g.name));
    std::set<std::string_view> names;
    for (const output& o : g.outputs) {
        if (o.name.empty()) throw error(fmt::format("graph '{}': an output needs a name", g.name));
        if (!names.insert(o.name).second)
            throw error(fmt::format("graph '{}': two outputs have the name '{}'", g.name, o.name));
        if (o.node < 0 || o.node >= g.size())
            throw error(fmt::format("graph '{}': output '{}' is node {}, but there are {} nodes", g.name, o.name,
                                    o.node, g.size()));
        if (g[o.node].kind == op::parameter)
            throw error(fmt::format("graph '{}': output '{}' is a {}, not computed from an input", g.name, o.name,
                                    name_of(g[o.node].kind)));
    }
}

}  // namespace

void verify(const graph& g) {
    if (g.batch < 1) throw error(fmt::format("graph '{}': the batch must be at least 1, found {}", g.name, g.batch));
    std::set<std::string_view> parameters;
    for (node_id id = 0; id < g.size(); ++id) {
        const node& n = g[id];
        if (static_cast<std::int32_t>(n.kind) < 0 || static_cast<std::int32_t>(n.kind) >= operator_count)
            fail(g, id, "no such operator");
        check_shape(g, id);
        check_value(g, id);
        if (is_leaf(n.kind))
            check_leaf(g, id);
        else
            check_operator(g, id);
        if (n.kind == op::parameter && !parameters.insert(n.name).second)
            fail(g, id, "another parameter has this name; parameters that share weights must be one node");
    }
    check_outputs(g);
}

}  // namespace kiln::ir
