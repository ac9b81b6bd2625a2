#include <kiln/compiler/ir/cost_table.hpp>
#include <kiln/dsl/ops/ops.hpp>
#include <limits>

namespace kiln::ir {

namespace {

bool is_learned(const node& n) {
    if (n.kind != op::parameter) return false;
    const role kind = attributes_of<parameter_attributes>(n).kind;
    return kind != role::mean && kind != role::variance;
}

/// Absurd graphs from files may cost more than int64 holds: the total stays at the largest.
void add_up(std::int64_t& total, std::int64_t more) {
    if (__builtin_add_overflow(total, more, &total)) total = std::numeric_limits<std::int64_t>::max();
}

}  // namespace

cost_table cost_table_of(const graph& g) {
    cost_table table;
    table.total.name = "total";
    std::vector<bool> counted(g.nodes.size());
    for (const node& n : g.nodes) {
        if (is_weight(n)) continue;
        cost_row row{.name = n.name, .operation = std::string(name_of(n.kind)), .shape = sample_dims(n)};
        row.activations = row.shape.volume();
        std::vector<dims> in;
        for (const node_id operand : n.operands) {
            in.push_back(sample_dims(g[operand]));
            if (!is_learned(g[operand]) || counted[static_cast<std::size_t>(operand)]) continue;
            counted[static_cast<std::size_t>(operand)] = true;
            row.parameters += in.back().volume();
        }
        if (!is_leaf(n.kind)) {
            const cost c = cost_of(n.kind, n.attributes, in, row.shape);
            row.multiply_adds = c.multiply_adds;
            row.operations = c.operations;
        }
        add_up(table.total.activations, row.activations);
        add_up(table.total.parameters, row.parameters);
        add_up(table.total.multiply_adds, row.multiply_adds);
        add_up(table.total.operations, row.operations);
        table.rows.push_back(std::move(row));
    }
    return table;
}

}  // namespace kiln::ir
