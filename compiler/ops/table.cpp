#include <array>
#include <kiln/compiler/ops/rows.hpp>
#include <stdexcept>

namespace kiln::compiler {

const operator_row& row_of(op o) {
    static const std::array rows = {
        operator_row{}, operator_row{}, operator_row{},  // the leaves
#define KILN_OPERATOR(stem) stem##_row(),
#include <kiln/dsl/ops/ops.def>
#undef KILN_OPERATOR
    };
    static_assert(rows.size() == operator_count);
    if (is_leaf(o)) throw std::logic_error("row_of: inputs, parameters and constants compute nothing");
    return rows.at(static_cast<std::size_t>(o));
}

}  // namespace kiln::compiler
