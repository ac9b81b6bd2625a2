#include <kiln/compiler/frontend/process.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include <kiln/compiler/frontend/open_file.hpp>
#include <kiln/runtime/error.hpp>

extern char** environ;

namespace kiln::frontend {

pid_t start_process(const std::vector<std::string>& words, int input, int output, int errors) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    pid_t child = 0;
    const int failed = posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) throw error(fmt::format("cannot run {}: {}", words[0], std::strerror(failed)));
    return child;
}

int wait_for(pid_t process) {
    int status = 0;
    while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

finished_process run_process(const std::vector<std::string>& words) {
    const open_file nothing(open("/dev/null", O_RDONLY | O_CLOEXEC));
    std::array<int, 2> ends{};
    if (!nothing || pipe2(ends.data(), O_CLOEXEC) != 0)
        throw error(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
    const open_file from(ends[0]);
    open_file to(ends[1]);
    const pid_t child = start_process(words, nothing.get(), to.get(), to.get());
    to.close();

    finished_process result;
    std::array<char, 1 << 14> buffer;
    for (;;) {
        const ssize_t got = read(from.get(), buffer.data(), buffer.size());
        if (got > 0) result.output.append(buffer.data(), static_cast<std::size_t>(got));
        if (got == 0 || (got < 0 && errno != EINTR)) break;
    }
    result.exit_code = wait_for(child);
    return result;
}

}  // namespace kiln::frontend
