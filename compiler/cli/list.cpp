// kiln list: the networks that ship with Kiln, or its operators.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <nlohmann/json.hpp>

#include <kiln/compiler/cli/commands.hpp>
#include <kiln/compiler/cli/numbers.hpp>
#include <kiln/compiler/frontend/shipped.hpp>
#include <kiln/compiler/ir/cost_table.hpp>
#include <kiln/compiler/ops/catalogue.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::cli {
namespace {

std::string output_shapes(const ir::graph& g) {
    std::string text;
    for (const ir::output& o : g.outputs)
        text += fmt::format("{}{}", text.empty() ? "" : ",", ir::text_of(ir::sample_dims(g[o.node])));
    return text;
}

void list(bool as_json) {
    const auto networks = frontend::shipped_networks();
    if (networks.empty()) throw error("no networks were installed with this Kiln");
    auto json = nlohmann::ordered_json::array();
    if (!as_json)
        fmt::print("{:<24} {:>20} {:>20} {:>14} {:>18}\n", "network", "input", "output", "parameters", "multiply-adds");
    for (const frontend::shipped_network& n : networks) {
        const auto loaded = frontend::load_shipped(n.label, 1);
        if (!loaded) continue;
        const ir::cost_row total = ir::cost_table_of(loaded->graph).total;
        if (as_json)
            json.push_back({{"name", n.label},
                            {"input", n.inputs},
                            {"output", output_shapes(loaded->graph)},
                            {"parameters", total.parameters},
                            {"multiply_adds", total.multiply_adds}});
        else
            fmt::print("{:<24} {:>20} {:>20} {:>14} {:>18}\n", n.label, n.inputs, output_shapes(loaded->graph),
                       grouped(total.parameters), grouped(total.multiply_adds));
    }
    if (as_json) fmt::print("{}\n", json.dump(2));
}

}  // namespace

void add_list(CLI::App& kiln) {
    CLI::App* command = kiln.add_subcommand("list", "list the networks that ship with Kiln");
    const auto as_json = std::make_shared<bool>(false), operators = std::make_shared<bool>(false);
    auto* json = command->add_flag("--json", *as_json, "as JSON");
    command->add_flag("--operators", *operators, "the operators instead, as the table of docs/operators.md")
        ->excludes(json);
    command->callback([=] {
        if (*operators)
            fmt::print("{}", compiler::operators_in_markdown());
        else
            list(*as_json);
    });
}

}  // namespace kiln::cli
