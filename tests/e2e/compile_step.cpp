// kiln compile --train: a source becomes an object that learns, in a C program.
#include <doctest/doctest.h>

#include <kiln/runtime/tensor_file.hpp>

#include "workplace.hpp"

using kiln::e2e::finished;
using kiln::e2e::workplace;

namespace {

/// y = x * scale, trained towards y = 3 x: scale starts at 1, or at what a weight file says.
constexpr const char* network = R"(
#include <kiln/dsl/dsl.hpp>
using namespace kiln;
inline constexpr auto thrice = [](auto x) { return x | learned_scale; };
inline constexpr auto thrice_cost = [](auto x, auto y) { return squared_error(thrice(x), y); };
KILN_EXPORT(thrice, shape<4>);
KILN_EXPORT(thrice_cost, shape<4>, shape<4>);
)";

constexpr const char* program = R"(
#include <stdio.h>
#include <string.h>
#include "step.h"
int main(void) {
    static const float x[8] = {1, -1, 1, -1, 1, 1, -1, -1}, y[8] = {3, -3, 3, -3, 3, 3, -3, -3};
    void *state = thrice_train_step_state_create(), *arena = thrice_train_step_arena_create();
    const float *scale = (const float *)thrice_train_step_state_tensor(state, 0);
    float cost = 0;
    int i;
    if (!state || !arena || strcmp(thrice_train_step_tensors[0].name, "multiply1.scale") != 0) return 1;
    printf("%g\n", (double)scale[0]);
    for (i = 0; i < 60; ++i)
        if (thrice_train_step(x, y, 0.1f, &cost, state, arena) != THRICE_TRAIN_STEP_OK) return 2;
    scale = (const float *)thrice_train_step_state_tensor(state, 0);
    printf("%.3f %.3f\n", (double)scale[0], (double)scale[3]);
    thrice_train_step_state_reset(state);
    printf("%g\n", (double)*(const float *)thrice_train_step_state_tensor(state, 0));
    thrice_train_step_state_destroy(state);
    thrice_train_step_arena_destroy(arena);
    return 0;
}
)";

}  // namespace

TEST_CASE("compile --train writes a step and its header, which a C program learns with") {
    const workplace here;
    here.write("thrice.cpp", network);
    here.write("program.c", program);
    kiln::write_tensors(here / "here/start.npz", {{"multiply1.scale", {{4}, {2, 2, 2, 2}}}});
    for (const std::string weights : {"", " --weights start.npz"}) {
        const std::string said = here.kiln_output(
            "compile thrice.cpp:thrice_cost --train --batch 2 --optimizer sgd "
            "--function-name thrice -o step.o --depfile step.d" +
            weights);
        CHECK(said.find("thrice_train_step: ") == 0);
        CHECK(said.find("wrote step.h") != said.npos);
        CHECK(here.read("step.d").find("thrice.cpp") != std::string::npos);
        const finished ran = here.shell(KILN_C_COMPILER
                                        " -std=c11 -Wall -Wextra -Werror program.c step.o -o program -lm -lpthread && "
                                        "./program");
        INFO(ran.err);
        REQUIRE(ran.exit_code == 0);
        const std::string start = weights.empty() ? "1" : "2";
        CHECK(ran.out == start + "\n3.000 3.000\n" + start + "\n");
    }
}

TEST_CASE("compile --train refuses what it cannot do") {
    const workplace here;
    here.write("thrice.cpp", network);
    const auto refused = [&](const std::string& arguments) {
        const finished f = here.kiln("compile thrice.cpp:" + arguments);
        CHECK(f.exit_code != 0);
        return f.err;
    };
    CHECK(refused("thrice_cost --train --weights-as file").find("--weights-as excludes --train") != std::string::npos);
    CHECK(refused("thrice_cost --train --freeze dense1").find("no layer called 'dense1' can be frozen") !=
          std::string::npos);
    CHECK(refused("thrice_cost --train --freeze multiply1").find("no parameter to train") != std::string::npos);
    CHECK(here.files() == std::vector<std::string>{"thrice.cpp"});
}
