#include <kiln/compiler/tune/tune.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include <kiln/compiler/plan/strassen_error.hpp>
#include <kiln/compiler/plan/winograd_error.hpp>
#include <kiln/compiler/tune/single_kernel.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/schedules/machine.hpp>
#include <kiln/schedules/strassen.hpp>
#include <kiln/schedules/winograd.hpp>

namespace kiln::tune {
namespace {

/// The weights that a step reads as its filter.
const plan::packed_weight* filter_of(const plan::plan& p, const plan::step& s) {
    for (const plan::packed_weight& w : p.weights)
        if (s.inputs.size() > 1 && s.inputs[1].where == plan::space::weights && w.byte == s.inputs[1].byte) return &w;
    return nullptr;
}

/// Whether what `error` gives for the filters is small enough for all layers that kernel `index` computes.
bool is_exact_enough(const plan::plan& p, int index, const std::function<double(const plan::packed_weight&)>& error) {
    for (const plan::step& s : p.steps) {
        if (s.kernel != index) continue;
        const plan::packed_weight* filter = filter_of(p, s);
        if (!filter || error(*filter) > plan::tolerated_error) return false;
    }
    return true;
}

std::vector<schedules::schedule> exact_candidates(const plan::plan& p, int index, const schedules::machine& m,
                                                  schedules::precision allowed) {
    const schedules::kernel& k = p.kernels[static_cast<std::size_t>(index)];
    std::vector<schedules::schedule> legal = schedules::candidates(k, m, allowed);
    std::map<std::pair<schedules::winograd_tile, bool>, bool> exact_tiles;  // and whether filters come in chunks
    std::erase_if(legal, [&](const schedules::schedule& s) {
        schedules::kernel scheduled = k;
        schedules::set_schedule(scheduled, s);
        if (scheduled.inputs.size() < 2 || scheduled.inputs[1].packed.tile.outputs == 0) return false;
        const schedules::packing& packed = scheduled.inputs[1].packed;
        const bool in_chunks = packed.layout == schedules::packing::kind::taps;
        const auto [known, fresh] = exact_tiles.try_emplace({packed.tile, in_chunks});
        if (fresh)
            known->second = is_exact_enough(p, index, [&](const plan::packed_weight& w) {
                return plan::winograd_error(*w.value, w.flip, packed.tile, in_chunks);
            });
        return !known->second;
    });
    if (schedules::strassen_takes(k, m) && allowed == schedules::precision::bounded) {
        std::map<std::int32_t, bool> exact;  // by the filters of a block
        std::erase_if(legal, [&](const schedules::schedule& s) {
            if (s.which != schedules::family::strassen) return false;
            const std::int32_t block = schedules::strassen_parameters_of(s).block;
            const auto [known, fresh] = exact.try_emplace(block);
            if (fresh)
                known->second = is_exact_enough(
                    p, index, [&](const plan::packed_weight& w) { return plan::strassen_error(*w.value, block); });
            return !known->second;
        });
    }
    // What planning takes is the default, whatever the rules said before the weights were looked at.
    std::erase(legal, k.how);
    legal.insert(legal.begin(), k.how);
    return legal;
}

class tuner {
public:
    tuner(std::vector<kernel_search> searches, measurer& measures, database& store, const setting& where,
          const tune_options& options, const std::atomic<bool>& stop, const std::function<double()>& now,
          const std::function<void(const progress_report&)>& report)
        : searches_(std::move(searches)),
          measures_(measures),
          store_(store),
          where_(where),
          options_(options),
          stop_(stop),
          now_(now),
          report_(report),
          start_(now()) {}

    tune_result run() {
        if (options_.resume) resume();
        while (kernel_search* next = most_promising()) measure(*next);
        for (const kernel_search& s : searches_)
            if (s.leader_ratio() < 1) faster_alone_.insert(s.problem());
        if (!stop_) race_in_the_network();
        result_.stopped = stop_;
        keep_what_the_network_gains_from();
        return finish();
    }

private:
    void resume() {
        for (kernel_search& s : searches_)
            for (const trial& t : store_.trials_of(where_, s.problem())) {
                s.take(t);
                // The default's time follows from any trial.
                if (s.usual_ms() == 0 && t.ratio > 0) s.set_usual_ms(t.milliseconds / t.ratio);
                ++result_.resumed;
            }
        note_gain();
    }

    bool is_open(const kernel_search& s) const {
        return !s.exhausted() && static_cast<int>(s.trials().size()) < options_.trials &&
               s.since_gain() < options_.early_stopping;
    }

    double seconds() const { return now_() - start_; }

    kernel_search* most_promising() {
        if (stop_ || seconds() >= options_.seconds) return nullptr;
        kernel_search* best = nullptr;
        for (kernel_search& s : searches_)
            if (is_open(s) && (!best || s.promise() > best->promise())) best = &s;
        return best;
    }

    void measure(kernel_search& s) {
        show(s);
        const std::size_t left = static_cast<std::size_t>(options_.trials) - s.trials().size();
        const std::vector<schedules::schedule> batch = s.next(std::min(options_.at_once, left));
        std::vector<schedules::kernel> entrants{s.with(s.leader())};
        for (const schedules::schedule& how : batch) entrants.push_back(s.with(how));
        std::vector<outcome> outcomes;
        try {
            outcomes = measures_.race(entrants);
        } catch (const error&) {
            if (stop_) return;  // the signal reached the process that was measuring
            throw;
        }
        const double leader_ratio = s.leader_ratio();
        if (s.usual_ms() == 0) s.set_usual_ms(outcomes[0].time.milliseconds / leader_ratio);
        for (std::size_t i = 0; i < batch.size(); ++i) {
            const outcome& o = outcomes[i + 1];
            trial t{batch[i], 0, 0, false, o.failure};
            if (o.failure.empty()) {
                t.ratio = o.time.ratio * leader_ratio;
                t.milliseconds = t.ratio * s.usual_ms();
                t.faster = o.time.faster();
            }
            store_.add(where_, s.problem(), t);
            s.take(t);
            ++result_.trials;
        }
        note_gain();
    }

    double network_ms(bool best) const {
        double sum = 0;
        for (const kernel_search& s : searches_) sum += s.usual_ms() * s.calls() * (best ? s.leader_ratio() : 1);
        return sum;
    }

    void note_gain() {
        const double saved = network_ms(false) - network_ms(true);
        if (result_.gains.empty() || result_.gains.back().saved_ms != saved)
            result_.gains.push_back({seconds(), saved});
    }

    void show(const kernel_search& s) const {
        progress_report r;
        double trials_left = 0;
        for (const kernel_search& each : searches_) {
            if (!is_open(each)) continue;
            ++r.kernels_left;
            trials_left += std::min({options_.trials - static_cast<double>(each.trials().size()),
                                     static_cast<double>(each.space() - 1 - each.trials().size()),
                                     static_cast<double>(options_.early_stopping - each.since_gain())});
        }
        const double by_time = options_.seconds - seconds();
        r.seconds_left = result_.trials > 0 ? std::min(by_time, trials_left * seconds() / result_.trials) : by_time;
        r.measured = schedules::summary_of(s.usual());
        show(std::move(r));
    }

    void show(progress_report r) const {
        r.trials = result_.trials;
        r.usual_ms = network_ms(false);
        r.best_ms = network_ms(true);
        if (report_) report_(r);
    }

    /// What a kernel finds in the caches, and how fast its weights come, depends on the layers around it: of each
    /// kernel's fastest schedules, the one that is fastest in its place leads. All kernels try theirs together.
    void race_in_the_network() {
        std::vector<std::vector<schedules::schedule>> finalists;
        std::size_t rounds = 0;
        for (const kernel_search& s : searches_) {
            finalists.push_back(s.finalists(static_cast<std::size_t>(options_.finalists)));
            rounds = std::max(rounds, finalists.back().size());
        }
        std::vector<std::pair<double, std::size_t>> best(searches_.size(), {1.0, 0});
        const double start = seconds();
        for (std::size_t round = 0; round < rounds && !stop_; ++round) {
            const double each = round == 0 ? 0 : (seconds() - start) / static_cast<double>(round);
            show({.seconds_left = each * static_cast<double>(rounds - round), .measured = "the whole network"});
            schedule_map tuned;
            for (std::size_t i = 0; i < searches_.size(); ++i)
                if (round < finalists[i].size()) tuned[searches_[i].problem()] = finalists[i][round];
            try {
                result_.network = measures_.compare_networks(tuned, false);
            } catch (const error&) {
                if (stop_) return;  // the signal reached the process that was measuring
                throw;
            }
            for (std::size_t i = 0; i < searches_.size(); ++i)
                if (round < finalists[i].size()) best[i] = std::min(best[i], {ratio_of(searches_[i].problem()), round});
        }
        if (stop_) return;  // not all were measured: what leads alone stays
        for (std::size_t i = 0; i < searches_.size(); ++i)
            if (best[i].first < 1)
                searches_[i].settle(finalists[i][best[i].second], best[i].first);
            else
                searches_[i].drop_leader();
        note_gain();
    }

    void keep_what_the_network_gains_from() {
        schedule_map tuned;
        for (const kernel_search& s : searches_)
            if (s.leader_ratio() < 1) tuned[s.problem()] = s.leader();
        while (!tuned.empty()) {
            result_.network = measures_.compare_networks(tuned, true);
            const std::size_t before = tuned.size();
            std::erase_if(tuned, [&](const auto& each) { return ratio_of(each.first) >= 1; });
            if (tuned.size() < before) continue;
            if (result_.network.whole.faster()) break;
            drop_worse_half(tuned);
        }
        if (tuned.empty()) result_.network = {};
        result_.kept = static_cast<int>(tuned.size());
        result_.dropped = static_cast<int>(
            std::ranges::count_if(faster_alone_, [&](const std::string& problem) { return !tuned.contains(problem); }));
        std::vector<std::string> kernels;
        std::vector<record> records;
        for (kernel_search& s : searches_) {
            kernels.push_back(s.problem());
            if (!tuned.contains(s.problem())) {
                s.drop_leader();
                continue;
            }
            records.push_back({s.problem(), schedules::summary_of(s.usual()), s.usual().how, s.leader(), s.usual_ms(),
                               s.usual_ms() * s.leader_ratio()});
        }
        store_.replace(where_, kernels, records);
    }

    double ratio_of(const std::string& problem) const {
        const auto found = result_.network.ratios.find(problem);
        return found == result_.network.ratios.end() ? 1 : found->second;
    }

    /// Those that gain the least.
    void drop_worse_half(schedule_map& tuned) const {
        std::vector<std::pair<double, std::string>> by_gain;
        for (const auto& each : tuned) by_gain.emplace_back(ratio_of(each.first), each.first);
        std::ranges::sort(by_gain);
        for (std::size_t i = by_gain.size() / 2; i < by_gain.size(); ++i) tuned.erase(by_gain[i].second);
    }

    tune_result finish() {
        for (const kernel_search& s : searches_)
            result_.kernels.push_back({s.usual(), s.leader(), s.calls(), s.usual_ms(), s.usual_ms() * s.leader_ratio(),
                                       s.trials(), s.space()});
        return std::move(result_);
    }

    std::vector<kernel_search> searches_;
    measurer& measures_;
    database& store_;
    const setting& where_;
    const tune_options& options_;
    const std::atomic<bool>& stop_;
    const std::function<double()>& now_;
    const std::function<void(const progress_report&)>& report_;
    double start_;
    std::set<std::string> faster_alone_;  // problems
    tune_result result_;
};

}  // namespace

std::vector<kernel_search> searches_of(const plan::plan& usual, const std::string& target, schedules::precision allowed,
                                       int threads, std::uint64_t seed) {
    const schedules::machine m = schedules::machine_of(target);
    std::vector<kernel_search> searches;
    for (int index = 0; index < static_cast<int>(usual.kernels.size()); ++index) {
        const schedules::kernel& k = usual.kernels[static_cast<std::size_t>(index)];
        const std::string problem = schedules::problem_of(k);
        // Layers whose weights forbid the default's Winograd tile have another default: the first one's is tuned.
        if (!runs_on_anything(k) || std::ranges::find(searches, problem, &kernel_search::problem) != searches.end())
            continue;
        const auto calls = static_cast<int>(std::ranges::count(usual.steps, index, &plan::step::kernel));
        searches.emplace_back(k, m, exact_candidates(usual, index, m, allowed), calls, threads, seed);
    }
    return searches;
}

tune_result tune(std::vector<kernel_search> searches, measurer& measures, database& store, const setting& where,
                 const tune_options& options, const std::atomic<bool>& stop, const std::function<double()>& now,
                 const std::function<void(const progress_report&)>& report) {
    return tuner(std::move(searches), measures, store, where, options, stop, now, report).run();
}

}  // namespace kiln::tune
