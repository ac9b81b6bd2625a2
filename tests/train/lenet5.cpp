// LeNet-5 learns from real pictures.
#include <doctest/doctest.h>

#include <algorithm>

#include <kiln/compiler/train/trainer.hpp>
#include <kiln/dsl/dsl.hpp>
#include <kiln/runtime/data/batches.hpp>
#include <kiln/runtime/data/read_data_set.hpp>

#include "lenet5.hpp"

using namespace kiln;
using namespace kiln::testing;

namespace {

/// Batches of Fashion-MNIST, in its order.
class pictures {
public:
    explicit pictures(std::int64_t batch)
        : set_(data::read_data_set("fashion-mnist", {}, 2)),
          intakes_(
              data::intakes_for(set_, std::vector<data::network_input>{{"image", {28, 28, 1}}, {"label", {1}}}, {})),
          parts_(data::split(set_, 0, 0, 1)),
          batch_(batch) {}

    std::vector<tensor> train(std::int64_t i) const {
        return data::make_batch(parts_.train, i * batch_, batch_, intakes_).inputs;
    }
    std::vector<tensor> test(std::int64_t i) const {
        return data::make_batch(parts_.test, i * batch_, batch_, intakes_).inputs;
    }

private:
    data::data_set set_;
    std::vector<data::intake> intakes_;
    data::selections parts_;
    std::int64_t batch_;
};

/// Of the labels, how many the largest logit names.
double accuracy(const tensor& logits, const tensor& labels) {
    int right = 0;
    for (std::size_t n = 0; n < labels.values.size(); ++n) {
        const auto row = logits.values.begin() + static_cast<std::ptrdiff_t>(10 * n);
        right += static_cast<float>(std::max_element(row, row + 10) - row) == labels.values[n] ? 1 : 0;
    }
    return right / static_cast<double>(labels.values.size());
}

}  // namespace

TEST_CASE("LeNet-5 learns to tell clothes apart, with activations kept or computed again") {
    const pictures shown(64);
    std::vector<double> last;
    for (const bool recompute : {false, true}) {
        train::trainer_options o;
        o.recompute = recompute;
        train::trainer t(lenet5_cost_view(), o);
        double first = 0, late = 0;
        for (int i = 0; i < 100; ++i) {
            const double cost = t.step(shown.train(i), 2e-3).cost;
            (i < 5 ? first : late) += i < 5 || i >= 90 ? cost : 0;
        }
        CHECK(first / 5 > 1.5);
        CHECK(late / 10 < 0.9);
        const std::vector<tensor> unseen = shown.test(0);
        CHECK(accuracy(t.evaluate(unseen).outputs[0], unseen[1]) > 0.6);
        last.push_back(late / 10);
    }
    CHECK(last[0] == doctest::Approx(last[1]).epsilon(0.02));
}
