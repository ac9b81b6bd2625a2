#include <kiln/compiler/cli/step_options.hpp>

#include <CLI/CLI.hpp>

#include <map>

namespace kiln::cli {
namespace {

const std::map<std::string, train::optimizer> optimizers{{"sgd", train::optimizer::sgd},
                                                         {"momentum", train::optimizer::momentum},
                                                         {"rmsprop", train::optimizer::rmsprop},
                                                         {"adam", train::optimizer::adam}};
const std::map<std::string, compiler::initializer> initializers{{"he", compiler::initializer::he},
                                                                {"xavier", compiler::initializer::xavier}};

template <class Value>
CLI::IsMember among(const std::map<std::string, Value>& table) {
    std::vector<std::string> names;
    for (const auto& [name, value] : table) names.push_back(name);
    return CLI::IsMember(names);
}

}  // namespace

void add_step(CLI::App& command, step_options& o) {
    train::optimizer_options& optimizer = o.trainer.optimizer;
    command.add_option("--optimizer", o.optimizer)->check(among(optimizers))->capture_default_str();
    command.add_option("--momentum", optimizer.momentum, "of --optimizer momentum")
        ->check(CLI::Range(0.0, 0.999999999))
        ->capture_default_str();
    command
        .add_option("--weight-decay", optimizer.weight_decay, "weights shrink by learning rate times this each step")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    command.add_option("--l2", o.trainer.l2, "half of this times the squares of all weights is part of the cost")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    command.add_option("--clip", optimizer.clip_norm, "largest norm of the gradient, 0: any")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    command.add_option("--freeze", o.trainer.frozen, "layers or scopes whose parameters stay as they are, by name")
        ->delimiter(',');
    command.add_flag("--recompute", o.trainer.recompute, "less memory, about a third more time");
    command.add_option("--initializer", o.initializer, "how large random weights are")
        ->check(among(initializers))
        ->capture_default_str();
}

train::trainer_options trainer_options_of(const step_options& o) {
    train::trainer_options made = o.trainer;
    made.optimizer.kind = optimizers.at(o.optimizer);
    made.compile.weights.start = initializers.at(o.initializer);
    return made;
}

void set_compiling(train::trainer_options& o, const model_options& model, progress& shown) {
    const compiler::initializer start = o.compile.weights.start;
    o.compile = compile_options_of(model, shown);
    o.compile.weights.start = start;
}

train::trainer_options trainer_options_of(const step_options& o, const model_options& model, progress& shown) {
    train::trainer_options made = trainer_options_of(o);
    set_compiling(made, model, shown);
    made.batch = model.batch;
    made.seed = model.seed;
    return made;
}

}  // namespace kiln::cli
