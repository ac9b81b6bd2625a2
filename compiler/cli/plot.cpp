// kiln plot: the curves of one training or of several together, from their logs.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <filesystem>
#include <string>
#include <vector>

#include <kiln/compiler/cli/commands.hpp>
#include <kiln/compiler/train/history.hpp>
#include <kiln/runtime/atomic_file.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/mapped_file.hpp>

namespace kiln::cli {
namespace {

struct options {
    std::vector<std::string> logs, names;
    std::string output;
};

void plot(const options& o) {
    if (!o.names.empty() && o.names.size() != o.logs.size())
        throw error(fmt::format("there are {} logs, but {} names: give one for each", o.logs.size(), o.names.size()));
    std::vector<train::named_history> runs;
    for (std::size_t i = 0; i < o.logs.size(); ++i) {
        const std::filesystem::path file = o.logs[i];
        const mapped_file text(file);
        runs.push_back({o.names.empty() ? file.stem().string() : o.names[i], std::string(text_of(text.bytes()))});
    }
    write_file(o.output, bytes_of(svg_of(train::curves_of(runs))));
    fmt::print("wrote {}\n", o.output);
}

}  // namespace

void add_plot(CLI::App& kiln) {
    CLI::App* command = kiln.add_subcommand("plot", "draw the loss and accuracy of trainings, from kiln train --log");
    const auto o = std::make_shared<options>();
    command->add_option("LOG", o->logs, "files that kiln train --log wrote; curves of one have one colour")->required();
    command->add_option("-o", o->output, "the picture, .svg")->required();
    command->add_option("--names", o->names, "what the legend calls them; the files' names by default")->delimiter(',');
    command->callback([o] { plot(*o); });
}

}  // namespace kiln::cli
