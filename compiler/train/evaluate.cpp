#include <kiln/compiler/train/evaluate.hpp>

#include <kiln/compiler/train/checkpoint.hpp>
#include <kiln/runtime/data/prefetch.hpp>

namespace kiln::train {
namespace {

/// The batch that is its first sample, repeated.
double cost_of_first(const trainer& t, const data::selection& s, const data::batch& b, const judgement& j) {
    const data::selection one{s.from, {s.samples[static_cast<std::size_t>(b.first)]}};
    return t.evaluate(data::make_batch(one, 0, j.batch, j.intakes).inputs).cost;
}

}  // namespace

std::optional<score> evaluate(const trainer& t, const data::selection& s, const judgement& j,
                              const std::function<bool()>& stop) {
    running_mean mean;
    const std::int64_t batches = data::batches_in(s, j.batch);
    data::prefetch ahead(0, batches,
                         [&](std::int64_t i) { return data::make_batch(s, i * j.batch, j.batch, j.intakes); });
    for (std::int64_t i = 0; i < batches; ++i) {
        if (stop && stop()) return std::nullopt;
        const data::batch b = ahead.next();
        const step_result result = t.evaluate(b.inputs);
        const std::int64_t correct = j.scores ? count_correct(result.outputs[*j.scores], b.inputs[1], b.real) : 0;
        double cost = result.cost;
        // The cost is a mean over the batch, in which the last one's first sample fills the rest: it is taken out
        // again.
        if (b.real < j.batch) {
            const auto all = static_cast<double>(j.batch), real = static_cast<double>(b.real);
            cost = (all * cost - (all - real) * cost_of_first(t, s, b, j)) / real;
        }
        mean.add(cost, correct, b.real);
    }
    score result{mean.mean_cost()};
    if (j.scores) result.accuracy = mean.accuracy();
    return result;
}

}  // namespace kiln::train
