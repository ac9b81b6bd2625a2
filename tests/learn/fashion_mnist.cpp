#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fstream>
#include <kiln/runtime/data/batches.hpp>
#include <kiln/runtime/data/read_data_set.hpp>
#include <kiln/tests/e2e/workplace.hpp>

using namespace kiln;
using kiln::e2e::workplace;

namespace {

/// Classifies images.raw, floats, and prints how many are of the class that labels.raw says, a byte each.
const char* const program = R"(
#include <stdio.h>
#include "lenet5.h"
int main(void) {
    static float image[28 * 28], score[10];
    void *arena = lenet5_arena_create();
    FILE *images = fopen("images.raw", "rb"), *labels = fopen("labels.raw", "rb");
    int correct = 0, label;
    while ((label = fgetc(labels)) != EOF) {
        int best = 0;
        if (fread(image, sizeof image, 1, images) != 1 || lenet5_run(image, score, arena) != LENET5_OK) return 1;
        for (int c = 1; c < 10; ++c)
            if (score[c] > score[best]) best = c;
        correct += best == label;
    }
    printf("%d\n", correct);
    return 0;
}
)";

void write_raw(const workplace& here, const data::part& test) {
    const std::vector<data::network_input> inputs{{"image", {28, 28, 1}}, {"label", {1}}};
    const data::data_set set{"", test, {}, {}, {}};
    const auto intakes = data::intakes_for(set, inputs, {});
    std::ofstream images(here / "here/images.raw", std::ios::binary),
        labels(here / "here/labels.raw", std::ios::binary);
    std::vector<float> image(28 * 28);
    for (std::int64_t i = 0; i < test.count; ++i) {
        data::take(set.train.fields[0], i, intakes[0], image);
        images.write(reinterpret_cast<const char*>(image.data()), sizeof(float) * 28 * 28);
        labels.put(static_cast<char>(test.fields[1].values[static_cast<std::size_t>(i)]));
    }
}

}  // namespace

TEST_CASE("LeNet-5 learns Fashion-MNIST to 90 % in 10 epochs, and its object classifies as the trained network does") {
    const workplace here;
    const std::string printed = here.kiln_output(
        "train lenet5 --data fashion-mnist --epochs 10 --batch 64 --optimizer adam --lr 0.003 --schedule cosine "
        "--weight-decay 0.02 --seed 1 -o lenet5.safetensors --plot curves.svg --log log.jsonl");
    MESSAGE(printed);
    const std::size_t at = printed.rfind("test accuracy ");
    REQUIRE(at != std::string::npos);
    const double accuracy = std::stod(printed.substr(at + 14));
    CHECK(accuracy >= 0.90);

    const data::data_set set = data::read_data_set("fashion-mnist", {}, 2);
    write_raw(here, set.test);
    here.write("program.c", program);
    here.kiln_output("compile lenet5 --weights lenet5.safetensors -o lenet5.o");
    const auto run = here.shell(KILN_C_COMPILER " -O1 program.c lenet5.o -o program -lm -lpthread && ./program");
    INFO(run.err);
    REQUIRE(run.exit_code == 0);
    CHECK(std::stoi(run.out) == std::lround(accuracy * 10'000));
}
