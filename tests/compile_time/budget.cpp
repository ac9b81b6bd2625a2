// budget COMPILER INCLUDE_DIRECTORY BASE.cpp NETWORK.cpp: compiling NETWORK must take at most 4 times the processor
// time of BASE plus half a second, and 300 MB. Medians of three runs, the two sources in turn, so that a busy machine
// slows both.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

namespace {

struct usage {
    bool compiled = false;
    double seconds = 0;
    long kilobytes = 0;
};

/// Compiles one source; the compiler driver's children count, its own start does too.
usage compile(const std::string& compiler, const std::string& include, const std::string& source) {
    const pid_t child = fork();
    if (child == 0) {
        const std::string search = "-I" + include;
        execlp(compiler.c_str(), compiler.c_str(), "-std=c++20", search.c_str(), "-c", source.c_str(), "-o",
               "/dev/null", static_cast<char*>(nullptr));
        _exit(127);
    }
    int status = 0;
    rusage used{};
    if (child < 0 || wait4(child, &status, 0, &used) != child) return {};
    const double seconds =
        static_cast<double>(used.ru_utime.tv_sec) + 1e-6 * static_cast<double>(used.ru_utime.tv_usec);
    return {WIFEXITED(status) && WEXITSTATUS(status) == 0, seconds, used.ru_maxrss};
}

double median(std::array<double, 3> values) {
    std::sort(values.begin(), values.end());
    return values[1];
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 5) {
        std::fprintf(stderr, "usage: budget COMPILER INCLUDE_DIRECTORY BASE.cpp NETWORK.cpp\n");
        return 2;
    }
    std::array<double, 3> base{}, network{};
    long most = 0;
    for (std::size_t run = 0; run < 3; ++run) {
        const usage alone = compile(arguments[1], arguments[2], arguments[3]);
        const usage whole = compile(arguments[1], arguments[2], arguments[4]);
        if (!alone.compiled || !whole.compiled) {
            std::fprintf(stderr, "budget: %s does not compile\n", alone.compiled ? arguments[4] : arguments[3]);
            return 1;
        }
        base[run] = alone.seconds;
        network[run] = whole.seconds;
        most = std::max(most, whole.kilobytes);
    }
    const double allowed = 4 * median(base) + 0.5;
    std::printf("header alone %.2f s, network %.2f s of %.2f s, %ld MB of 300 MB\n", median(base), median(network),
                allowed, most / 1000);
    return median(network) <= allowed && most <= 300'000 ? 0 : 1;
}
