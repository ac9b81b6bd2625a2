// kiln: convolutional networks in C++, compiled to object files.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include <kiln/compiler/cli/commands.hpp>
#include <kiln/compiler/frontend/build_plugin.hpp>
#include <kiln/compiler/frontend/nearest.hpp>
#include <kiln/compiler/train/agreement.hpp>
#include <kiln/runtime/error.hpp>

namespace {

constexpr int failed = 1, misused = 2, interrupted = 130;  // the last as shells report it

int complain(const std::string& sentence, int exit_code) {
    std::fflush(stdout);
    std::fprintf(stderr, "kiln: error: %s\n", sentence.c_str());
    return exit_code;
}

/// The subcommand that was meant but does not exist; empty if there is none. CLI11 would only say that one is missing.
std::string unknown_command(const CLI::App& app, int argc, char** argv) {
    if (argc < 2 || argv[1][0] == '-') return {};
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
    if (std::ranges::find(names, argv[1]) != names.end()) return {};
    return std::string("there is no command '") + argv[1] + "'" + kiln::frontend::did_you_mean(argv[1], names);
}

/// One line, whatever a library put into it.
std::string one_line(std::string text) {
    for (char& c : text)
        if (c == '\n') c = ' ';
    while (!text.empty() && text.back() == ' ') text.pop_back();
    return text;
}

}  // namespace

int main(int argc, char** argv) {
    using namespace kiln;
    std::signal(SIGXFSZ, SIG_IGN);  // a file that may grow no more is an error like a full disk
    CLI::App app{"Kiln: convolutional networks in C++, compiled to object files", "kiln"};
    app.set_version_flag("--version", "kiln " KILN_VERSION);
    app.require_subcommand(1);
    cli::add_compile(app);
    cli::add_run(app);
    cli::add_inspect(app);
    cli::add_bench(app);
    cli::add_tune(app);
    cli::add_export(app);
    cli::add_weights_command(app);
    cli::add_train(app);
    cli::add_plot(app);
    cli::add_list(app);
    if (const std::string unknown = unknown_command(app, argc, argv); !unknown.empty())
        return complain(unknown + " (see kiln --help)", misused);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& parsing) {
        if (parsing.get_exit_code() == 0) return app.exit(parsing);  // --help, --version
        return complain(one_line(parsing.what()) + " (see kiln --help)", misused);
    } catch (const cli::stopped&) {
        return interrupted;
    } catch (const train::failed_elsewhere&) {
        return failed;
    } catch (const frontend::source_error& source) {
        std::fputs(source.compiler_log.c_str(), stderr);
        return complain(source.what(), failed);
    } catch (const error& e) {
        return complain(one_line(e.what()), failed);
    } catch (const std::bad_alloc&) {
        return complain("out of memory", failed);
    } catch (const std::exception& e) {
        return complain(one_line(e.what()), failed);
    }
    if (std::fflush(stdout) != 0 || std::ferror(stdout)) return complain("cannot write to the standard output", failed);
    return 0;
}
