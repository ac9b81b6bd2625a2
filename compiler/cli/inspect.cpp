// kiln inspect: the course's table of a network, its picture, and what the passes make of it.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <nlohmann/json.hpp>

#include <kiln/compiler/cli/commands.hpp>
#include <kiln/compiler/cli/model_options.hpp>
#include <kiln/compiler/cli/numbers.hpp>
#include <kiln/compiler/ir/cost_table.hpp>
#include <kiln/compiler/ir/print.hpp>

namespace kiln::cli {
namespace {

struct options {
    model_options model;
    bool json = false, dot = false;
};

void print_table(const ir::cost_table& table) {
    std::size_t name = 5, operation = 8, shape = 16;
    for (const ir::cost_row& row : table.rows) {
        name = std::max(name, row.name.size());
        operation = std::max(operation, row.operation.size());
        shape = std::max(shape, ir::text_of(row.shape).size());
    }
    const auto line = [&](const std::string& n, const std::string& o, const std::string& s, const std::string& a,
                          const std::string& p, const std::string& m) {
        fmt::print("{:<{}}  {:<{}}  {:>{}}  {:>15}  {:>13}  {:>17}\n", n, name, o, operation, s, shape, a, p, m);
    };
    const std::string rule(name + operation + shape + 55, '-');
    line("layer", "operator", "activation shape", "activation size", "parameters", "multiply-adds");
    fmt::print("{}\n", rule);
    for (const ir::cost_row& row : table.rows)
        line(row.name, row.operation, ir::text_of(row.shape), grouped(row.activations), grouped(row.parameters),
             grouped(row.multiply_adds));
    fmt::print("{}\n", rule);
    line("total", "", "", grouped(table.total.activations), grouped(table.total.parameters),
         grouped(table.total.multiply_adds));
}

nlohmann::ordered_json json_of(const dims& d) {
    auto json = nlohmann::ordered_json::array();
    for (int axis = 0; axis < d.rank; ++axis) json.push_back(d[axis]);
    return json;
}

void print_json(const ir::graph& g, const ir::cost_table& table) {
    auto layers = nlohmann::ordered_json::array();
    for (const ir::cost_row& row : table.rows)
        layers.push_back({{"name", row.name},
                          {"operator", row.operation},
                          {"shape", json_of(row.shape)},
                          {"activations", row.activations},
                          {"parameters", row.parameters},
                          {"multiply_adds", row.multiply_adds}});
    const nlohmann::ordered_json json = {{"model", g.name},
                                         {"layers", layers},
                                         {"total",
                                          {{"activations", table.total.activations},
                                           {"parameters", table.total.parameters},
                                           {"multiply_adds", table.total.multiply_adds}}}};
    fmt::print("{}\n", json.dump(2));
}

void inspect(const options& o) {
    const ir::graph graph = load(o.model).graph;
    const bool passes = !o.model.dump_after.empty() || o.model.time_passes;
    if (passes) {
        progress none(true);
        compiler::optimize_graph(graph, compile_options_of(o.model, none));
    }
    if (o.dot)
        fmt::print("{}", ir::print_dot(graph));
    else if (o.json)
        print_json(graph, ir::cost_table_of(graph));
    else if (!passes)
        print_table(ir::cost_table_of(graph));
}

}  // namespace

void add_inspect(CLI::App& kiln) {
    CLI::App* command = kiln.add_subcommand("inspect", "print a model's layers with shapes, parameters and cost");
    const auto o = std::make_shared<options>();
    add_model(*command, o->model);
    add_weights(*command, o->model);
    auto* json = command->add_flag("--json", o->json, "as JSON");
    auto* dot = command->add_flag("--dot", o->dot, "as a Graphviz drawing");
    json->excludes(dot);
    add_pass_options(*command, o->model);
    command->callback([o] { inspect(*o); });
}

}  // namespace kiln::cli
