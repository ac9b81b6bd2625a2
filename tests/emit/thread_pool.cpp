// The pool as it is in objects: a program calls it as kernels do.
#include <doctest/doctest.h>
#include <kiln/compiler/emit/emit.hpp>

#include <kiln/compiler/lower/lower.hpp>
#include <kiln/tests/emit/scratch_folder.hpp>

#include "sample_model.hpp"

using namespace kiln;
using namespace kiln::compiler;
using namespace kiln::testing;

namespace {

constexpr std::string_view program = R"(
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <thread>
#include <vector>

using body = int(void*, int, unsigned char*);
extern "C" int halide_do_par_for(void*, body*, int first, int count, unsigned char* closure);
extern "C" int halide_set_num_threads(int);
extern "C" void halide_shutdown_thread_pool();

constexpr int first = 7;
struct loop {
    explicit loop(int tasks) : runs(tasks) {}
    int run();
    std::vector<std::atomic<int>> runs;
    int failing = -1, inner = 0;
    std::chrono::microseconds takes{0};
};

void expect(bool what, const char* message) {
    if (what) return;
    std::printf("%s\n", message);
    std::exit(1);
}

void expect_each_once(const loop& l) {
    for (const auto& runs : l.runs) expect(runs == 1, "a task was not run exactly once");
}

int task(void* context, int index, unsigned char* closure) {
    expect(context == &first, "another context");
    loop& l = *reinterpret_cast<loop*>(closure);
    if (l.inner > 0) {
        loop nested(l.inner);
        expect(nested.run() == 0, "a loop in a task failed");
        expect_each_once(nested);
    }
    if (l.takes.count() > 0) std::this_thread::sleep_for(l.takes);
    l.runs.at(index - first)++;
    return index - first == l.failing ? 42 : 0;
}

int loop::run() {
    return halide_do_par_for(const_cast<int*>(&first), task, first, runs.size(), reinterpret_cast<unsigned char*>(this));
}

void many_loops(int seed) {
    std::srand(seed);
    for (int i = 0; i < 400; ++i) {
        loop l(std::rand() % 40);
        l.inner = i % 20 == 0 ? std::rand() % 5 : 0;
        expect(l.run() == 0, "a loop failed");
        expect_each_once(l);
        if (i % 100 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));  // workers go to sleep
    }
}

int main() {
    for (const int threads : {1, 2, 3, 8, 300, 0}) {
        halide_set_num_threads(threads);
        many_loops(threads);
    }
    halide_set_num_threads(4);
    {
        std::vector<std::jthread> callers;  // more than there are slots for their loops
        for (int i = 0; i < 12; ++i) callers.emplace_back(many_loops, i);
    }
    for (const int threads : {1, 4}) {
        halide_set_num_threads(threads);
        loop l(100);
        l.failing = 3;
        expect(l.run() == 42, "a task's error was not returned");
        for (const auto& runs : l.runs) expect(runs <= 1, "a task of a failing loop ran twice");
        loop after(50);
        expect(after.run() == 0, "the loop after a failing one failed");
        expect_each_once(after);
    }
    loop slow(4);  // longer than anybody looks on
    slow.takes = std::chrono::milliseconds(5);
    const auto start = std::chrono::steady_clock::now();
    expect(slow.run() == 0, "a slow loop failed");
    expect(std::chrono::steady_clock::now() - start < std::chrono::milliseconds(18), "tasks did not run side by side");
    expect_each_once(slow);
    for (int i = 0; i < 20; ++i) {  // it starts again by itself
        halide_shutdown_thread_pool();
        many_loops(i);
    }
    std::printf("%d\n", halide_set_num_threads(3));
}
)";

}  // namespace

TEST_CASE("the thread pool runs every task once, whoever calls") {
    const scratch_folder folder;
    write_text(folder.file("main.cpp"), program);
    write_text(folder.file("sample.o"), sample_object(resolve_target("host"), "sample", weights_as::embedded));
    const auto built = run_command("cd " + folder.path().string() +
                                   " && " KILN_CXX_COMPILER
                                   " -std=c++20 -O1 -Wall -Wextra -Werror main.cpp sample.o -o program -lm -lpthread");
    REQUIRE_MESSAGE(built.status == 0, built.output);
    for (const char* spinning : {"", "KILN_SPIN_MICROSECONDS=0 ", "KILN_SPIN_MICROSECONDS=-3 "}) {
        const auto ran = run_command(spinning + ("timeout 120 " + folder.file("program")));
        CHECK_MESSAGE(ran.status == 0, ran.output);
        CHECK(ran.output == "4\n");
    }
}
