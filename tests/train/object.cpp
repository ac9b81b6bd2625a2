// A step as an object: a C program trains with it, and its state is the trainer's, bit for bit.
#include <kiln/compiler/ir/from_view.hpp>
#include <kiln/compiler/train/emit_step.hpp>
#include <kiln/dsl/dsl.hpp>
#include <kiln/tests/emit/scratch_folder.hpp>

#include "lenet5.hpp"
#include "two_layers.hpp"

using namespace kiln;
using namespace kiln::literals;
using namespace kiln::testing;

namespace {

constexpr int steps = 7;

/// The same numbers in C and here: even in [-0.5, 0.5).
float number(std::uint32_t k) { return static_cast<float>((k * 2654435761U) >> 8) * 0x1p-24F - 0.5F; }

tensor numbers_from(std::vector<std::int64_t> shape, std::uint32_t first) {
    tensor t = zeros(std::move(shape));
    for (float& v : t.values) v = number(first++);
    return t;
}

/// Trains `STEPS` times, writes the state's tensors one after the other to a file, then diverges.
constexpr std::string_view program = R"(
#include "step.h"
#include <math.h>
#include <stdio.h>

static float number(uint32_t k) { return (float)((k * 2654435761U) >> 8) * 0x1p-24f - 0.5f; }

static float x[X_ELEMENTS], t[T_ELEMENTS], y[Y_ELEMENTS];

int main(int argc, char **argv) {
    void *state = net_train_step_state_create(), *arena = net_train_step_arena_create();
    float cost = 0;
    uint32_t i, step;
    int status;
    FILE *file = fopen(argv[argc - 1], "wb");
    if (!file || !state || !arena) return 1;
    net_train_step_set_threads(1);
    for (step = 0; step < STEPS; ++step) {
        for (i = 0; i < X_ELEMENTS; ++i) x[i] = number(1000 * step + i);
        for (i = 0; i < T_ELEMENTS; ++i) t[i] = LABEL(number(1000 * step + 500 + i));
        status = net_train_step(x, t, 0.01f, &cost, y, state, arena);
        if (status != NET_TRAIN_STEP_OK) return puts(net_train_step_error_text(status));
    }
    printf("cost %a\n", (double)cost);
    x[0] = NAN;
    puts(net_train_step_error_text(net_train_step(x, t, 0.01f, &cost, y, state, arena)));
    for (i = 0; i < NET_TRAIN_STEP_STATE_TENSORS; ++i) {
        const size_t size = net_train_step_tensors[i].integers ? 8 : 4;
        fwrite(net_train_step_state_tensor(state, (int)i), size, net_train_step_tensors[i].elements, file);
        printf("%s %d\n", net_train_step_tensors[i].name, net_train_step_tensors[i].parameter);
    }
    net_train_step_state_destroy(state);
    net_train_step_arena_destroy(arena);
    return fclose(file);
}
)";

/// What a C program prints whose macros are `definitions`, and the state that it leaves.
std::pair<std::string, std::string> run_program(const train::emitted_step& made, const std::string& definitions) {
    const scratch_folder folder;
    const auto weights = std::string_view(reinterpret_cast<const char*>(made.weights.data()), made.weights.size());
    write_text(folder.file("step.o"), made.object + std::string(weights));
    write_text(folder.file("step.h"), made.header);
    write_text(folder.file("main.c"), program);
    const auto built = run_command("cd " + folder.path().string() + " && cc -std=c11 -Wall -Wextra -Werror -DSTEPS=" +
                                   std::to_string(steps) + " " + definitions + " main.c step.o -lm -lpthread -o main");
    INFO(built.output);
    REQUIRE(built.status == 0);
    const auto ran = run_command(folder.file("main") + " " + folder.file("state"));
    INFO(ran.output);
    REQUIRE(ran.status == 0);
    return {ran.output, read_text(folder.file("state"))};
}

/// `label` makes a target of a number; `definitions` say the same in C.
void check(const ir::graph& g, const train::trainer_options& options, const std::string& definitions,
           float (*label)(float)) {
    train::trainer t(g, options);
    t.set_threads(1);
    double cost = 0;
    for (std::uint32_t step = 0; step < steps; ++step) {
        std::vector<tensor> in{numbers_from(t.inputs()[0].shape, 1000 * step),
                               numbers_from(t.inputs()[1].shape, 1000 * step + 500)};
        for (float& v : in[1].values) v = label(v);
        cost = t.step(in, static_cast<double>(0.01F)).cost;
    }
    const auto [printed, left] = run_program(train::emit_step(g, options, "net_train_step"), definitions);
    std::istringstream lines(printed);
    std::string word, sentence;
    double found = 0;
    lines >> word >> word;
    found = std::strtod(word.c_str(), nullptr);
    CHECK(found == cost);
    std::getline(lines >> std::ws, sentence);
    CHECK(sentence == "the cost or a parameter would not be a finite number; the state is as it was");
    const tensor_map state = t.state();
    std::size_t at = 0, parameters = 0, tensors = 0;
    for (int parameter = 0; lines >> word >> parameter; ++tensors, parameters += static_cast<std::size_t>(parameter)) {
        INFO(word);
        std::vector<std::byte> storage;
        const byte_view expected = stored(state.at(word), storage);
        REQUIRE(at + expected.size() <= left.size());
        CHECK(left.compare(at, expected.size(), text_of(expected)) == 0);
        at += expected.size();
    }
    CHECK(at == left.size());
    CHECK(tensors == state.size());
    CHECK(parameters == t.weights().size());
}

}  // namespace

TEST_CASE("a C program trains as the trainer does, bit for bit") {
    train::trainer_options o;
    o.batch = batch;
    check(two_layers(), o, "-DX_ELEMENTS=24 -DT_ELEMENTS=12 -DY_ELEMENTS=12 '-DLABEL(v)=(v)'",
          [](float v) { return v; });
}

TEST_CASE("LeNet-5 trains in a C program as it does in the trainer, bit for bit") {
    train::trainer_options o;
    o.batch = 8;
    check(ir::from_view(lenet5_cost_view(), 8), o,
          "-DX_ELEMENTS=6272 -DT_ELEMENTS=8 -DY_ELEMENTS=80 '-DLABEL(v)=(float)(int)(((v) + 0.5f) * 10)'",
          [](float v) { return static_cast<float>(static_cast<int>((v + 0.5F) * 10)); });
}
