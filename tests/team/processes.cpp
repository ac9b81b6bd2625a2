// kiln train under mpirun: real processes, real signals.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <kiln/runtime/random.hpp>
#include <kiln/runtime/safetensors.hpp>
#include <kiln/runtime/tensor_file.hpp>
#include <kiln/tests/e2e/workplace.hpp>

using namespace kiln;
using kiln::e2e::finished;
using kiln::e2e::workplace;

namespace {

/// Tests may run as root, in containers, and with fewer processors than processes.
const std::string mpirun = "OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 " KILN_MPIRUN " --oversubscribe ";
const std::string lenet5 = KILN_COMMAND " train lenet5 --batch 32 ";
const std::string momentum = "--optimizer momentum --lr 0.02 ";
const std::string train = lenet5 + "--seed 3 " + momentum;

/// Squares in one of ten places.
void prepare(const workplace& here, std::int64_t count, const char* file = "set.npz", std::uint64_t key = 1) {
    random_stream random(key);
    tensor_map set;
    for (const auto& [part, samples] : {std::pair{"train", count}, {"test", std::int64_t{50}}}) {
        tensor x = zeros({samples, 28, 28, 1}), y = zeros({samples});
        for (std::int64_t n = 0; n < samples; ++n) {
            const std::uint64_t label = random.below(10);
            y.values[static_cast<std::size_t>(n)] = static_cast<float>(label);
            for (std::uint64_t i = 0; i < 784; ++i) {
                const bool inside = i / 28 / 14 == label / 5 && i % 28 / 5 == label % 5;
                x.values[static_cast<std::size_t>(n) * 784 + i] =
                    static_cast<float>(random.below(100)) / 200 + (inside ? 0.5F : 0);
            }
        }
        set[std::string("x_") + part] = x;
        set[std::string("y_") + part] = y;
    }
    write_tensors(here / (std::string("here/") + file), set);
}

double largest_difference(const workplace& here, const char* a, const char* b) {
    const tensor_map first = read_tensors(here / (std::string("here/") + a)),
                     second = read_tensors(here / (std::string("here/") + b));
    REQUIRE(first.size() == second.size());
    double most = 0;
    for (const auto& [name, value] : first)
        for (std::size_t i = 0; i < value.values.size(); ++i)
            most = std::max(most, static_cast<double>(std::abs(value.values[i] - second.at(name).values[i])));
    return most;
}

std::string output_of(const workplace& here, const std::string& command) {
    const finished done = here.shell(command);
    INFO(command);
    INFO(done.err);
    REQUIRE(done.exit_code == 0);
    return done.out;
}

/// Starts a training without end, sends `signal` to rank `rank` (-1: to mpirun) once there is a checkpoint, and waits.
finished disturbed(const workplace& here, const char* signal, int rank, const std::string& launching = "") {
    const std::string victim = rank < 0 ? "$launcher"
                                        : fmt::format(
                                              "$(for p in $(cat /proc/$launcher/task/$launcher/children); do "
                                              "grep -qz '^OMPI_COMM_WORLD_RANK={}$' /proc/$p/environ && echo $p; done)",
                                              rank);
    return here.shell("rm -f c; " + mpirun + launching + "-n 2 " + train +
                      "--data set.npz --epochs 1000000 --checkpoint c --checkpoint-every 3 & launcher=$!; "
                      "until [ -e c ]; do sleep 0.05; kill -0 $launcher || exit 99; done; sleep 0.3; "
                      "kill -" +
                      signal + " " + victim + "; wait $launcher");
}

std::int64_t errors_in(const std::string& text) {
    std::int64_t count = 0;
    for (std::size_t at = 0; (at = text.find("kiln: error: ", at)) != std::string::npos; ++at) ++count;
    return count;
}

}  // namespace

TEST_CASE("two processes learn what one does with the same batch, and one of them talks") {
    const workplace here;
    prepare(here, 32 * 12);
    for (const char* options : {"--lr 0.001", "--augment shift=2 --clip 0.5 --optimizer momentum --lr 0.02"}) {
        const std::string rest = std::string(options) + " --seed 3 --data set.npz --epochs 1 ";
        const std::string one = output_of(here, lenet5 + rest + "-o one.safetensors"),
                          two = output_of(here, mpirun + "-n 2 " + lenet5 + rest + "-o two.safetensors");
        CHECK(largest_difference(here, "one.safetensors", "two.safetensors") < 2e-4);
        std::size_t lines = 0, at = 0;
        while ((at = two.find("epoch 1/1", at)) != std::string::npos) ++lines, ++at;
        CHECK(lines == 1);
        CHECK(one.find("test accuracy") != std::string::npos);
    }
    // What it is compared with is no accident.
    output_of(here, lenet5 + momentum + "--data set.npz --epochs 1 -q --seed 4 -o other.safetensors");
    CHECK(largest_difference(here, "one.safetensors", "other.safetensors") > 0.05);
    // Only the leader needs a file of weights, and a checkpoint.
    output_of(here, mpirun + "-n 1 " + train + "--data set.npz --epochs 1 -q -o again.safetensors --weights " +
                        "one.safetensors : -n 1 " + train + "--data set.npz --epochs 1 -q -o again.safetensors");
    output_of(here, train + "--data set.npz --epochs 1 -q -o alone.safetensors --weights one.safetensors");
    CHECK(largest_difference(here, "again.safetensors", "alone.safetensors") < 2e-4);
}

TEST_CASE("a process that is killed ends the others soon, with its name and a checkpoint to go on from") {
    const workplace here;
    prepare(here, 32 * 400);
    for (const int rank : {1, 0}) {
        const auto start = std::chrono::steady_clock::now();
        const finished lost = disturbed(here, "KILL", rank);
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        INFO(lost.err);
        CHECK(lost.exit_code != 0);
        CHECK(lost.exit_code != 99);
        CHECK(seconds < 60);
        CHECK(lost.err.find(fmt::format("kiln: error: rank {} lost rank {} (process ", 1 - rank, rank)) !=
              std::string::npos);
        std::int64_t epoch = std::stoi(read_safetensors_content(here / "here/c").metadata.at("epoch"));
        // By one process and by two.
        for (const std::string& launcher : {std::string(), mpirun + "-n 2 "}) {
            const std::string printed = output_of(
                here,
                launcher + train +
                    fmt::format("--data set.npz --epochs {} --checkpoint c --resume -o w.safetensors", epoch + 1));
            CHECK(printed.find("resumed after ") != std::string::npos);
            CHECK(printed.find(fmt::format("epoch {}/{}", epoch + 1, epoch + 1)) != std::string::npos);
            const std::size_t at = printed.rfind("test accuracy ");
            REQUIRE(at != std::string::npos);
            CHECK(std::stod(printed.substr(at + 14)) > 0.9);
            ++epoch;
        }
    }
}

TEST_CASE("where MPI itself ends the others, as over TCP, the checkpoint is the last that was due") {
    const workplace here;
    prepare(here, 32 * 400);
    const finished lost = disturbed(here, "KILL", 1, "--mca btl tcp,self ");
    INFO(lost.err);
    CHECK(lost.exit_code != 0);
    CHECK(lost.exit_code != 99);
    CHECK(lost.err.find("rank 1") != std::string::npos);
    const std::int64_t epoch = std::stoi(read_safetensors_content(here / "here/c").metadata.at("epoch"));
    output_of(here,
              train + fmt::format("--data set.npz --epochs {} --checkpoint c --resume -o w.safetensors", epoch + 1));
}

TEST_CASE("interrupted and resumed, two processes end bit for bit where they would have") {
    const workplace here;
    prepare(here, 32 * 400);
    const finished stopped = disturbed(here, "INT", -1);
    INFO(stopped.err);
    CHECK(stopped.exit_code != 0);
    CHECK(stopped.err.find("interrupted in epoch") != std::string::npos);
    const text_map saved = read_safetensors_content(here / "here/c").metadata;
    const std::string epochs = fmt::format("--data set.npz -q --epochs {} ", std::stoi(saved.at("epoch")) + 1);
    output_of(here, mpirun + "-n 2 " + train + epochs + "--checkpoint c --resume -o resumed.safetensors");
    output_of(here, mpirun + "-n 2 " + train + epochs + "-o straight.safetensors");
    CHECK(here.read("resumed.safetensors") == here.read("straight.safetensors"));
}

TEST_CASE("what cannot be trained together is refused, by one process in one line") {
    const workplace here;
    prepare(here, 64);
    prepare(here, 64, "other.npz", 2);
    const std::string rest = "--data set.npz --epochs 1 -q -o w.safetensors ";
    for (const auto& [command, says] : {
             std::pair{mpirun + "-n 3 " + train + rest, "--batch 32 cannot be shared out evenly to 3 processes"},
             {mpirun + "-n 1 " + train + rest + ": -n 1 " + lenet5 + momentum + rest + "--seed 4",
              "seed is '4', rank 0 has '3'"},
             {mpirun + "-n 1 " + train + rest + ": -n 1 " + train + "--data other.npz --epochs 1 -q",
              "data is 'other.npz', rank 0 has 'set.npz'"},
             {mpirun + "-n 1 " + train + rest + ": -n 1 " + train + "--data absent.npz -q", "absent.npz"},
             {mpirun + "-n 2 " + lenet5 + rest + "--optimizer sgd --lr 1e30", "diverged"},
             {mpirun + "-n 2 " + train + rest + "--checkpoint c --resume", "no checkpoint c"},
             {"OMPI_COMM_WORLD_SIZE=2 " + train + rest, "2 processes were started, but MPI sees 1"},
         }) {
        const finished done = here.shell(command);
        INFO(command);
        INFO(done.err);
        CHECK(done.exit_code == 1);
        CHECK(errors_in(done.err) == 1);
        CHECK(done.err.find(says) != std::string::npos);
        CHECK(std::ranges::count(here.files(), "w.safetensors") == 0);
    }
}
