#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <kiln/compiler/build/worker_processes.hpp>

#include <cerrno>
#include <kiln/runtime/error.hpp>
#include <kiln/tests/emit/scratch_folder.hpp>
#include <map>
#include <thread>
#include <vector>

using namespace kiln;
using compiler::run_in_workers;
using compiler::work_item;

namespace {

std::string message_of(const std::vector<work_item>& items, const compiler::worker_limits& limits = {}) {
    try {
        run_in_workers(items, limits, [](std::size_t, std::string) {});
    } catch (const error& e) {
        return e.what();
    }
    return "";
}

bool has_children() { return ::waitpid(-1, nullptr, WNOHANG) != -1 || errno != ECHILD; }

std::string forever() {
    for (;;) ::pause();
}

/// Needs about 48 MiB of stack.
std::size_t deep(int levels) {
    volatile char frame[4096];
    frame[levels % 4096] = 1;
    return levels == 0 ? 0 : deep(levels - 1) + static_cast<std::size_t>(frame[levels % 4096]);
}

}  // namespace

TEST_CASE("every item's answer comes back under its index, however long it is") {
    std::vector<work_item> items;
    for (int i = 0; i < 9; ++i)
        items.push_back(
            {"item", [i] { return std::string(static_cast<std::size_t>(i) * 300'000, 'a' + static_cast<char>(i)); }});
    for (const int jobs : {0, 1, 4}) {
        std::map<std::size_t, std::string> answers;
        run_in_workers(items, {.jobs = jobs}, [&](std::size_t i, std::string s) { answers[i] = std::move(s); });
        REQUIRE(answers.size() == items.size());
        for (std::size_t i = 0; i < items.size(); ++i) CHECK(answers[i] == items[i].work());
    }
    CHECK(!has_children());
}

TEST_CASE("workers do not share memory with this process") {
    int touched = 0;
    const std::vector<work_item> items{{"item", [&] { return std::to_string(++touched); }}};
    run_in_workers(items, {}, [](std::size_t, const std::string& s) { CHECK(s == "1"); });
    CHECK(touched == 0);
}

TEST_CASE("a worker has a large stack") {
    const std::vector<work_item> items{{"deep", [] { return std::to_string(deep(12'000)); }}};
    run_in_workers(items, {}, [](std::size_t, const std::string& s) { CHECK(s == "12000"); });
}

TEST_CASE("an exception in a worker is an error that names the item") {
    CHECK(message_of({{"kernel conv 3x3", []() -> std::string { throw std::runtime_error("bad bounds"); }}}) ==
          "kernel conv 3x3 could not be compiled: bad bounds");
}

TEST_CASE("a crash in a worker is an error that names the item and the signal; the others are stopped") {
    const std::string message = message_of({{"hanging", forever},
                                            {"crashing",
                                             [] {
                                                 ::signal(SIGSEGV, SIG_DFL);  // sanitizers catch it
                                                 ::raise(SIGSEGV);
                                                 return std::string();
                                             }}},
                                           {.jobs = 2});
    CHECK(message ==
          "crashing could not be compiled: its compiler process was ended by signal 11 (Segmentation fault)");
    CHECK(!has_children());
}

TEST_CASE("a worker that exits without an answer is an error") {
    CHECK(message_of({{"quitting", []() -> std::string { ::_exit(0); }}}) ==
          "quitting could not be compiled: its compiler process ended without an answer");
}

TEST_CASE("a worker that takes too long is stopped") {
    CHECK(message_of({{"hanging", forever}}, {.time_limit = std::chrono::milliseconds(200)}) ==
          "hanging could not be compiled: it took longer than 0.2 s");
    CHECK(!has_children());
}

TEST_CASE("workers die with the process that started them") {
    const testing::scratch_folder folder;
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t parent = ::fork();
    if (parent == 0) {
        ::close(ends[0]);
        run_in_workers(std::vector<work_item>{{"hanging",
                                               [&] {
                                                   const char started = 's';
                                                   if (::write(ends[1], &started, 1) != 1) ::_exit(1);
                                                   return forever();
                                               }}},
                       {}, [](std::size_t, std::string) {});
        ::_exit(0);
    }
    ::close(ends[1]);
    char byte = 0;
    REQUIRE(::read(ends[0], &byte, 1) == 1);
    ::kill(parent, SIGKILL);
    ::waitpid(parent, nullptr, 0);
    // The worker holds the pipe's other end for as long as it lives.
    CHECK(::read(ends[0], &byte, 1) == 0);
    ::close(ends[0]);
}

TEST_CASE("several threads can run workers at once") {
    std::vector<std::thread> threads;
    std::vector<int> sums(4);
    for (std::size_t t = 0; t < sums.size(); ++t)
        threads.emplace_back([&sums, t] {
            std::vector<work_item> items;
            for (int i = 0; i < 10; ++i) items.push_back({"item", [i] { return std::to_string(i); }});
            run_in_workers(items, {.jobs = 2}, [&](std::size_t, const std::string& s) { sums[t] += std::stoi(s); });
        });
    for (std::thread& t : threads) t.join();
    for (const int sum : sums) CHECK(sum == 45);
}
