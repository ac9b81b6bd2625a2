#include <kiln/compiler/train/fit.hpp>

#include <fmt/format.h>

#include <array>
#include <chrono>

#include <kiln/compiler/train/agreement.hpp>
#include <kiln/runtime/data/prefetch.hpp>
#include <kiln/runtime/random.hpp>

namespace kiln::train {
namespace {

using clock = std::chrono::steady_clock;

score score_of(const running_mean& mean, bool has_classes) {
    score s{mean.mean_cost()};
    if (has_classes) s.accuracy = mean.accuracy();
    return s;
}

class training {
public:
    training(trainer& t, const data::selections& parts, const judgement& j, const fit_options& o, position from,
             const fit_observer& observer, team* together)
        : trainer_(t),
          parts_(parts),
          judged_(j),
          options_(o),
          at_(from),
          observer_(observer),
          team_(together),
          batch_(j.batch * (together ? together->size() : 1)),
          batches_(data::whole_batches_in(parts.train, batch_)) {
        if (batches_ == 0)
            throw error(fmt::format("a batch has {} samples, but there are only {} to train on: give a smaller batch",
                                    batch_, parts.train.count()));
    }

    position run() {
        while (at_.epoch < options_.epochs)
            if (!epoch()) break;
        return at_;
    }

private:
    bool told_to_stop() const { return observer_.stop && observer_.stop(); }
    bool stopping() const { return team_ ? stopping_together_ : told_to_stop(); }
    std::int64_t steps() const { return at_.epoch * batches_ + at_.batch; }
    double rate(std::int64_t step) const { return learning_rate(options_.rate, step, batches_, options_.epochs); }
    void log(const std::string& line) const {
        if (observer_.log) observer_.log(line);
    }

    /// False when it was stopped before its end.
    bool epoch() {
        const auto start = clock::now();
        const std::int64_t first = at_.batch;
        const auto key = [&](const char* use) {
            return part_key(random_key(options_.seed, use), static_cast<std::uint64_t>(at_.epoch));
        };
        data::selection order = parts_.train;
        order.samples = data::shuffled(std::move(order.samples), key("order"));
        const std::uint64_t changes = key("augmentation");
        const std::int64_t share = (team_ ? team_->rank() : 0) * judged_.batch;
        data::prefetch ahead(first, batches_, [&](std::int64_t i) {
            return data::make_batch(order, i * batch_ + share, judged_.batch, judged_.intakes, options_.augmentation,
                                    changes);
        });
        while (at_.batch < batches_) {
            step(ahead.next());
            if (at_.batch < batches_ && stopping()) return false;
        }
        const double seconds = std::chrono::duration<double>(clock::now() - start).count();
        return finish_epoch(seconds, batches_ - first);
    }

    void step(const data::batch& b) {
        const running_mean mean = take_step(b);
        at_.epoch_mean.add(mean);
        at_.recent_mean.add(mean);
        ++at_.batch;
        if (steps() % options_.log_every == 0) {
            const double epoch = static_cast<double>(steps()) / static_cast<double>(batches_);
            log(text_of(
                step_line{steps(), epoch, score_of(at_.recent_mean, judged_.scores.has_value()), rate(steps() - 1)}));
            at_.recent_mean = {};
        }
        if (observer_.stepped) observer_.stepped(at_, batches_);
    }

    running_mean mean_of(const step_result& result, const data::batch& b) const {
        running_mean mean;
        mean.add(result.cost, judged_.scores ? count_correct(result.outputs[*judged_.scores], b.inputs[1], b.real) : 0,
                 b.real);
        return mean;
    }

    running_mean step_together(const data::batch& b) {
        const share_listener sending{[&](std::span<float> values) { team_->begin_mean(values); },
                                     [&] { team_->go_on(); }};
        const running_mean mine = mean_of(trainer_.share_of_gradients(b.inputs, sending), b);
        std::array sums{mine.cost, mine.correct, static_cast<double>(mine.samples), told_to_stop() ? 1.0 : 0.0};
        team_->begin_sum(sums);
        team_->finish();
        trainer_.update(rate(steps()));
        stopping_together_ = sums[3] > 0;
        return {sums[0], sums[1], static_cast<std::int64_t>(sums[2])};
    }

    running_mean take_step(const data::batch& b) {
        try {
            return team_ ? step_together(b) : mean_of(trainer_.step(b.inputs, rate(steps())), b);
        } catch (const diverged& e) {
            throw diverged(
                fmt::format("epoch {}, step {} of {}: {}", at_.epoch + 1, at_.batch + 1, batches_, e.what()));
        }
    }

    bool finish_epoch(double seconds, std::int64_t batches_done) {
        if (team_) take_leaders_state(*team_, trainer_);
        epoch_line line{at_.epoch + 1, steps(), score_of(at_.epoch_mean, judged_.scores.has_value())};
        line.learning_rate = rate(steps() - 1);
        line.seconds = seconds;
        line.images_per_second = static_cast<double>(batches_done * batch_) / seconds;
        const auto judge = [&](const data::selection& s, std::optional<score>& result) {
            if (s.count() == 0) return true;
            result = evaluate(trainer_, s, judged_, observer_.stop, team_);
            return result.has_value();
        };
        // Stopped here, the position is after the epoch's last step: what goes on from it judges again.
        if (!judge(parts_.validation, line.validation) || !judge(parts_.test, line.test)) return false;
        ++at_.epoch;
        at_.batch = 0;
        at_.epoch_mean = {};
        log(text_of(line));
        if (observer_.epoch_finished) observer_.epoch_finished(line, at_);
        return !stopping() || at_.epoch >= options_.epochs;
    }

    trainer& trainer_;
    const data::selections& parts_;
    const judgement& judged_;
    const fit_options& options_;
    position at_;
    const fit_observer& observer_;
    team* team_;  // null: alone
    bool stopping_together_ = false;
    std::int64_t batch_;    // of all processes
    std::int64_t batches_;  // in an epoch
};

}  // namespace

position fit(trainer& t, const data::selections& parts, const judgement& j, const fit_options& options, position from,
             const fit_observer& observer, team* together) {
    return training(t, parts, j, options, from, observer, together).run();
}

}  // namespace kiln::train
