// A measurer whose answers are known, a small network to tune, and a folder for its database.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <functional>
#include <set>
#include <stdexcept>
#include <string>

#include <kiln/compiler/lower/lower.hpp>
#include <kiln/compiler/plan/make_plan.hpp>
#include <kiln/compiler/tune/tune.hpp>
#include <kiln/schedules/schedule_text.hpp>

#include <kiln/tests/graph_builder.hpp>

namespace kiln::testing {

class database_folder {
public:
    database_folder() {
        std::string name = (std::filesystem::temp_directory_path() / "kiln-tune-XXXXXX").string();
        if (!::mkdtemp(name.data())) throw std::runtime_error("no temporary folder: " + name);
        path_ = name;
    }
    ~database_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    database_folder(const database_folder&) = delete;
    database_folder& operator=(const database_folder&) = delete;
    std::filesystem::path file() const { return path_ / "records.db"; }

private:
    std::filesystem::path path_;
};

/// Two convolutions of different extents and a pooling between them.
inline ir::graph small_network() {
    graph_builder b("small");
    auto x = b.input(dims::of(12, 12, 8));
    x = b.relu(b.conv(x, {.filters = 16, .slide = square(3)}));
    x = b.conv(b.max_pool(x, square(2, 2)), {.filters = 32, .slide = square(1)});
    ir::graph g = b.finish(x);
    bind_random(g, 1);
    return g;
}

inline const std::string& host() {
    static const std::string target = compiler::resolve_target("host");
    return target;
}

inline std::vector<tune::kernel_search> searches_of(const ir::graph& g, std::uint64_t seed = 0) {
    return tune::searches_of(plan::make_plan(g, host()), host(), schedules::precision::bounded, 1, seed);
}

/// Says of each kernel how long it takes, exactly, and remembers who asked.
struct known_measurer : tune::measurer {
    std::function<double(const schedules::kernel&)> milliseconds;
    std::function<void()> before_race = [] {};
    /// What the whole network adds to a tuned kernel's ratio.
    std::function<double(const schedules::schedule&)> network_factor = [](const schedules::schedule&) { return 1.0; };
    std::vector<std::string> raced;
    std::map<std::string, schedules::kernel> kernels;

    std::vector<tune::outcome> race(std::span<const schedules::kernel> entrants) override {
        before_race();
        std::vector<tune::outcome> result;
        for (const schedules::kernel& k : entrants) {
            if (result.size() > 0) raced.push_back(schedules::text_of(k));
            kernels.emplace(schedules::problem_of(k), k);
            const double ratio = milliseconds(k) / milliseconds(entrants[0]);
            result.push_back({{milliseconds(k), ratio, ratio, ratio, 7}, ""});
        }
        return result;
    }
    tune::network_outcome compare_networks(const tune::schedule_map& tuned, bool whole) override {
        tune::network_outcome n;
        double usual = 0, best = 0;
        for (const auto& [problem, how] : tuned) {
            schedules::kernel k = kernels.at(problem);
            schedules::choose(k, schedules::machine_of(host()), schedules::precision::bounded);
            const double before = milliseconds(k);
            schedules::set_schedule(k, how);
            n.ratios[problem] = milliseconds(k) / before * network_factor(how);
            usual += before;
            best += milliseconds(k) * network_factor(how);
        }
        if (!whole) return n;
        const double ratio = best / usual;
        n.usual_ms = usual;
        n.whole = {best, ratio, ratio, ratio, 15};
        return n;
    }
};

/// The fewer digits a schedule has, the faster: an order that no cost model knows.
inline double by_text(const schedules::kernel& k) {
    double sum = 1;
    for (const std::int32_t p : k.how.parameters) sum += p % 7;
    return sum;
}

inline tune::setting some_setting(int threads = 1) {
    return tune::setting_here(host(), schedules::precision::bounded, threads);
}

/// Tunes with a clock that stands still.
inline tune::tune_result tuned(tune::measurer& m, tune::database& store, const tune::tune_options& options,
                               const ir::graph& g = small_network()) {
    static const std::atomic<bool> never = false;
    return tune::tune(searches_of(g, options.seed), m, store, some_setting(), options, never, [] { return 0.0; }, {});
}

}  // namespace kiln::testing
