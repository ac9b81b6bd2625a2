#include <fmt/format.h>
#include <algorithm>
#include <cstring>
#include <kiln/compiler/extents.hpp>
#include <kiln/compiler/ir/from_view.hpp>
#include <kiln/compiler/ir/verify.hpp>
#include <kiln/dsl/ops/ops.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/utf8.hpp>

namespace kiln::ir {

namespace {

// Far above any network, far below what would fill a machine's memory with bookkeeping.
constexpr std::int64_t most_nodes = 1 << 18;
constexpr std::int64_t most_edges = 1 << 22;
constexpr std::int64_t most_text = 1 << 26;
constexpr std::int64_t most_values = std::int64_t{1} << 31;
constexpr std::int64_t most_outputs = 1 << 12;
constexpr std::int64_t longest_name = 1 << 10;
constexpr int largest_batch = 1 << 16;

/// Reads a view, taking nothing in it for granted but that its pointers, where not null, point to as much as it says.
class view_reader {
public:
    explicit view_reader(const graph_view& view) : view_(view) {
        if (view.version != graph_view_version || view.node_bytes != sizeof(kiln::node))
            throw error(
                fmt::format("the network was built with other Kiln headers (graph version {}, {} bytes a node; "
                            "expected {} and {}): "
                            "rebuild it with this version of Kiln",
                            view.version, view.node_bytes, graph_view_version, sizeof(kiln::node)));
        name_ = graph_name();
        check_array("nodes", view.nodes, view.node_count, most_nodes);
        check_array("edges", view.edges, view.edge_count, most_edges);
        check_array("text", view.text, view.text_size, most_text);
        check_array("values", view.values, view.value_count, most_values);
        check_array("outputs", view.outputs, view.output_count, most_outputs);
        if (view.node_count == 0) fail("it has no nodes");
    }

    graph read(int batch) {
        graph g;
        g.name = name_;
        g.batch = batch;
        g.nodes.reserve(static_cast<std::size_t>(view_.node_count));
        for (std::int32_t id = 0; id < view_.node_count; ++id) g.nodes.push_back(read_node(g, id, batch));
        for (std::int32_t i = 0; i < view_.output_count; ++i) {
            const named_output& o = view_.outputs[i];
            g.outputs.push_back({read_text(o.name, fmt::format("the name of output {}", i)), o.node});
        }
        return g;
    }

private:
    [[noreturn]] void fail(const std::string& why) const {
        throw error(name_.empty() ? fmt::format("the network's graph is damaged: {}", why)
                                  : fmt::format("the graph of network '{}' is damaged: {}", name_, why));
    }

    template <class T>
    void check_array(const char* what, const T* items, std::int64_t count, std::int64_t most) const {
        if (count < 0 || count > most) fail(fmt::format("{} {} (between 0 and {} are possible)", count, what, most));
        if (count > 0 && items == nullptr) fail(fmt::format("{} {}, but a null pointer to them", count, what));
    }

    std::string graph_name() const {
        if (view_.name == nullptr) fail("it has no name");
        const std::string_view name(view_.name, strnlen(view_.name, longest_name));
        check_text(name, "its name");
        if (name.empty() || name.size() == longest_name) fail("its name is empty or longer than 1023 bytes");
        return std::string(name);
    }

    void check_text(std::string_view text, const std::string& what) const {
        if (!is_printable(text)) fail(fmt::format("{} is not printable UTF-8: {}", what, in_quotes(text)));
    }

    std::string read_text(const text_range& range, const std::string& what) {
        if (range.begin < 0 || range.size < 0 || range.size > longest_name || range.begin > view_.text_size ||
            range.size > view_.text_size - range.begin)
            fail(fmt::format("{} lies outside its text (bytes {} to {} of {})", what, range.begin,
                             std::int64_t{range.begin} + range.size, view_.text_size));
        const std::string_view text(range.size > 0 ? view_.text + range.begin : "",
                                    static_cast<std::size_t>(range.size));
        check_text(text, what);
        text_read_ += range.size;
        if (text_read_ > most_text) fail("its names take more than 64 MiB together");
        return std::string(text);
    }

    node read_node(const graph& g, std::int32_t id, int batch) {
        const kiln::node& from = view_.nodes[id];
        const auto kind = static_cast<std::int32_t>(from.kind);
        if (kind < 0 || kind >= operator_count) fail(fmt::format("node {} has no such operator: {}", id, kind));
        node n;
        n.kind = from.kind;
        n.attributes = from.attributes;
        n.name = read_text(from.name, fmt::format("the name of node {}", id));
        n.operands = read_operands(from, id);
        // What is computed of weights alone has no batch; operands that do not come before are verify's to refuse.
        n.whole = !is_leaf(n.kind) && !n.operands.empty() &&
                  std::ranges::all_of(n.operands, [&](node_id o) { return o >= 0 && o < id && !has_batch(g[o]); });
        n.type = type_after(g, n);
        n.shape = read_shape(from, id, n, batch);
        if (n.kind == op::constant) n.value = read_value(from, id);
        return n;
    }

    /// Leaves are float32; operands that no operator takes are verify's to refuse.
    static element type_after(const graph& g, const node& n) {
        if (n.operands.empty()) return element::float32;
        std::vector<element> types;
        for (const node_id o : n.operands) types.push_back(g[o].type);
        return type_of(n.kind, n.attributes, types).value_or(element::float32);
    }

    std::vector<node_id> read_operands(const kiln::node& from, std::int32_t id) {
        if (from.first_operand < 0 || from.operands < 0 || from.first_operand > view_.edge_count ||
            from.operands > view_.edge_count - from.first_operand)
            fail(fmt::format("the operands of node {} lie outside its edges ({} from {} of {})", id, from.operands,
                             from.first_operand, view_.edge_count));
        // Ranges may not be read over and over: nodes times edges would be too many.
        edges_read_ += from.operands;
        if (edges_read_ > view_.edge_count) fail("two nodes claim the same edges as their operands");
        const std::int32_t* first = view_.edges + from.first_operand;
        std::vector<node_id> operands;
        for (std::int32_t i = 0; i < from.operands; ++i) {
            if (first[i] < 0 || first[i] >= id)
                fail(fmt::format("operand {} of node {} is node {}, which does not come before it", i, id, first[i]));
            operands.push_back(first[i]);
        }
        return operands;
    }

    dims read_shape(const kiln::node& from, std::int32_t id, const node& n, int batch) const {
        const bool weight = is_weight(n);
        const int most = weight ? max_rank : max_rank - 1;
        if (from.shape.rank < 0 || from.shape.rank > most)
            fail(fmt::format("node {} has rank {} (between 0 and {} are possible)", id, from.shape.rank, most));
        for (int axis = 0; axis < from.shape.rank; ++axis)
            if (from.shape[axis] < 1) fail(fmt::format("node {} has an extent of {}", id, from.shape[axis]));
        dims shape;  // entries beyond the rank are not taken over
        shape.rank = from.shape.rank;
        for (int axis = 0; axis < shape.rank; ++axis) shape[axis] = from.shape[axis];
        return has_batch(n) ? prepend(batch, shape) : shape;
    }

    std::shared_ptr<const tensor> read_value(const kiln::node& from, std::int32_t id) {
        const std::int64_t count = from.shape.volume();
        if (from.first_value < 0 || from.first_value > view_.value_count ||
            count > view_.value_count - from.first_value)
            fail(fmt::format("the values of node {} lie outside the graph's values ({} from {} of {})", id, count,
                             from.first_value, view_.value_count));
        values_read_ += count;
        if (values_read_ > view_.value_count) fail("two constants claim the same values");
        tensor value;
        value.shape = extents_of(from.shape);
        value.values.assign(view_.values + from.first_value, view_.values + from.first_value + count);
        return std::make_shared<const tensor>(std::move(value));
    }

    const graph_view& view_;
    std::string name_;
    std::int64_t text_read_ = 0, edges_read_ = 0, values_read_ = 0;
};

}  // namespace

graph from_view(const graph_view& view, int batch) {
    if (batch < 1 || batch > largest_batch)
        throw error(fmt::format("the batch must be between 1 and {}, found {}", largest_batch, batch));
    graph g = view_reader(view).read(batch);
    verify(g);
    return g;
}

}  // namespace kiln::ir
