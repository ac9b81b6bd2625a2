#include <kiln/compiler/train/evaluate.hpp>

#include <array>

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
                              const std::function<bool()>& stop, team* together) {
    running_mean mean;
    const std::int64_t processes = together ? together->size() : 1, rank = together ? together->rank() : 0;
    const std::int64_t all = data::batches_in(s, j.batch), batches = (all - rank + processes - 1) / processes;
    data::prefetch ahead(0, batches, [&](std::int64_t i) {
        return data::make_batch(s, (i * processes + rank) * j.batch, j.batch, j.intakes);
    });
    bool stopped = false;
    for (std::int64_t i = 0; i < batches; ++i) {
        stopped = stop && stop();
        if (stopped) break;
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
    if (together) {
        std::array sums{mean.cost, mean.correct, static_cast<double>(mean.samples), stopped ? 1.0 : 0.0};
        sum(*together, sums);
        mean = {sums[0], sums[1], static_cast<std::int64_t>(sums[2])};
        stopped = sums[3] > 0;
    }
    if (stopped) return std::nullopt;
    score result{mean.mean_cost()};
    if (j.scores) result.accuracy = mean.accuracy();
    return result;
}

}  // namespace kiln::train
