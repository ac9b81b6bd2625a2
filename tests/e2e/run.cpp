#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include <kiln/runtime/image.hpp>
#include <kiln/runtime/tensor_file.hpp>

#include "workplace.hpp"

using kiln::tensor;
using kiln::e2e::workplace;

namespace {

/// A dark picture with a bright square.
tensor picture(std::int64_t height, std::int64_t width, std::int64_t channels) {
    tensor image{{height, width, channels}, {}};
    for (std::int64_t y = 0; y < height; ++y)
        for (std::int64_t x = 0; x < width; ++x)
            for (std::int64_t c = 0; c < channels; ++c)
                image.values.push_back(y > height / 3 && y < height * 2 / 3 && x > width / 3 && x < width * 2 / 3);
    return image;
}

}  // namespace

TEST_CASE("every image-like output becomes a picture of its own") {
    const workplace here;
    kiln::write_png(here / "here/square.png", picture(320, 320, 3));
    here.kiln_output("run edges -i square.png -o out.png --scale-output abs");
    CHECK(here.files() == std::vector<std::string>{"out-horizontal.png", "out-magnitude.png", "out-scharr.png",
                                                   "out-sobel.png", "out-vertical.png", "square.png"});
    // Vertical edges answer at the square's left and right sides only, horizontal ones above and below it.
    const tensor vertical = kiln::read_image(here / "here/out-vertical.png");
    REQUIRE(vertical.shape == std::vector<std::int64_t>{320, 320, 1});
    const auto at = [&](const tensor& t, int y, int x) { return t.values[static_cast<std::size_t>(y * 320 + x)]; };
    CHECK(at(vertical, 160, 107) == 1);
    CHECK(at(vertical, 160, 160) == 0);
    CHECK(at(vertical, 107, 160) == 0);
    CHECK(at(kiln::read_image(here / "here/out-horizontal.png"), 107, 160) == 1);
}

TEST_CASE("images of another size or other channels are fitted") {
    const workplace here;
    kiln::write_png(here / "here/photo.png", picture(100, 200, 3));
    for (const char* fit : {"crop", "stretch"}) {
        here.kiln_output(std::string("run lenet5 -i photo.png -o out.npz --resize ") + fit);
        CHECK(kiln::read_tensors(here / "here/out.npz").at("output").values.size() == 10);
    }
}

TEST_CASE("brightness is mapped to the input range and normalised") {
    const workplace here;
    tensor image{{2, 2, 3}, {}};
    for (int i = 0; i < 12; ++i) image.values.push_back(i % 2 ? 1.0F : 0.0F);
    kiln::write_png(here / "here/image.png", image);
    here.write("twice.cpp",
               "#include <kiln/dsl/dsl.hpp>\n"
               "inline constexpr auto twice = [](auto x) { return x + x; };\n"
               "KILN_EXPORT(twice, kiln::shape<2, 2, 3>);\n");
    here.kiln_output("run twice.cpp -i image.png -o out.npy --input-range 0,255 --mean 5,10,15 --std 5");
    const auto values = kiln::read_tensors(here / "here/out.npy").at("out").values;
    REQUIRE(values.size() == 12);
    const float mean[] = {5, 10, 15};
    for (std::size_t i = 0; i < values.size(); ++i)
        CHECK(values[i] == doctest::Approx(2 * (image.values[i] * 255 - mean[i % 3]) / 5));
}

TEST_CASE("several inputs are given by name or in order") {
    const workplace here;
    here.write("sum.cpp",
               "#include <kiln/dsl/dsl.hpp>\n"
               "using namespace kiln;\n"
               "using namespace kiln::literals;\n"
               "inline constexpr auto sum = [](auto a, auto b) {\n"
               "    return outputs(\"first\"_n = relu(a), \"both\"_n = a + b);\n"
               "};\n"
               "KILN_EXPORT(sum, shape<2>, shape<2>);\n");
    kiln::write_tensors(here / "here/a.npy", {{"a", {{2}, {1, 2}}}});
    kiln::write_tensors(here / "here/b.npy", {{"b", {{2}, {10, 20}}}});
    kiln::write_tensors(here / "here/both.npz", {{"input0", {{2}, {1, 2}}}, {"input1", {{1, 2}, {10, 20}}}});
    for (const char* inputs : {"-i a.npy -i b.npy", "-i input1=b.npy -i input0=a.npy", "-i both.npz"}) {
        here.kiln_output(std::string("run sum.cpp -o out.npz ") + inputs);
        const auto outputs = kiln::read_tensors(here / "here/out.npz");
        CHECK(outputs.at("first").values == std::vector<float>{1, 2});
        CHECK(outputs.at("both").values == std::vector<float>{11, 22});
    }
}

TEST_CASE("the highest scores are printed with their labels") {
    const workplace here;
    here.write("labels.txt", "zero\none\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n");
    const std::string plain = here.kiln_output("run lenet5 --fill-mode random --seed 2 --print-top 10");
    const std::string labelled =
        here.kiln_output("run lenet5 --fill-mode random --seed 2 --print-top 10 --labels labels.txt --threads 1");
    std::istringstream lines(labelled);
    std::vector<float> scores;
    float score = 0;
    int index = 0;
    for (std::string label; lines >> score >> index >> label;) {
        scores.push_back(score);
        CHECK(plain.find(std::to_string(index)) != std::string::npos);
        if (index == 3) CHECK(label == "three");
    }
    CHECK(scores.size() == 10);
    CHECK(std::ranges::is_sorted(scores, std::greater<>()));
}

TEST_CASE("runs repeat for a seed, and threads do not change results") {
    const workplace here;
    for (const char* name : {"a.npz", "b.npz"})
        here.kiln_output(std::string("run residual20 --fill-mode random --seed 9 --threads ") +
                         (name[0] == 'a' ? "1" : "2") + " -o " + name);
    CHECK(kiln::read_tensors(here / "here/a.npz").at("output").values ==
          kiln::read_tensors(here / "here/b.npz").at("output").values);
    here.kiln_output("run residual20 --fill-mode random --seed 10 -o c.npz");
    CHECK(kiln::read_tensors(here / "here/a.npz").at("output").values !=
          kiln::read_tensors(here / "here/c.npz").at("output").values);
}

TEST_CASE("the course's network over volumes takes the middle of a CT scan") {
    const workplace here;
    const char* data = std::getenv("KILN_DATA");
    const std::string folder = data ? data : KILN_DATA;
    // What tests/setup finds: another scan on newer systems.
    const std::string scan = folder + (std::filesystem::exists(folder + "/stent.npz") ? "/stent.npz" : "/head.npy");
    CHECK(here.kiln("run volume -i " + scan).exit_code == 1);
    here.kiln_output("run volume --crop-arrays -i " + scan + " -o features.npz");
    const tensor features = kiln::read_tensors(here / "here/features.npz").begin()->second;
    CHECK(features.shape == std::vector<std::int64_t>{1, 6, 6, 6, 32});

    // The same cube, cut out here.
    const tensor whole = kiln::read_tensors(scan).begin()->second;
    REQUIRE(whole.shape.size() == 3);
    const auto from = [&](std::size_t axis) { return (whole.shape[axis] - 14) / 2; };
    tensor cube{{1, 14, 14, 14, 1}, {}};
    for (std::int64_t z = 0; z < 14; ++z)
        for (std::int64_t y = 0; y < 14; ++y)
            for (std::int64_t x = 0; x < 14; ++x)
                cube.values.push_back(whole.values[static_cast<std::size_t>(
                    ((z + from(0)) * whole.shape[1] + y + from(1)) * whole.shape[2] + x + from(2))]);
    CHECK(std::ranges::max(cube.values) > 0);
    kiln::write_tensors(here / "here/cube.npy", {{"cube", cube}});
    here.kiln_output("run volume -i cube.npy -o same.npz");
    CHECK(kiln::read_tensors(here / "here/same.npz").begin()->second.values == features.values);
}
