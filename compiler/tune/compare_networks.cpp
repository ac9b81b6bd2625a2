#include <kiln/compiler/tune/compare_networks.hpp>

#include <fmt/format.h>

#include <chrono>
#include <sstream>

#include <kiln/compiler/bench/call_buffers.hpp>
#include <kiln/compiler/build/worker_processes.hpp>
#include <kiln/compiler/tune/choose_tuned.hpp>

namespace kiln::tune {
namespace {

using clock = std::chrono::steady_clock;

double seconds_now() { return std::chrono::duration<double>(clock::now().time_since_epoch()).count(); }

constexpr std::chrono::seconds comparing_limit{300};
// Whole networks differ by a percent or two: as many rounds as time allows, and nobody leaves early.
constexpr race_limits limits{
    .least_rounds = 25, .most_rounds = 1000, .seconds = 6, .hopeless = 1e9, .until_decided = false};

/// A model, and how long its last run took, whole and step by step.
class timed_model {
public:
    timed_model(compiler::compiled_graph&& compiled, const std::vector<tensor>& inputs, int threads)
        : model_(std::move(compiled)), buffers_(model_.plan(), inputs) {
        model_.set_threads(threads);
        steps_ms.resize(model_.plan().steps.size());
        run_whole();
    }

    double run_whole() { return run(0, static_cast<int>(steps_ms.size())); }
    void run_steps() {
        for (std::size_t i = 0; i < steps_ms.size(); ++i)
            steps_ms[i] = run(static_cast<int>(i), static_cast<int>(i) + 1);
    }

    std::vector<double> steps_ms;

private:
    double run(int first, int end) {
        const auto start = clock::now();
        model_.run(buffers_.in.data(), buffers_.out.data(), buffers_.arena.data(), first, end);
        return std::chrono::duration<double, std::milli>(clock::now() - start).count();
    }

    compiler::model model_;
    bench::call_buffers buffers_;
};

/// For each step, the problem its kernel solves, or nothing where that was not tuned.
std::vector<std::string> problems_of_steps(const plan::plan& p, const schedule_map& tuned) {
    std::vector<std::string> problems;
    for (const plan::step& s : p.steps) {
        std::string problem = schedules::problem_of(p.kernels[static_cast<std::size_t>(s.kernel)]);
        problems.push_back(tuned.contains(problem) ? std::move(problem) : std::string());
    }
    return problems;
}

}  // namespace

network_outcome compare_networks(const ir::graph& optimized, const compiler::compile_options& options,
                                 const std::vector<tensor>& inputs, const schedule_map& tuned, int threads,
                                 bool whole) {
    compiler::compile_options plain = options, fast = options;
    plain.records.file = fast.records.file = off;
    fast.plan.choose = choose_tuned(tuned, options.plan.precision);
    compiler::compiled_graph usual = compiler::build_graph(optimized, plain);
    compiler::compiled_graph other = compiler::build_graph(optimized, fast);
    const std::vector<std::string> problems = problems_of_steps(usual.plan, tuned);

    const compiler::work_item compare{
        "comparing the whole network", [&] {
            timed_model a(std::move(usual), inputs, threads), b(std::move(other), inputs, threads);
            std::map<std::string, std::vector<double>> ratios;
            const double start = seconds_now();
            for (int round = 0; round < 9 || (round < 25 && seconds_now() - start < 4); ++round) {
                round % 2 ? (a.run_steps(), b.run_steps()) : (b.run_steps(), a.run_steps());
                std::map<std::string, std::pair<double, double>> sums;
                for (std::size_t i = 0; i < problems.size(); ++i)
                    if (!problems[i].empty()) {
                        sums[problems[i]].first += a.steps_ms[i];
                        sums[problems[i]].second += b.steps_ms[i];
                    }
                for (const auto& [problem, sum] : sums) ratios[problem].push_back(sum.second / sum.first);
            }
            std::vector<standing> runs(2);
            if (whole) runs = race({[&] { return a.run_whole(); }, [&] { return b.run_whole(); }}, limits, seconds_now);
            std::string answer = fmt::format("{} {} {} {} {} {}\n", runs[0].milliseconds, runs[1].milliseconds,
                                             runs[1].ratio, runs[1].least, runs[1].most, runs[1].rounds);
            for (const auto& [problem, each] : ratios)
                answer += fmt::format("{} {}\n", standing_of(each).ratio, problem);
            return answer;
        }};
    network_outcome result;
    compiler::run_in_workers(std::span(&compare, 1), {.jobs = 1, .time_limit = comparing_limit},
                             [&](std::size_t, const std::string& answer) {
                                 std::istringstream text(answer);
                                 standing& s = result.whole;
                                 text >> result.usual_ms >> s.milliseconds >> s.ratio >> s.least >> s.most >> s.rounds;
                                 double ratio = 0;
                                 for (std::string problem; text >> ratio && std::getline(text >> std::ws, problem);)
                                     result.ratios[problem] = ratio;
                             });
    return result;
}

}  // namespace kiln::tune
