// The tuner with a measurer whose answers are known: what it finds, keeps, drops and takes over.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <future>
#include <latch>
#include <set>

#include <kiln/compiler/tune/choose_tuned.hpp>
#include <kiln/compiler/tune/report.hpp>
#include <kiln/runtime/error.hpp>

#include "known_measurer.hpp"

namespace kiln::testing {
namespace {

using tune::access;
using tune::database;

/// Runs `work` in a process of its own; the status it ends with.
int in_child(const std::function<void()>& work) {
    const pid_t child = ::fork();
    if (child == 0) {
        work();
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
}

std::size_t trials_in(const std::filesystem::path& file) {
    const database store(file, access::read);
    std::size_t count = 0;
    for (const tune::kernel_search& s : searches_of(small_network()))
        count += store.trials_of(some_setting(), s.problem()).size();
    return count;
}

}  // namespace

TEST_CASE("a search of every schedule finds the fastest one of each kernel, and records it") {
    database_folder folder;
    database store(folder.file(), access::write);
    known_measurer m;
    m.milliseconds = by_text;
    const tune::tune_result r = tuned(m, store, {.trials = 100'000, .early_stopping = 100'000});
    REQUIRE(r.kernels.size() == 3);
    int better = 0;
    for (const tune::tuned_kernel& k : r.kernels) {
        schedules::kernel each = k.usual;
        double least = by_text(each);
        for (const auto& how :
             schedules::candidates(each, schedules::machine_of(host()), schedules::precision::bounded)) {
            each.how = how;
            least = std::min(least, by_text(each));
        }
        each.how = k.best;
        CHECK(by_text(each) == least);
        CHECK(k.trials.size() + 1 == k.space);
        better += !(k.best == k.usual.how);
    }
    CHECK(better > 0);
    CHECK(r.kept == better);
    CHECK(static_cast<int>(store.records_of(some_setting()).size()) == better);
}

TEST_CASE("the first trials of a kernel are of every family it has, whatever estimates say") {
    graph_builder b("families");
    const auto x = b.relu(b.conv(b.input(dims::of(16, 16, 64)), {.filters = 64, .slide = square(1)}));
    ir::graph g = b.finish(b.conv(x, {.filters = 64, .slide = square(3, 2, 1, 1, 1)}));
    bind_random(g, 1);
    const auto family_of = [](const schedules::schedule& how) { return how.which; };
    int with_several = 0;
    std::vector<tune::kernel_search> searches = searches_of(g);
    for (tune::kernel_search& s : searches) {
        std::set<schedules::family> legal, tried{s.usual().how.which};
        std::ranges::transform(
            schedules::candidates(s.usual(), schedules::machine_of(host()), schedules::precision::bounded),
            std::inserter(legal, legal.end()), family_of);
        std::ranges::transform(s.next(16), std::inserter(tried, tried.end()), family_of);
        CHECK(tried == legal);
        with_several += legal.size() > 1;
    }
    CHECK(with_several == 2);
}

TEST_CASE("where nothing is faster beyond doubt the defaults stay") {
    database_folder folder;
    database store(folder.file(), access::write);
    known_measurer m;
    m.milliseconds = [](const schedules::kernel&) { return 1.0; };
    const tune::tune_result r = tuned(m, store, {.trials = 20});
    CHECK(r.trials > 0);
    CHECK(r.kept == 0);
    for (const tune::tuned_kernel& k : r.kernels) CHECK(k.best == k.usual.how);
    CHECK(store.records_of(some_setting()).empty());
}

TEST_CASE("schedules that the whole network does not gain from are dropped") {
    database_folder folder;
    database store(folder.file(), access::write);
    known_measurer m;
    m.milliseconds = by_text;
    m.network_factor = [](const schedules::schedule&) { return 1000.0; };
    const tune::tune_result r = tuned(m, store, {.trials = 30});
    CHECK(r.kept == 0);
    CHECK(r.dropped > 0);
    CHECK(store.records_of(some_setting()).empty());
}

TEST_CASE("of a kernel's fastest schedules the one is kept that is fastest in the whole network") {
    const auto best_of_first = [](const std::function<double(const schedules::schedule&)>& network_factor) {
        database_folder folder;
        database store(folder.file(), access::write);
        known_measurer m;
        m.milliseconds = by_text;
        m.network_factor = network_factor;
        const tune::tune_result r = tuned(m, store, {.trials = 100'000, .early_stopping = 100'000});
        CHECK(store.records_of(some_setting()).size() == static_cast<std::size_t>(r.kept));
        return r.kernels.front();
    };
    const tune::tuned_kernel alone = best_of_first([](const schedules::schedule&) { return 1.0; });
    REQUIRE(!(alone.best == alone.usual.how));
    // The winner is slow among the other layers: the next one is taken, with its time there.
    const tune::tuned_kernel other =
        best_of_first([&](const schedules::schedule& how) { return how == alone.best ? 100.0 : 0.5; });
    CHECK(!(other.best == alone.best));
    REQUIRE(!(other.best == other.usual.how));
    schedules::kernel k = other.usual;
    k.how = other.best;
    CHECK(other.best_ms / other.usual_ms == doctest::Approx(by_text(k) / by_text(other.usual) / 2));
}

TEST_CASE("a schedule that fails is a failed trial, not the end") {
    database_folder folder;
    database store(folder.file(), access::write);
    struct failing : known_measurer {
        std::vector<tune::outcome> race(std::span<const schedules::kernel> entrants) override {
            auto all = known_measurer::race(entrants);
            for (std::size_t i = 1; i < all.size(); ++i) all[i] = {{}, "it crashed"};
            return all;
        }
    } m;
    m.milliseconds = by_text;
    const tune::tune_result r = tuned(m, store, {.trials = 8});
    CHECK(r.kept == 0);
    CHECK(r.trials > 8);
    for (const tune::tuned_kernel& k : r.kernels)
        for (const tune::trial& t : k.trials) CHECK(t.failure == "it crashed");
}

TEST_CASE("the same seed tries the same schedules in the same order, another seed others") {
    const auto order = [](std::uint64_t seed) {
        database_folder folder;
        database store(folder.file(), access::write);
        known_measurer m;
        m.milliseconds = by_text;
        tuned(m, store, {.trials = 16, .seed = seed});
        return m.raced;
    };
    CHECK(order(3) == order(3));
    CHECK(order(3) != order(4));
}

TEST_CASE("a search ends at the number of trials, or after trials without a gain") {
    database_folder folder;
    database store(folder.file(), access::write);
    known_measurer m;
    m.milliseconds = [](const schedules::kernel&) { return 1.0; };
    for (const tune::tuned_kernel& k : tuned(m, store, {.trials = 9}).kernels)
        CHECK(k.trials.size() == std::min<std::size_t>(9, k.space - 1));
    for (const tune::tuned_kernel& k : tuned(m, store, {.trials = 1000, .early_stopping = 5, .at_once = 1}).kernels)
        CHECK(k.trials.size() == std::min<std::size_t>(5, k.space - 1));
}

TEST_CASE("a killed run resumes: no finished trial is lost, none is measured again") {
    database_folder folder;
    const int status = in_child([&] {
        database store(folder.file(), access::write);
        known_measurer m;
        m.milliseconds = by_text;
        int races = 0;
        m.before_race = [&] {
            if (++races == 6) ::raise(SIGKILL);
        };
        tuned(m, store, {.trials = 100});
    });
    REQUIRE(WIFSIGNALED(status));
    const std::size_t before = trials_in(folder.file());
    CHECK(before > 5);

    database store(folder.file(), access::write);
    std::vector<std::string> known;
    for (const tune::kernel_search& s : searches_of(small_network()))
        for (const tune::trial& t : store.trials_of(some_setting(), s.problem()))
            known.push_back(schedules::text_of(s.with(t.how)));
    known_measurer m;
    m.milliseconds = by_text;
    const tune::tune_result r = tuned(m, store, {.trials = 100, .resume = true});
    CHECK(r.resumed == static_cast<int>(before));
    for (const std::string& text : known) CHECK(std::ranges::find(m.raced, text) == m.raced.end());

    database_folder other;
    database fresh(other.file(), access::write);
    known_measurer whole;
    whole.milliseconds = by_text;
    const tune::tune_result at_once = tuned(whole, fresh, {.trials = 100});
    CHECK(r.kept == at_once.kept);
}

TEST_CASE("a new database can be opened by many at once") {
    for (int round = 0; round < 20; ++round) {
        const database_folder folder;
        std::vector<std::future<bool>> opened;
        std::latch all(8);
        for (int i = 0; i < 8; ++i)
            opened.push_back(std::async(std::launch::async, [&] {
                all.arrive_and_wait();
                const database store(folder.file(), access::write);
                return store.settings().empty();
            }));
        for (std::future<bool>& one : opened) CHECK(one.get());
    }
}

TEST_CASE("two tuners at once on one database lose nothing") {
    database_folder folder;
    std::vector<pid_t> children;
    for (std::uint64_t seed = 0; seed < 2; ++seed) {
        const pid_t child = ::fork();
        if (child == 0) {
            try {
                database store(folder.file(), access::write);
                known_measurer m;
                m.milliseconds = by_text;
                const tune::tune_result r = tuned(m, store, {.trials = 40, .early_stopping = 1000, .seed = seed});
                ::_exit(r.trials > 0 && r.kept > 0 ? 0 : 1);
            } catch (const std::exception& e) {
                std::fputs(e.what(), stderr);
                ::_exit(2);
            }
        }
        children.push_back(child);
    }
    for (const pid_t child : children) {
        int status = 0;
        ::waitpid(child, &status, 0);
        CHECK(status == 0);
    }
    std::size_t expected = 0;
    for (const tune::kernel_search& s : searches_of(small_network()))
        expected += 2 * std::min<std::size_t>(40, s.space() - 1);
    CHECK(trials_in(folder.file()) == expected);
}

TEST_CASE("an interrupted search keeps what it found") {
    database_folder folder;
    database store(folder.file(), access::write);
    std::atomic<bool> stop = false;
    known_measurer m;
    m.milliseconds = by_text;
    int races = 0;
    m.before_race = [&] { stop = ++races == 20; };
    const tune::tune_result r = tune::tune(searches_of(small_network()), m, store, some_setting(), {.trials = 1000},
                                           stop, [] { return 0.0; }, {});
    CHECK(r.stopped);
    CHECK(races == 20);
    CHECK(r.kept > 0);
    CHECK(static_cast<int>(store.records_of(some_setting()).size()) == r.kept);
}

TEST_CASE("a signal while finalists race in the network loses nothing that was found") {
    for (const bool reaches_the_measuring : {false, true}) {
        database_folder folder;
        database store(folder.file(), access::write);
        std::atomic<bool> stop = false;
        struct interrupted : known_measurer {
            std::function<void()> in_finals;
            tune::network_outcome compare_networks(const tune::schedule_map& tuned, bool whole) override {
                if (!whole) in_finals();
                return known_measurer::compare_networks(tuned, whole);
            }
        } m;
        m.milliseconds = by_text;
        m.in_finals = [&] {
            stop = true;
            if (reaches_the_measuring) throw error("it was killed");
        };
        const tune::tune_result r = tune::tune(searches_of(small_network()), m, store, some_setting(), {.trials = 30},
                                               stop, [] { return 0.0; }, {});
        CHECK(r.stopped);
        CHECK(r.kept > 0);
        CHECK(static_cast<int>(store.records_of(some_setting()).size()) == r.kept);
    }
}

TEST_CASE("time that runs out ends the search, and the time left is told") {
    database_folder folder;
    database store(folder.file(), access::write);
    const std::atomic<bool> never = false;
    known_measurer m;
    m.milliseconds = by_text;
    double clock = 0;
    m.before_race = [&] { clock += 10; };
    std::vector<double> left, finals;
    const tune::tune_result r = tune::tune(
        searches_of(small_network()), m, store, some_setting(),
        {.trials = 100'000, .seconds = 100, .early_stopping = 100'000}, never, [&] { return clock; },
        [&](const tune::progress_report& p) {
            (p.measured == "the whole network" ? finals : left).push_back(p.seconds_left);
        });
    CHECK_FALSE(r.stopped);
    CHECK(finals == std::vector<double>(6));
    REQUIRE(left.size() == 10);
    CHECK(left[0] == 100);
    CHECK(left[9] == 10);
}

TEST_CASE("a report draws every kernel and needs no other file") {
    database_folder folder;
    database store(folder.file(), access::write);
    known_measurer m;
    m.milliseconds = by_text;
    const std::string html = tune::report_html(tuned(m, store, {.trials = 8}), "small & <simple>", some_setting());
    CHECK(html.find("small &amp; &lt;simple&gt;") != std::string::npos);
    CHECK(html.find("<script") == std::string::npos);
    CHECK(html.find("http") == std::string::npos);
    std::size_t pictures = 0;
    for (std::size_t at = html.find("class='search'"); at != std::string::npos;
         at = html.find("class='search'", at + 1))
        ++pictures;
    CHECK(pictures == 3);
}

}  // namespace kiln::testing
