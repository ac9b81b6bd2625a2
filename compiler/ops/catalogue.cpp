#include <kiln/compiler/ops/catalogue.hpp>

#include <fmt/format.h>

#include <array>

#include <kiln/compiler/ops/operator.hpp>

namespace kiln::compiler {
namespace {

struct entry {
    std::string_view stem, words, onnx, ranks;
};

constexpr std::array entries = {
#define KILN_CATALOGUE(stem, words, onnx, ranks) entry{#stem, words, onnx, ranks},
#include <kiln/compiler/ops/catalogue.def>
#undef KILN_CATALOGUE
};

constexpr int leaves = 3;

constexpr bool is_complete() {
    if (entries.size() != static_cast<std::size_t>(operator_count - leaves)) return false;
    for (std::size_t i = 0; i < entries.size(); ++i)
        if (entries[i].stem != operator_names[i + leaves]) return false;
    return true;
}
static_assert(is_complete(),
              "compiler/ops/catalogue.def must have one line for each line of dsl/ops/ops.def, in order");

/// Whether the operator's row has a gradient. There is no such member yet; the column fills itself once there is.
template <class Row>
std::string_view gradient_of(const Row& row) {
    if constexpr (requires { row.gradient; })
        return row.gradient ? "yes" : "";
    else
        return "";
}

}  // namespace

std::string operators_in_markdown() {
    std::string text =
        "| operator | words of the DSL | operators of ONNX | reference | gradient | fused | ranks |\n"
        "|---|---|---|---|---|---|---|\n";
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const operator_row& row = row_of(static_cast<op>(i + leaves));
        const entry& e = entries[i];
        text +=
            fmt::format("| [{0}](ops/{0}.md) | {1} | {2} | {3} | {4} | {5} | {6} |\n", e.stem, e.words, e.onnx,
                        row.reference ? "float32" : "any type", gradient_of(row), row.expression ? "yes" : "", e.ranks);
    }
    return text;
}

}  // namespace kiln::compiler
