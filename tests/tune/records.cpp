// What compiling makes of records: from databases and files, of this setting and others.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

#include <kiln/compiler/compile.hpp>
#include <kiln/compiler/frontend/installation.hpp>
#include <kiln/compiler/ops/reference.hpp>
#include <kiln/compiler/tune/choose_tuned.hpp>
#include <kiln/compiler/tune/tuned_file.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/schedules/direct_conv.hpp>
#include <kiln/schedules/winograd.hpp>

#include <kiln/tests/ops/compare.hpp>
#include "known_measurer.hpp"

namespace kiln::testing {
namespace {

using tune::access;
using tune::database;

/// Of every kernel of the small network, the last candidate.
std::vector<tune::record> some_records() {
    std::vector<tune::record> all;
    for (const tune::kernel_search& s : searches_of(small_network())) {
        const auto legal =
            schedules::candidates(s.usual(), schedules::machine_of(host()), schedules::precision::bounded);
        all.push_back({s.problem(), schedules::summary_of(s.usual()), s.usual().how, legal.back(), 2, 1});
    }
    return all;
}

std::vector<schedules::schedule> schedules_with(const std::string& file, int threads = 1,
                                                const std::string& target = host()) {
    compiler::compile_options options;
    options.records = {.file = file, .threads = threads};
    std::vector<schedules::schedule> all;
    for (const schedules::kernel& k : compiler::plan_graph(small_network(), target, options).kernels)
        all.push_back(k.how);
    return all;
}

std::string error_of(const std::function<void()>& work) {
    try {
        work();
    } catch (const error& e) {
        return e.what();
    }
    return "no error";
}

}  // namespace

TEST_CASE("records are picked up, and the tuned network computes the same") {
    database_folder folder;
    const auto records = some_records();
    {
        database store(folder.file(), access::write);
        store.replace(some_setting(), {}, records);
    }
    const std::string file = folder.file().string();
    const auto usual = schedules_with("off"), tuned = schedules_with(file);
    REQUIRE(tuned.size() == records.size());
    for (std::size_t i = 0; i < tuned.size(); ++i) {
        CHECK(tuned[i] == records[i].best);
        CHECK_FALSE(tuned[i] == usual[i]);
    }
    const ir::graph g = small_network();
    compiler::compile_options options;
    options.records = {.file = file, .threads = 1};
    const compiler::model model(compiler::build_graph(g, options));
    const std::vector<tensor> inputs = random_inputs(g, 5);
    CHECK(relative_difference(model(inputs)[0], compiler::run_reference(g, inputs)[0]) < 1e-4);
}

TEST_CASE("records of another CPU, other caches, threads, precision, version or target are not used") {
    const auto usual = schedules_with("off");
    const auto is_ignored = [&](const std::function<void(tune::setting&)>& change) {
        database_folder folder;
        tune::setting other = some_setting();
        change(other);
        database(folder.file(), access::write).replace(other, {}, some_records());
        return schedules_with(folder.file().string()) == usual;
    };
    CHECK_FALSE(is_ignored([](tune::setting&) {}));
    CHECK(is_ignored([](tune::setting& s) { s.cpu += " of another kind"; }));
    CHECK(is_ignored([](tune::setting& s) { s.caches = "L1 1K"; }));
    CHECK(is_ignored([](tune::setting& s) { s.threads = 64; }));
    CHECK(is_ignored([](tune::setting& s) { s.precision = "strict"; }));
    CHECK(is_ignored([](tune::setting& s) { s.version += "1"; }));

    database_folder folder;
    database(folder.file(), access::write).replace(some_setting(), {}, some_records());
    CHECK(schedules_with(folder.file().string(), 1, "arm-64-linux") == schedules_with("off", 1, "arm-64-linux"));
}

TEST_CASE("a record is not used where the default is another by now, or the schedule is not legal") {
    const auto usual = schedules_with("off");
    const auto with = [&](const std::function<void(tune::record&)>& change) {
        database_folder folder;
        std::vector<tune::record> records = some_records();
        for (tune::record& r : records) change(r);
        database(folder.file(), access::write).replace(some_setting(), {}, records);
        return schedules_with(folder.file().string());
    };
    CHECK(with([](tune::record& r) { r.usual.parameters[0] += 1; }) == usual);
    CHECK(with([](tune::record& r) { r.best.parameters[0] = 12345; }) == usual);
}

TEST_CASE("what was found for float32 serves where narrow weights are asked for, but filters in chunks") {
    graph_builder b("winograd");
    ir::graph g = b.finish(b.conv(b.input(dims::of(24, 24, 32)), {.filters = 64, .slide = square(3)}));
    bind_random(g, 1);
    const tune::kernel_search s = searches_of(g).front();
    REQUIRE(s.usual().how.which == schedules::family::winograd);
    const auto legal = schedules::candidates(s.usual(), schedules::machine_of(host()), schedules::precision::bounded);
    const auto chosen = [&](const schedules::schedule& found, schedules::storage stored) {
        plan::plan_options options{.weights = stored};
        options.choose =
            tune::choose_recorded({{s.problem(), "", s.usual().how, found, 2, 1}}, schedules::precision::bounded);
        return plan::make_plan(g, host(), options).kernels.front().how;
    };
    const schedules::schedule usual =
        plan::make_plan(g, host(), {.weights = schedules::storage::bfloat16}).kernels.front().how;
    int met[3] = {};
    for (std::size_t i = 0; i < legal.size(); i += 7) {
        const schedules::schedule& found = legal[i];
        CHECK(chosen(found, schedules::storage::float32) == found);
        const schedules::schedule narrow = chosen(found, schedules::storage::bfloat16);
        if (found.which == schedules::family::direct_conv) {
            if (narrow == usual) continue;  // too many to be widened
            const auto p = schedules::direct_conv_parameters_of(narrow),
                       wide = schedules::direct_conv_parameters_of(found);
            CHECK(p.widen == 1);
            CHECK(p.block == wide.block);
            CHECK(p.tile == wide.tile);
            ++met[0];
        } else if (found.which == schedules::family::winograd && schedules::winograd_parameters_of(found).chunk == 0) {
            CHECK(narrow == found);
            ++met[1];
        } else {
            CHECK(narrow == usual);
            ++met[2];
        }
    }
    for (const int times : met) CHECK(times > 0);
}

TEST_CASE("tuning again replaces records of the same kernels and leaves others") {
    database_folder folder;
    database store(folder.file(), access::write);
    std::vector<tune::record> records = some_records();
    store.replace(some_setting(), {}, records);
    store.replace(some_setting(), {records[0].kernel}, {});
    CHECK(store.records_of(some_setting()).size() == records.size() - 1);
    CHECK(store.settings() == std::vector{some_setting()});
}

TEST_CASE("a damaged or foreign database is an error that names the file") {
    database_folder folder;
    const std::string file = folder.file().string();
    CHECK(error_of([&] { schedules_with(file); }).find(file) != std::string::npos);  // it is not there
    std::ofstream(file) << std::string(5000, 'x');
    CHECK(error_of([&] { schedules_with(file); }).find("damaged") != std::string::npos);
    CHECK(error_of([&] { database(file, access::write); }).find("damaged") != std::string::npos);
    std::filesystem::remove(file);
    database(file, access::write).replace(some_setting(), {}, some_records());
    {
        std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
        bytes.seekp(120);
        bytes << std::string(8000, '\xff');
    }
    const std::string damaged = error_of([&] { schedules_with(file); });
    CHECK(damaged.find("damaged") != std::string::npos);
    CHECK(damaged.find(file) != std::string::npos);
}

TEST_CASE("exported records are read again; a damaged file is an error that names it") {
    database_folder folder;
    const std::string file = folder.file().string();
    const std::vector<tune::tuned_records> all{{some_setting(), some_records()}, {some_setting(2), {}}};
    std::ofstream(file) << tune::tuned_text(all);
    const auto read = tune::read_tuned(file);
    REQUIRE(read.size() == 2);
    CHECK(read[0].where == all[0].where);
    CHECK(read[1].where.threads == 2);
    REQUIRE(read[0].records.size() == all[0].records.size());
    for (std::size_t i = 0; i < read[0].records.size(); ++i) {
        CHECK(read[0].records[i].kernel == all[0].records[i].kernel);
        CHECK(read[0].records[i].best == all[0].records[i].best);
        CHECK(read[0].records[i].usual == all[0].records[i].usual);
    }
    std::string text = tune::tuned_text(all);
    text.resize(text.size() / 2);
    std::ofstream(file) << text;
    CHECK(error_of([&] { tune::read_tuned(file); }).find(file) != std::string::npos);
}

TEST_CASE("shipped records apply to the same processor and release, whatever the lowering's revision") {
    const tune::setting here = some_setting();
    tune::setting shipped = here;
    shipped.version = "kiln 1" + here.version.substr(here.version.find(" halide"));
    CHECK(tune::applies(shipped, here));
    shipped.version = "kiln 1 halide 1.0 llvm 1.0";
    CHECK_FALSE(tune::applies(shipped, here));
    shipped = here;
    shipped.threads = here.threads + 1;
    CHECK_FALSE(tune::applies(shipped, here));
}

TEST_CASE("the files that ship can be read, and hold what was faster than the default") {
    const auto shipped = frontend::tuned_files();
    CHECK_FALSE(shipped.empty());
    for (const auto& file : shipped)
        for (const tune::tuned_records& each : tune::read_tuned(file)) {
            INFO(file.string());
            CHECK(each.where.threads > 0);
            CHECK_FALSE(each.records.empty());
            for (const tune::record& r : each.records) {
                INFO(r.summary);
                CHECK(r.best_ms < r.usual_ms);
                CHECK_FALSE(r.best == r.usual);
            }
        }
}

TEST_CASE("every family's schedules are read back from their text") {
    for (const tune::kernel_search& s : searches_of(small_network()))
        for (const auto& how :
             schedules::candidates(s.usual(), schedules::machine_of(host()), schedules::precision::bounded))
            CHECK(schedules::schedule_from(schedules::text_of(how)) == how);
    for (int each = 0; each <= static_cast<int>(schedules::family::strassen); ++each) {
        const schedules::schedule how{static_cast<schedules::family>(each), {8, 1}};
        CHECK(schedules::schedule_from(schedules::text_of(how)) == how);
    }
    for (const char* wrong : {"", "direct_conv", "direct_conv(1,2", "nothing(1)", "direct_conv(a)", "pooling(1,)x",
                              "pooling(1,2,3,4,5,6,7,8,9,10,11,12)"})
        CHECK_FALSE(schedules::schedule_from(wrong).has_value());
}

}  // namespace kiln::testing
