#include <kiln/compiler/passes/slide_over.hpp>

#include <fmt/format.h>

#include <algorithm>

#include <kiln/compiler/ops/operator.hpp>
#include <kiln/compiler/passes/remove_dead_nodes.hpp>
#include <kiln/dsl/ops/ops.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::passes {
namespace {

class slider {
public:
    slider(const ir::graph& from, const dims& over)
        : from_(from), over_(over), window_(from.nodes.size()), stands_for_(from.nodes.size()) {
        to_ = from;
        to_.nodes.clear();
    }

    ir::graph slide() {
        const std::vector<ir::node_id> inputs = from_.inputs();
        if (inputs.size() != 1)
            throw error(fmt::format("'{}' has {} inputs: a classifier that slides has one", from_.name, inputs.size()));
        const dims own = ir::sample_dims(from_[inputs[0]]);
        if (from_[inputs[0]].whole)
            throw error(
                fmt::format("'{}' has an input without a batch: --slide-over is for networks of the DSL", from_.name));
        if (over_.rank != own.rank || over_.channels() != own.channels() || !holds(own))
            throw error(
                fmt::format("'{}' takes {}: it can slide over inputs of as many axes and channels, and no "
                            "smaller, not over {}",
                            from_.name, ir::text_of(own), ir::text_of(over_)));
        for (ir::node_id id = 0; id < from_.size(); ++id) add(id);
        for (ir::output& o : to_.outputs) o.node = stands_for_[static_cast<std::size_t>(o.node)];
        return remove_dead_nodes(std::move(to_));
    }

private:
    bool holds(const dims& own) const {
        for (int axis = 0; axis < own.rank; ++axis)
            if (over_[axis] < own[axis]) return false;
        return own.rank >= 2;
    }

    [[noreturn]] void refuse(const ir::node& n, const std::string& why) const {
        throw error(fmt::format("'{}' cannot slide over {}: {} '{}' {}", from_.name, ir::text_of(over_),
                                name_of(n.kind), n.name, why));
    }

    /// What a row of values was before it was flattened, or a value with its spatial axes: one window's worth.
    const dims& window_of(ir::node_id id) const { return window_[static_cast<std::size_t>(id)]; }

    static bool is_one_cell(const dims& d) {
        return std::all_of(d.extent.begin(), d.extent.begin() + d.spatial_rank(), [](auto e) { return e == 1; });
    }

    // One node of the old graph becomes one of the new, so ids stay. Nobody reads a flatten any more.
    void add(ir::node_id id) {
        ir::node n = from_[id];
        for (ir::node_id& o : n.operands) o = stands_for_[static_cast<std::size_t>(o)];
        stands_for_[static_cast<std::size_t>(id)] = n.kind == op::flatten ? n.operands[0] : id;
        dims& window = window_[static_cast<std::size_t>(id)];
        if (n.kind == op::input) {
            window = over_;
            for (int axis = 0; axis < over_.rank; ++axis) window[axis] = from_[id].shape[axis + 1];
            n.shape = prepend(to_.batch, over_);
        } else if (!is_leaf(n.kind)) {
            window = slid(n);
        }
        to_.nodes.push_back(std::move(n));
    }

    /// The operand that is no weight.
    ir::node_id lead(const ir::node& n) const {
        for (const ir::node_id o : n.operands)
            if (!ir::is_weight(from_[o])) return o;
        return n.operands[0];
    }

    /// Changes `n`, whose operands have been changed; returns its window.
    dims slid(ir::node& n) {
        const dims operand = window_of(lead(n)), own = ir::sample_dims(n);
        switch (n.kind) {
            case op::flatten: recompute(n); return operand;
            case op::dense: return convolve(n, operand);
            case op::conv: {
                auto a = ir::attributes_of<ops::conv::attributes>(n);
                step_by_cells(a.slide, own);
                n.attributes = pack(a);
                break;
            }
            case op::max_pool:
            case op::average_pool: {
                auto a = ir::attributes_of<ops::pool_attributes>(n);
                step_by_cells(a.slide, own);
                n.attributes = pack(a);
                break;
            }
            case op::batch_norm:
            case op::prelu:
            case op::softmax:
            case op::local_response_norm:
                if (own.rank != operand.rank && !is_one_cell(operand))
                    refuse(n, "works on the channels of a flattened tensor");
                break;
            case op::upsample: break;
            case op::concat:
                if (ir::attributes_of<ops::concat::attributes>(n).from_last != 0)
                    refuse(n, "joins another axis than the channels");
                expect_alike(n);
                break;
            default:
                if (!compiler::row_of(n.kind).expression) refuse(n, "depends on the extents of its input");
                expect_alike(n);
        }
        recompute(n);
        if (own.rank == operand.rank) return own;
        dims window = operand;  // a row that has its axes still
        window[window.rank - 1] = own.channels();
        return window;
    }

    /// Where a window leads to one cell, the next window's is the next cell.
    static void step_by_cells(ops::window& w, const dims& output) {
        if (is_one_cell(output)) w.stride = {1, 1, 1};
    }

    /// Operands that stretch would mean one thing for a window and another for many.
    void expect_alike(const ir::node& n) const {
        const dims& first = window_of(lead(n));
        for (const ir::node_id o : n.operands) {
            if (ir::is_weight(from_[o])) continue;
            dims d = window_of(o);
            if (d.rank == first.rank) d[d.rank - 1] = first.channels();
            if (!(d == first)) refuse(n, "joins tensors of different extents");
        }
    }

    dims convolve(ir::node& n, const dims& window) {
        if (window.rank < 2 || window.rank > 4) refuse(n, "has an input without spatial axes");
        ops::conv::attributes a;
        a.filters = ir::attributes_of<ops::dense::attributes>(n).units;
        for (int axis = 0; axis < window.spatial_rank(); ++axis)
            a.slide.extent[static_cast<std::size_t>(axis)] = window[axis];
        ir::node& weight = to_[n.operands[1]];
        if (!ir::is_weight(weight)) refuse(n, "has computed weights");
        const dims filters = ops::conv::weight(a, window);
        if (weight.shape.rank != 2 && !(weight.shape == filters))
            refuse(n, "shares its weights with a layer on another input");
        weight.shape = filters;
        if (weight.value) {
            auto value = std::make_shared<tensor>(*weight.value);
            value->shape.assign(filters.extent.begin(), filters.extent.begin() + filters.rank);
            weight.value = std::move(value);
        }
        n.kind = op::conv;
        n.attributes = pack(a);
        recompute(n);
        dims one = window;
        for (int axis = 0; axis < one.spatial_rank(); ++axis) one[axis] = 1;
        one[one.rank - 1] = a.filters;
        return one;
    }

    void recompute(ir::node& n) const {
        try {
            ir::node made = ir::computed(to_, n.kind, n.attributes, n.operands);
            made.name = n.name;
            n = std::move(made);
        } catch (const error& e) {
            refuse(n, fmt::format("does not fit: {}", e.what()));
        }
    }

    const ir::graph& from_;
    const dims over_;
    std::vector<dims> window_;
    std::vector<ir::node_id> stands_for_;
    ir::graph to_;
};

}  // namespace

ir::graph slide_over(const ir::graph& g, const dims& over) { return slider(g, over).slide(); }

}  // namespace kiln::passes
