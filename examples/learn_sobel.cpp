// Nine weights learn what an edge is: a 3x3 filter is trained on a photo and the photo's vertical edges, found by
// Sobel's filter, and ends up as Sobel's filter.
//
//   build/examples/learn_sobel [PHOTO]
//
// Prints the weights and how far the worst is from Sobel's; fails where that is more than 0.01.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include <kiln/compiler/kiln.hpp>
#include <kiln/compiler/train/trainer.hpp>
#include <kiln/runtime/image.hpp>

using namespace kiln;
using namespace kiln::literals;

namespace {

constexpr std::int32_t side = 256;
using photo = shape<side, side, 1>;
using edges = shape<side - 2, side - 2, 1>;

constexpr auto sobel = conv(sobel_vertical);
constexpr auto learned = conv(1_c, 3_c, no_bias);

/// The mean squared difference, so that a photo's size does not matter.
constexpr auto mean_squared_error = [](auto image, auto truth) {
    return squared_error(image | learned, truth) * (1.0F / static_cast<float>(edges::value.volume()));
};

}  // namespace

int main(int count, char** arguments) try {
    const tensor whole = to_gray(read_image(count > 1 ? arguments[1] : "build/data/astronaut.png"));
    tensor image = center_crop(whole, side, side);
    image.shape.insert(image.shape.begin(), 1);  // a batch of one
    const tensor truth = compile(network<sobel, photo>::view())({image}).front();

    train::trainer trainer(network<mean_squared_error, photo, edges>::view(), {.batch = 1});
    // Neighbouring pixels are much alike, which makes the valley of this cost long and flat: Adam, slower and slower.
    constexpr int steps = 5000;
    for (int step = 0; step < steps; ++step) {
        const double j = trainer.step(std::vector{image, truth}, 0.05 * std::pow(0.9995, step)).cost;
        if (step % 1000 == 0 || step == steps - 1) fmt::print("step {:4}: mean squared error {:.3g}\n", step, j);
    }

    const tensor weights = trainer.weights().begin()->second;
    double worst = 0;
    for (std::size_t i = 0; i < 9; ++i) {
        fmt::print("{:8.4f}{}", weights.values[i], i % 3 == 2 ? "\n" : "");
        worst = std::max(worst, std::abs(static_cast<double>(weights.values[i]) - sobel_vertical.values[i]));
    }
    fmt::print("farthest from Sobel's: {:.2g}\n", worst);
    return worst <= 0.01 ? 0 : 1;
} catch (const error& e) {
    fmt::print(stderr, "learn_sobel: {}\n", e.what());
    return 1;
}
