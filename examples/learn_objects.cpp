// Learns to find things in photos, in the two ways of the course: one object's box by localisation, with p_c and "don't
// care", and several at a time by YOLO's 3x3 grid with two anchors.
//
//   build/examples/learn_objects localize|yolo [--steps N] [--show FILE.png] [--weights FILE.safetensors]
//
// Scenes are garments on photos (learning/scenes.hpp); what is tested is made of garments and photos that training
// never saw. Prints the mean intersection over union of the boxes found with the true ones.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <future>
#include <map>

#include <kiln/compiler/kiln.hpp>
#include <kiln/compiler/train/trainer.hpp>
#include <kiln/runtime/detection.hpp>
#include <kiln/runtime/image.hpp>
#include <kiln/runtime/tensor_file.hpp>

#include "learning/scenes.hpp"

using namespace kiln;
using namespace kiln::literals;

namespace {

constexpr int side = 100, classes = 3, batch = 32;
using picture = shape<side, side, 3>;

// clang-format off
constexpr auto unit = [](auto width) { return seq(conv_bn(width, 3_c, same), leaky_relu(0.1)); };
constexpr auto stage = [](auto width) { return seq(unit(width), max_pool(2_c)); };

constexpr auto backbone = seq(stage(16_c), stage(32_c), stage(64_c), stage(128_c), stage(256_c));  // 3x3x256

constexpr auto locate = seq(named("backbone"_n, backbone), named("hidden"_n, dense(128_c)), relu,
                            named("answer"_n, dense(8_c)));
constexpr auto detect = seq(named("backbone"_n, backbone), named("hidden"_n, unit(256_c)),
                            named("answer"_n, conv(16_c, 1_c)));
// clang-format on

constexpr auto locate_cost = [](auto image, auto truth) {
    const auto answer = image | locate;
    return outputs("cost"_n = localization_loss(answer, truth), "answer"_n = answer);
};
constexpr auto detect_cost = [](auto image, auto truth) {
    const auto answer = image | detect;
    return outputs("cost"_n = yolo_loss(answer, truth, 2_c), "answer"_n = answer);
};

const yolo_grid grid{3, 3, {{0.35F, 0.17F}, {0.17F, 0.35F}}, classes};

/// What differs between the two ways.
struct task {
    graph_view cost;
    int least, most;  // objects in a scene
    tensor (*target)(const std::vector<object>&);
    std::vector<object> (*found)(std::span<const float> answer);
};

/// Boxes are told in tenths of the image: as shares of it, their errors would hardly count beside p_c and the class.
constexpr float unit_of_boxes = 0.1F;

/// [p_c, b_x, b_y, b_h, b_w, c_1, c_2, c_3]
tensor box_target(const std::vector<object>& objects) {
    tensor t = zeros({8});
    if (objects.empty()) return t;
    const object& o = objects.front();
    t.values = {1, o.where.x, o.where.y, o.where.height, o.where.width, 0, 0, 0};
    for (std::size_t i = 1; i < 5; ++i) t.values[i] /= unit_of_boxes;
    t.values[static_cast<std::size_t>(5 + o.label)] = 1;
    return t;
}

std::vector<object> box_found(std::span<const float> a) {
    if (a[0] < 0.5F) return {};
    const auto likeliest = std::max_element(a.begin() + 5, a.end()) - (a.begin() + 5);
    constexpr float u = unit_of_boxes;
    return {{{a[1] * u, a[2] * u, a[3] * u, a[4] * u}, static_cast<std::int32_t>(likeliest), a[0]}};
}

tensor grid_target(const std::vector<object>& objects) { return grid.target(objects); }
std::vector<object> grid_found(std::span<const float> answer) {
    return suppress(grid.objects(answer, 0.3F), {.least_confidence = 0.3F});
}

const std::map<std::string, task> tasks{
    {"localize", {network<locate_cost, picture, shape<8>>::view(), 0, 1, box_target, box_found}},
    {"yolo", {network<detect_cost, picture, shape<3, 3, 16>>::view(), 1, 4, grid_target, grid_found}},
};

struct examples {
    std::vector<tensor> inputs;  // images and targets, as the network takes them
    std::vector<learning::scene> scenes;
};

examples make_batch(const learning::scene_maker& maker, const task& t, std::uint64_t first) {
    examples made{{tensor{{batch, side, side, 3}, {}}, tensor{}}, {}};
    for (std::uint64_t i = 0; i < batch; ++i) {
        made.scenes.push_back(maker.make(first + i, t.least, t.most));
        const learning::scene& s = made.scenes.back();
        const tensor target = t.target(s.objects);
        made.inputs[0].values.insert(made.inputs[0].values.end(), s.image.values.begin(), s.image.values.end());
        made.inputs[1].values.insert(made.inputs[1].values.end(), target.values.begin(), target.values.end());
        made.inputs[1].shape = target.shape;
    }
    made.inputs[1].shape.insert(made.inputs[1].shape.begin(), batch);
    return made;
}

struct score {
    double overlap = 0, of_class = 0, objects = 0, found = 0, wrong = 0;  // sums over scenes

    /// Every object's best overlap with what was found, and with what was found of its class; 0 where there is none.
    void add(const std::vector<object>& truth, const std::vector<object>& seen) {
        double matched = 0;
        for (const object& o : truth) {
            float any = 0, best = 0;
            for (const object& s : seen) {
                const float shared = intersection_over_union(o.where, s.where);
                any = std::max(any, shared);
                if (s.label == o.label) best = std::max(best, shared);
            }
            overlap += any;
            of_class += best;
            matched += best >= 0.5F;
        }
        objects += static_cast<double>(truth.size());
        found += matched;
        wrong += std::max(0.0, static_cast<double>(seen.size()) - matched);
    }
};

void report(const char* where, const score& s) {
    fmt::print(
        "{}: mean IoU {:.3f}, {:.3f} with those of the right class; {:.0f} of {:.0f} objects found (right class, IoU "
        "of 0.5 or more), {:.0f} found that are none\n",
        where, s.overlap / s.objects, s.of_class / s.objects, s.found, s.objects, s.wrong);
}

/// Draws the outlines of boxes.
void outline(tensor& image, const std::vector<object>& objects, const std::array<float, 3>& colour) {
    const auto mark = [&](float x, float y) {
        const auto column = std::clamp(static_cast<std::int64_t>(x * side), std::int64_t{0}, std::int64_t{side - 1});
        const auto row = std::clamp(static_cast<std::int64_t>(y * side), std::int64_t{0}, std::int64_t{side - 1});
        std::ranges::copy(colour, image.values.begin() + (row * side + column) * 3);
    };
    for (const object& o : objects)
        for (float t = -0.5F; t <= 0.5F; t += 0.005F) {
            for (const float edge : {-0.5F, 0.5F}) {
                mark(o.where.x + t * o.where.width, o.where.y + edge * o.where.height);
                mark(o.where.x + edge * o.where.width, o.where.y + t * o.where.height);
            }
        }
}

std::span<const float> answer_of(const train::step_result& result, std::size_t sample) {
    const std::vector<float>& all = result.outputs[0].values;
    const std::size_t each = all.size() / batch;
    return {all.data() + sample * each, each};
}

score test(const train::trainer& trainer, const task& t, const learning::scene_maker& scenes, int batches) {
    score total;
    for (int b = 0; b < batches; ++b) {
        const examples e = make_batch(scenes, t, static_cast<std::uint64_t>(b) * batch);
        const train::step_result result = trainer.evaluate(e.inputs);
        for (std::size_t i = 0; i < batch; ++i) total.add(e.scenes[i].objects, t.found(answer_of(result, i)));
    }
    return total;
}

/// A row of test scenes: the truth in green, what was found in red.
void show(const train::trainer& trainer, const task& t, const learning::scene_maker& scenes, const std::string& file) {
    constexpr std::int64_t shown = 8;
    const examples e = make_batch(scenes, t, 0);
    const train::step_result result = trainer.evaluate(e.inputs);
    tensor row = zeros({side, side * shown, 3});
    for (std::int64_t i = 0; i < shown; ++i) {
        tensor image = e.scenes[static_cast<std::size_t>(i)].image;
        outline(image, e.scenes[static_cast<std::size_t>(i)].objects, {0, 1, 0});
        outline(image, t.found(answer_of(result, static_cast<std::size_t>(i))), {1, 0, 0});
        for (std::int64_t y = 0; y < side; ++y)
            std::copy_n(image.values.begin() + y * side * 3, side * 3, row.values.begin() + (y * shown + i) * side * 3);
    }
    write_png(file, row);
}

}  // namespace

int main(int count, char** arguments) try {
    CLI::App app{"learns to find garments on photos"};
    std::string which, picture_file, weights, garments = "/usr/share/datasets/fashion-mnist", photos = "build/data";
    int steps = 6000, tested = 16;
    double required = 0;
    app.add_option("task", which, "localize or yolo")->required()->check(CLI::IsMember({"localize", "yolo"}));
    app.add_option("--steps", steps, "of training, 32 scenes each")
        ->capture_default_str()
        ->check(CLI::Range(1, 1000000));
    app.add_option("--tested", tested, "batches of 32 scenes to test on")
        ->capture_default_str()
        ->check(CLI::Range(1, 1000));
    app.add_option("--garments", garments, "the folder of Fashion-MNIST")->capture_default_str();
    app.add_option("--photos", photos, "the folder of astronaut.png and chelsea.png")->capture_default_str();
    app.add_option("--require", required, "fail where the mean IoU on new scenes is smaller");
    app.add_option("--show", picture_file, "write test scenes with boxes: FILE.png");
    app.add_option("--weights", weights, "write what was learned: FILE.safetensors");
    CLI11_PARSE(app, count, arguments);

    const task& t = tasks.at(which);
    const learning::scene_maker training(garments, photos, learning::use::training, side);
    const learning::scene_maker testing(garments, photos, learning::use::testing, side);
    train::trainer trainer(t.cost, {.batch = batch});
    const auto scenes_of = [&](int step) { return make_batch(training, t, static_cast<std::uint64_t>(step) * batch); };
    std::future<examples> next = std::async(std::launch::async, scenes_of, 0);  // made while the step before is taken
    double mean = 0;
    for (int step = 0; step < steps; ++step) {
        const examples now = next.get();
        next = std::async(std::launch::async, scenes_of, step + 1);
        const double rate = 2e-3 * 0.5 * (1 + std::cos(3.14159265 * step / steps));
        const double cost = trainer.step(now.inputs, rate).cost;
        mean += (cost - mean) / std::min(step + 1, 50);
        if ((step + 1) % 100 == 0 || step + 1 == steps) {
            fmt::print("step {:5}: cost {:.4f}\n", step + 1, mean);
            std::fflush(stdout);
        }
    }

    report("training scenes", test(trainer, t, training, tested));
    const score s = test(trainer, t, testing, tested);
    report("new scenes", s);
    if (!picture_file.empty()) show(trainer, t, testing, picture_file);
    if (!weights.empty()) write_tensors(weights, trainer.weights());
    return s.overlap >= required * s.objects ? 0 : 1;
} catch (const error& e) {
    fmt::print(stderr, "learn_objects: {}\n", e.what());
    return 1;
}
