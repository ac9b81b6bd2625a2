// The subcommands of `kiln`. Each function adds one to the parser, with what it does when it is chosen; what goes wrong
// there is thrown as kiln::error and printed by main.
#pragma once

#include <CLI/App.hpp>
#include <exception>

namespace kiln::cli {

void add_compile(CLI::App& kiln);
void add_run(CLI::App& kiln);
void add_inspect(CLI::App& kiln);
void add_bench(CLI::App& kiln);
void add_tune(CLI::App& kiln);
void add_export(CLI::App& kiln);
void add_weights_command(CLI::App& kiln);
void add_train(CLI::App& kiln);
void add_plot(CLI::App& kiln);
void add_list(CLI::App& kiln);

/// Thrown where a command was interrupted, has saved what it could and has said so: the program ends as one that SIGINT
/// ended.
struct stopped : std::exception {};

}  // namespace kiln::cli
