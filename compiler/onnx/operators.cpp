#include <kiln/compiler/onnx/operators.hpp>

#include <algorithm>
#include <array>

namespace kiln::onnx {
namespace {

struct row {
    std::string_view name;
    operator_function function;
};

constexpr std::array table = {
#define KILN_ONNX_OPERATOR(name, function) row{#name, function},
#include <kiln/compiler/onnx/operators.def>
#undef KILN_ONNX_OPERATOR
};

}  // namespace

operator_function find_operator(std::string_view name) {
    const auto found = std::ranges::find(table, name, &row::name);
    return found == table.end() ? nullptr : found->function;
}

}  // namespace kiln::onnx
