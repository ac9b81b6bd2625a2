#include <doctest/doctest.h>
#include <kiln/compiler/load/jit.hpp>

#include <kiln/compiler/lower/lower.hpp>
#include <kiln/runtime/error.hpp>
#include <memory>
#include <thread>

#include "sample_model.hpp"

using namespace kiln;
using namespace kiln::compiler;
using namespace kiln::testing;

namespace {

struct alignas(64) sample_arena {
    sample_array a, h;
};

const std::string& host_object() {
    static const std::string object = sample_object(resolve_target("host"), "sample");
    return object;
}

sample_array counting(float start) {
    sample_array x;
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = start + static_cast<float>(i);
    return x;
}

/// Runs steps [first, end) of the sample with all of h set to 1 before.
int run(const loaded_object& object, const sample_array& x, sample_array& y, sample_arena& arena, int first = 0,
        int end = 2) {
    const sample_array w = sample_weights();
    const void* inputs[] = {x.data()};
    void* outputs[] = {y.data()};
    return object.execute()(w.data(), inputs, outputs, &arena, first, end);
}

}  // namespace

TEST_CASE("a loaded object runs its steps after their zero fills") {
    const loaded_object object(host_object(), "sample");
    sample_arena arena;
    arena.h.fill(1.0F);
    const sample_array x = counting(3);
    sample_array y{};
    CHECK(run(object, x, y, arena) == 0);
    CHECK(y == sample_expected(x, 1.0F));
}

TEST_CASE("steps can be run one at a time") {
    const loaded_object object(host_object(), "sample");
    sample_arena arena;
    arena.h.fill(1.0F);
    const sample_array x = counting(5);
    sample_array y{};
    CHECK(run(object, x, y, arena, 0, 0) == 0);
    CHECK(run(object, x, y, arena, 0, 1) == 0);
    CHECK(y == sample_array{});
    CHECK(arena.h[0] == 1.0F);
    CHECK(run(object, x, y, arena, 1, 2) == 0);
    CHECK(y == sample_expected(x, 1.0F));
    CHECK(run(object, x, y, arena, 2, 2) == 0);
}

TEST_CASE("wrong arguments are refused with a code, before anything is written") {
    const loaded_object object(host_object(), "sample");
    const execute_function execute = object.execute();
    sample_arena arena;
    arena.a.fill(7.0F);
    const sample_array x{}, w{};
    sample_array y{};
    const void* inputs[] = {x.data()};
    const void* no_input[] = {nullptr};
    void* outputs[] = {y.data()};
    void* no_output[] = {nullptr};
    CHECK(execute(nullptr, inputs, outputs, &arena, 0, 2) == 2);
    CHECK(execute(w.data(), nullptr, outputs, &arena, 0, 2) == 2);
    CHECK(execute(w.data(), no_input, outputs, &arena, 0, 2) == 2);
    CHECK(execute(w.data(), inputs, nullptr, &arena, 0, 2) == 2);
    CHECK(execute(w.data(), inputs, no_output, &arena, 0, 2) == 2);
    CHECK(execute(w.data(), inputs, outputs, nullptr, 0, 2) == 2);
    CHECK(execute(w.data(), inputs, outputs, reinterpret_cast<char*>(&arena) + 32, 0, 2) == 3);
    CHECK(execute(w.data(), inputs, outputs, &arena, -1, 2) == 4);
    CHECK(execute(w.data(), inputs, outputs, &arena, 0, 3) == 4);
    CHECK(execute(w.data(), inputs, outputs, &arena, 2, 1) == 4);
    CHECK(execute(w.data(), inputs, outputs, &arena, 0, -1) == 4);
    CHECK(arena.a[0] == 7.0F);
}

TEST_CASE("a processor without the target's instructions gets code 1") {
    // No processor has both AVX-512 of Knights Landing and of Skylake.
    const std::string impossible = "x86-64-linux-avx-avx2-avx512-avx512_knl-avx512_skylake-f16c-fma-sse41";
    const loaded_object object(sample_object(impossible, "sample"), "sample");
    sample_arena arena;
    sample_array y{};
    CHECK(run(object, counting(1), y, arena) == 1);
    CHECK(y == sample_array{});
}

TEST_CASE("two objects with the same names live side by side, and one outlives the other") {
    auto first = std::make_unique<loaded_object>(host_object(), "sample");
    const loaded_object second(host_object(), "sample");
    CHECK((first->execute() != second.execute()));
    first->set_threads(2);
    sample_arena arena;
    const sample_array x = counting(9);
    sample_array y{};
    arena.h.fill(1.0F);
    CHECK(run(*first, x, y, arena) == 0);
    first.reset();
    arena.h.fill(2.0F);
    CHECK(run(second, x, y, arena) == 0);
    CHECK(y == sample_expected(x, 2.0F));
}

TEST_CASE("objects are loaded and run in several threads at once, sharing one and owning one") {
    const loaded_object shared(host_object(), "sample");
    shared.set_threads(2);
    std::vector<std::thread> threads;
    std::vector<int> wrong(4);
    for (std::size_t t = 0; t < wrong.size(); ++t)
        threads.emplace_back([&, t] {
            const loaded_object own(host_object(), "sample");
            own.set_threads(2);
            sample_arena arena;
            for (int round = 0; round < 200; ++round) {
                const float h = static_cast<float>(t) + 1;
                const sample_array x = counting(static_cast<float>(round));
                for (const loaded_object* object : {&shared, &own}) {
                    sample_array y{};
                    arena.h.fill(h);
                    if (run(*object, x, y, arena) != 0 || y != sample_expected(x, h)) ++wrong[t];
                }
            }
        });
    for (std::thread& t : threads) t.join();
    for (const int count : wrong) CHECK(count == 0);
}

TEST_CASE("an object can be moved") {
    loaded_object first(host_object(), "sample");
    const execute_function execute = first.execute();
    const loaded_object second = std::move(first);
    CHECK((second.execute() == execute));
    sample_arena arena;
    sample_array y{};
    CHECK(run(second, counting(0), y, arena) == 0);
}

TEST_CASE("what is no object, or lacks the function, is an error that names the model") {
    CHECK_THROWS_WITH_AS(loaded_object("not an object", "sample"), doctest::Contains("'sample' cannot be loaded"),
                         error);
    CHECK_THROWS_WITH_AS(loaded_object(host_object(), "other"), doctest::Contains("other_execute"), error);
    CHECK_THROWS_WITH_AS(loaded_object(host_object(), "sample").set_threads(-1), doctest::Contains("found -1"), error);
}
