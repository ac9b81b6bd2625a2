#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <kiln/compiler/ir/graph.hpp>
#include <kiln/dsl/ops/ops.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::ir {

std::vector<node_id> graph::inputs() const {
    std::vector<node_id> found;
    for (node_id id = 0; id < size(); ++id)
        if ((*this)[id].kind == op::input) found.push_back(id);
    return found;
}

std::vector<std::vector<node_id>> graph::users() const {
    std::vector<std::vector<node_id>> found(nodes.size());
    for (node_id id = 0; id < size(); ++id)
        for (const node_id operand : (*this)[id].operands) found[static_cast<std::size_t>(operand)].push_back(id);
    return found;
}

batch_rule batch_after(const graph& g, op kind, const std::vector<node_id>& operands) {
    batch_rule r;
    for (const node_id o : operands) {
        if (!has_batch(g[o])) continue;
        if (r.batch != 0 && r.batch != batch_of(g[o])) r.wrong = "its operands have different batches";
        r.batch = batch_of(g[o]);
    }
    if (kind == op::filter_gradient && r.batch != 0) r.wrong = "its operands hold all samples, so they have no batch";
    if (kind == op::merge_batch) {
        if (r.batch == 0) r.wrong = "its operand has no batch to merge";
        r.merged = r.batch;
        r.batch = 0;
    } else if (kind == op::split_batch) {
        if (r.batch != 0) r.wrong = "its operand has a batch already";
        const dims shape = operands.empty() ? dims{} : g[operands[0]].shape;
        r.batch = shape.rank > 0 ? shape[0] : 1;
    }
    return r;
}

node computed(const graph& g, op kind, const attribute_words& words, std::vector<node_id> operands) {
    std::vector<dims> in;
    std::vector<element> types;
    for (const node_id id : operands) {
        in.push_back(sample_dims(g[id]));
        types.push_back(g[id].type);
    }
    const auto shapes = [&] {
        std::vector<std::string> texts;
        for (std::size_t i = 0; i < in.size(); ++i)
            texts.push_back(text_of(in[i]) +
                            (types[i] == element::float32 ? "" : fmt::format(" {}", name_of(types[i]))));
        return list_of(std::move(texts));
    };
    // Shape rules and what is put before their answers count on this.
    if (std::ranges::any_of(in, [](const dims& d) { return d.rank >= max_rank; }))
        throw error(fmt::format("an operand has {} axes; operators take up to {} (operands: {})", max_rank,
                                max_rank - 1, shapes()));
    const batch_rule batch = batch_after(g, kind, operands);
    if (batch.wrong) throw error(batch.wrong);
    const inferred out = infer(kind, words, in);
    if (!out) throw error(fmt::format("{} (operands: {})", sentence_of(out.why), shapes()));
    const auto type = type_of(kind, words, types);
    if (!type) throw error(fmt::format("{} does not take operands of these types: {}", name_of(kind), shapes()));
    node n{kind, words, std::move(operands), out.shape, {}, nullptr, *type, batch.batch == 0};
    if (!n.whole) n.shape = prepend(batch.batch, n.shape);
    if (n.shape.volume() > most_elements)
        throw error(fmt::format("it makes {}, more elements than Kiln can index (2^31 - 1)", text_of(n.shape)));
    return n;
}

std::string text_of(const dims& d) {
    if (d.rank == 0) return "scalar";
    std::string text = fmt::format("{}", d[0]);
    for (int axis = 1; axis < d.rank; ++axis) text += fmt::format("x{}", d[axis]);
    return text;
}

std::string list_of(std::vector<std::string> texts) {
    constexpr std::size_t most = 8;
    const std::size_t more = texts.size() > most ? texts.size() - most : 0;
    texts.resize(texts.size() - more);
    return fmt::format("{}{}", fmt::join(texts, ", "), more > 0 ? fmt::format(" and {} more", more) : std::string());
}

}  // namespace kiln::ir
