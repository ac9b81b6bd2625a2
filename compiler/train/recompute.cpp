#include <kiln/compiler/train/recompute.hpp>

#include <algorithm>
#include <cmath>

#include <kiln/compiler/ops/operator.hpp>

namespace kiln::train {
namespace {

using ir::node_id;

std::size_t at(node_id id) { return static_cast<std::size_t>(id); }

/// Whether the node is an activation of the forward half: what there is to be saved.
bool is_activation(const ir::node& n) { return !is_leaf(n.kind) && ir::has_batch(n); }

/// For each node of the forward half the last one there that reads it; itself without any.
std::vector<node_id> last_readers(const ir::graph& g, node_id forward_end) {
    std::vector<node_id> last(at(forward_end));
    for (node_id id = 0; id < forward_end; ++id) {
        last[at(id)] = id;
        for (const node_id o : g[id].operands) last[at(o)] = id;
    }
    return last;
}

/// How many elements are kept where the forward half is cut before each node.
std::vector<std::int64_t> cut_sizes(const ir::graph& g, const std::vector<node_id>& last) {
    std::vector<std::int64_t> change(last.size() + 1), sizes(last.size());
    for (node_id id = 0; at(id) < last.size(); ++id) {
        if (!is_activation(g[id])) continue;
        change[at(id) + 1] += g[id].shape.volume();
        change[at(last[at(id)]) + 1] -= g[id].shape.volume();
    }
    std::int64_t kept = 0;
    for (std::size_t i = 0; i < sizes.size(); ++i) sizes[i] = kept += change[i];
    return sizes;
}

/// The segment of each node. Segments hold about as many activations each; among the places near an even cut the one is
/// taken where the least must be kept.
std::vector<int> segments_of(const ir::graph& g, const std::vector<node_id>& last) {
    const std::vector<std::int64_t> cuts = cut_sizes(g, last);
    int layers = 0;
    std::int64_t total = 0;
    for (node_id id = 0; at(id) < last.size(); ++id)
        if (is_activation(g[id])) {
            // What works element by element is computed in the kernel of the layer before it.
            layers += compiler::row_of(g[id].kind).expression ? 0 : 1;
            total += g[id].shape.volume();
        }
    const auto wanted = std::max(1, static_cast<int>(std::lround(std::sqrt(layers))));
    std::vector<std::size_t> borders;
    std::int64_t seen = 0;
    std::size_t best = 0;  // 0: none; nothing is cut before the first node
    int reached = 1;
    for (std::size_t i = 0; i < last.size(); ++i) {
        // Half a segment around each even cut.
        const double share = static_cast<double>(seen) * wanted / static_cast<double>(std::max<std::int64_t>(total, 1));
        if (share > reached + 0.25) {
            if (best > 0) borders.push_back(best);
            best = 0;
            ++reached;
        }
        if (reached < wanted && share >= reached - 0.25 && (best == 0 || cuts[i] < cuts[best])) best = i;
        if (is_activation(g[static_cast<node_id>(i)])) seen += g[static_cast<node_id>(i)].shape.volume();
    }
    std::vector<int> segments(last.size());
    for (std::size_t i = 0; i < segments.size(); ++i)
        segments[i] = static_cast<int>(std::ranges::upper_bound(borders, i) - borders.begin());
    return segments;
}

class rewriting {
public:
    rewriting(const ir::graph& from, node_id forward_end)
        : from_(from), forward_end_(forward_end), kept_(at(forward_end)), again_(at(forward_end), -1) {
        const std::vector<node_id> last = last_readers(from, forward_end);
        const std::vector<int> segments = segments_of(from, last);
        for (node_id id = 0; id < forward_end; ++id)
            kept_[at(id)] = !is_activation(from[id]) || segments[at(id)] == segments.back() ||
                            segments[at(last[at(id)])] != segments[at(id)];
        for (const ir::output& o : from.outputs)
            if (o.node < forward_end) kept_[at(o.node)] = true;
    }

    recomputed run() {
        made_.graph.name = from_.name;
        made_.graph.batch = from_.batch;
        for (node_id id = 0; id < from_.size(); ++id) {
            ir::node n = from_[id];
            if (id >= forward_end_)
                for (node_id& o : n.operands) o = o < forward_end_ ? available(o) : made_.where[at(o)];
            made_.where.push_back(append(std::move(n)));
        }
        for (const ir::output& o : from_.outputs) made_.graph.outputs.push_back({o.name, made_.where[at(o.node)]});
        return std::move(made_);
    }

private:
    node_id append(ir::node n) {
        made_.graph.nodes.push_back(std::move(n));
        return made_.graph.size() - 1;
    }

    /// Where the backward half finds a node of the forward half.
    node_id available(node_id id) {
        if (kept_[at(id)]) return id;
        if (again_[at(id)] >= 0) return again_[at(id)];
        ir::node copy = from_[id];
        for (node_id& o : copy.operands) o = available(o);
        copy.name += "/again";
        return again_[at(id)] = append(std::move(copy));
    }

    const ir::graph& from_;
    node_id forward_end_;
    std::vector<bool> kept_;
    std::vector<node_id> again_;
    recomputed made_;
};

}  // namespace

recomputed recompute_activations(const ir::graph& g, node_id forward_end) { return rewriting(g, forward_end).run(); }

}  // namespace kiln::train
