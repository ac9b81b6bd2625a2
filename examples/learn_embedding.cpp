// Learns whether two pictures show the same kind of thing, and is asked about kinds it never saw: verification, as for
// faces (Schroff, Kalenichenko, Philbin 2015, arXiv:1503.03832; Taigman et al. 2014, "DeepFace"). Two ways of the
// course:
//
//   build/examples/learn_embedding triplets|pairs|chi-square [--steps N] [--plot ROC.svg] [--weights FILE.safetensors]
//
// triplets: one tower embeds three pictures; the cost is the triplet loss, on hard triplets chosen in each batch.
// pairs, chi-square: a logistic unit judges |f(a) - f(b)|, or (f(a) - f(b))^2 / (f(a) + f(b)), of the same tower.
// Seven classes of Fashion-MNIST are learned from; dresses, sneakers and bags are only tested on.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include <kiln/compiler/kiln.hpp>
#include <kiln/compiler/train/trainer.hpp>
#include <kiln/runtime/atomic_file.hpp>
#include <kiln/runtime/idx.hpp>
#include <kiln/runtime/line_chart.hpp>
#include <kiln/runtime/random.hpp>
#include <kiln/runtime/tensor_file.hpp>
#include <kiln/runtime/triplets.hpp>
#include <kiln/runtime/verification.hpp>

using namespace kiln;
using namespace kiln::literals;

namespace {

constexpr std::array<std::size_t, 7> learned_classes{0, 1, 2, 4, 5, 6, 9};
constexpr std::array<std::size_t, 3> unseen_classes{3, 7, 8};
constexpr std::int64_t batch = 64, pixels = 28 * 28;
using picture = shape<28, 28, 1>;

// clang-format off
constexpr auto features = seq(conv(32_c, 3_c, same), relu, max_pool(2_c),
                              conv(64_c, 3_c, same), relu, max_pool(2_c));
constexpr auto tower = shared("tower"_n, seq(features, dense(64_c), l2_normalize));          // for distances
constexpr auto nonnegative_tower = shared("tower"_n, seq(features, dense(64_c), sigmoid));   // for chi square too
// clang-format on

constexpr double margin = 0.2;

constexpr auto triplet_cost = [](auto anchor, auto positive, auto negative) {
    const auto a = tower(anchor), p = tower(positive), n = tower(negative);
    return outputs("cost"_n = triplet_loss(a, p, n, margin), "anchor"_n = a, "positive"_n = p, "negative"_n = n);
};

constexpr auto judged = [](auto difference, auto same) {
    const auto logit = difference | named("judge"_n, dense(1_c));
    return outputs("cost"_n = binary_cross_entropy(logit, same), "logit"_n = logit);
};
constexpr auto pair_cost = [](auto a, auto b, auto same) {
    return judged(absolute_difference(nonnegative_tower(a), nonnegative_tower(b)), same);
};
constexpr auto chi_square_cost = [](auto a, auto b, auto same) {
    return judged(chi_square(nonnegative_tower(a), nonnegative_tower(b)), same);
};

/// Pictures by class.
class pictures {
public:
    pictures(const std::string& folder, const std::string& prefix) {
        images_ = read_idx(folder + "/" + prefix + "-images-idx3-ubyte.gz");
        const idx_array labels = read_idx(folder + "/" + prefix + "-labels-idx1-ubyte.gz");
        if (images_.shape != std::vector<std::int64_t>{labels.shape.at(0), 28, 28})
            throw error(folder + ": images and labels are not those of Fashion-MNIST");
        for (std::size_t i = 0; i < labels.levels.size(); ++i) of_class_.at(labels.levels[i]).push_back(i);
    }

    std::size_t draw(std::size_t label, random_stream& random) const {
        const std::vector<std::size_t>& choice = of_class_[label];
        return choice[random.below(choice.size())];
    }
    void append(std::size_t which, tensor& to) const {
        const std::uint8_t* from = images_.levels.data() + which * pixels;
        for (std::int64_t i = 0; i < pixels; ++i) to.values.push_back(static_cast<float>(from[i]) / 255);
    }

private:
    idx_array images_;
    std::array<std::vector<std::size_t>, 10> of_class_;
};

tensor empty_batch() { return {{batch, 28, 28, 1}, {}}; }

struct pair_batch {
    std::vector<tensor> inputs{empty_batch(), empty_batch(),
                               tensor{{batch, 1}, {}}};  // a, b, whether they are the same
};

/// As many pairs of one class as of two.
template <std::size_t Classes>
pair_batch draw_pairs(const pictures& from, const std::array<std::size_t, Classes>& classes, random_stream& random) {
    pair_batch drawn;
    for (std::int64_t i = 0; i < batch; ++i) {
        const bool same = i % 2 == 0;
        const std::size_t first = random.below(Classes);
        const std::size_t second = same ? first : (first + 1 + random.below(Classes - 1)) % Classes;
        from.append(from.draw(classes[first], random), drawn.inputs[0]);
        from.append(from.draw(classes[second], random), drawn.inputs[1]);
        drawn.inputs[2].values.push_back(same ? 1 : 0);
    }
    return drawn;
}

/// Three batches of pictures are embedded as they are; what is hard among them is learned from.
double step_on_triplets(train::trainer& trainer, const pictures& from, random_stream& random, mining how, double rate) {
    std::vector<tensor> pool(3, empty_batch());
    std::vector<std::int64_t> labels;
    for (tensor& part : pool)
        for (std::int64_t i = 0; i < batch; ++i) {
            const std::size_t label = learned_classes[random.below(learned_classes.size())];
            from.append(from.draw(label, random), part);
            labels.push_back(static_cast<std::int64_t>(label));
        }
    tensor embeddings{{3 * batch, 64}, {}};
    for (const tensor& part : trainer.evaluate(pool).outputs)
        embeddings.values.insert(embeddings.values.end(), part.values.begin(), part.values.end());

    std::vector<triplet> hard = mine_triplets(embeddings, labels, how, margin);
    if (hard.empty()) return 0;  // there is nothing to be learned from these
    for (std::size_t i = hard.size(); i > 1; --i) std::swap(hard[i - 1], hard[random.below(i)]);
    std::vector<tensor> chosen(3, empty_batch());
    const auto copy = [&](std::int32_t which, tensor& to) {
        const auto first = pool[static_cast<std::size_t>(which / batch)].values.begin() + which % batch * pixels;
        to.values.insert(to.values.end(), first, first + pixels);
    };
    for (std::size_t i = 0; i < batch; ++i) {
        const triplet& t = hard[i % hard.size()];
        copy(t.anchor, chosen[0]);
        copy(t.positive, chosen[1]);
        copy(t.negative, chosen[2]);
    }
    return trainer.step(chosen, rate).cost;
}

/// How alike the pairs of a batch are.
std::vector<double> scores_of(const train::trainer& trainer, const pair_batch& pairs, bool by_distance) {
    std::vector<double> scores;
    if (!by_distance) {
        const tensor logits = trainer.evaluate(pairs.inputs).outputs[0];
        scores.assign(logits.values.begin(), logits.values.end());
        return scores;
    }
    const auto outputs = trainer.evaluate(std::vector{pairs.inputs[0], pairs.inputs[1], pairs.inputs[1]}).outputs;
    for (std::size_t i = 0; i < batch; ++i) {
        double distance = 0;
        for (std::size_t k = i * 64; k < (i + 1) * 64; ++k)
            distance += std::pow(static_cast<double>(outputs[0].values[k]) - outputs[1].values[k], 2);
        scores.push_back(-distance);
    }
    return scores;
}

template <std::size_t Classes>
roc verify(const train::trainer& trainer, const pictures& from, const std::array<std::size_t, Classes>& classes,
           bool by_distance) {
    random_stream random(99);
    std::vector<scored_pair> pairs;
    for (int round = 0; round < 100; ++round) {
        const pair_batch drawn = draw_pairs(from, classes, random);
        const std::vector<double> scores = scores_of(trainer, drawn, by_distance);
        for (std::size_t i = 0; i < batch; ++i) pairs.push_back({scores[i], drawn.inputs[2].values[i] != 0});
    }
    return roc_of(pairs);
}

void draw(const std::string& file, const std::vector<std::pair<std::string, const roc*>>& curves) {
    chart c{"Same or different", "different pairs called the same", "same pairs called the same", {}, 0, 1};
    for (const auto& [name, curve] : curves) {
        chart_line line{fmt::format("{} (area {:.3f})", name, curve->area), {}, static_cast<int>(c.lines.size())};
        for (const roc_point& p : curve->points) line.points.push_back({p.false_accepts, p.true_accepts});
        c.lines.push_back(std::move(line));
    }
    c.lines.push_back({"chance", {{0, 0}, {1, 1}}, static_cast<int>(c.lines.size()), true});
    write_file(file, bytes_of(svg_of(std::span(&c, 1))));
}

}  // namespace

int main(int count, char** arguments) try {
    CLI::App app{"learns to tell same from different"};
    std::string which, plot, weights, garments = "/usr/share/datasets/fashion-mnist", mined = "semi-hard";
    int steps = 2000;
    std::uint64_t seed = 1;
    double required = 0;
    app.add_option("way", which)->required()->check(CLI::IsMember({"triplets", "pairs", "chi-square"}));
    app.add_option("--steps", steps)->capture_default_str()->check(CLI::Range(1, 1000000));
    app.add_option("--seed", seed)->capture_default_str();
    app.add_option("--mining", mined, "of triplets")
        ->capture_default_str()
        ->check(CLI::IsMember({"semi-hard", "hardest"}));
    app.add_option("--garments", garments, "the folder of Fashion-MNIST")->capture_default_str();
    app.add_option("--require", required, "fail where the area for classes never seen is smaller");
    app.add_option("--plot", plot, "draw the receiver operating characteristic: FILE.svg");
    app.add_option("--weights", weights, "write what was learned: FILE.safetensors");
    CLI11_PARSE(app, count, arguments);

    const pictures training(garments, "train"), testing(garments, "t10k");
    const bool by_triplets = which == "triplets";
    train::trainer trainer(by_triplets        ? network<triplet_cost, picture, picture, picture>::view()
                           : which == "pairs" ? network<pair_cost, picture, picture, shape<1>>::view()
                                              : network<chi_square_cost, picture, picture, shape<1>>::view(),
                           {.batch = static_cast<int>(batch), .compile = {.weights = {.seed = seed}}});
    random_stream random(random_key(seed, "pictures"));
    double mean = 0;
    for (int step = 0; step < steps; ++step) {
        const double rate = 1e-3 * (1 - 0.9 * step / steps);
        const double cost = by_triplets
                                ? step_on_triplets(trainer, training, random,
                                                   mined == "hardest" ? mining::hardest : mining::semi_hard, rate)
                                : trainer.step(draw_pairs(training, learned_classes, random).inputs, rate).cost;
        mean += (cost - mean) / std::min(step + 1, 50);
        if ((step + 1) % 200 == 0 || step + 1 == steps) {
            fmt::print("step {:5}: cost {:.4f}\n", step + 1, mean);
            std::fflush(stdout);
        }
    }

    const roc seen = verify(trainer, testing, learned_classes, by_triplets);
    const roc unseen = verify(trainer, testing, unseen_classes, by_triplets);
    fmt::print("learned classes, other pictures: area under the curve {:.3f}, accuracy {:.3f}\n", seen.area,
               seen.best_accuracy);
    fmt::print("classes never seen:              area under the curve {:.3f}, accuracy {:.3f}\n", unseen.area,
               unseen.best_accuracy);
    if (!plot.empty()) draw(plot, {{"learned classes", &seen}, {"classes never seen", &unseen}});
    if (!weights.empty()) write_tensors(weights, trainer.weights());
    return unseen.area >= required ? 0 : 1;
} catch (const error& e) {
    fmt::print(stderr, "learn_embedding: {}\n", e.what());
    return 1;
}
