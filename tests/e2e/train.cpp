#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <regex>
#include <sstream>

#include <kiln/compiler/train/checkpoint.hpp>
#include <kiln/runtime/random.hpp>
#include <kiln/runtime/safetensors.hpp>
#include <kiln/runtime/tensor_file.hpp>

#include "workplace.hpp"

using kiln::tensor;
using kiln::tensor_map;
using kiln::e2e::finished;
using kiln::e2e::workplace;

namespace {

/// Three classes of points in the plane, around three corners, as a data set of `train` and 90 test samples.
tensor_map points(std::int64_t train) {
    kiln::random_stream random(1);
    const auto noise = [&] { return static_cast<float>(random.below(1000)) / 1000 - 0.5F; };
    const float corner[3][2] = {{0, 0}, {2, 0}, {0, 2}};
    tensor_map set;
    for (const auto& [part, count] : {std::pair{"train", train}, {"test", std::int64_t{90}}}) {
        tensor x{{count, 2}, {}}, y{{count}, {}};
        for (std::int64_t i = 0; i < count; ++i) {
            x.values.push_back(corner[i % 3][0] + noise());
            x.values.push_back(corner[i % 3][1] + noise());
            y.values.push_back(static_cast<float>(i % 3));
        }
        set[std::string("x_") + part] = x;
        set[std::string("y_") + part] = y;
    }
    return set;
}

void prepare(const workplace& here, std::int64_t train = 480) {
    here.write("net.cpp",
               "#include <kiln/dsl/dsl.hpp>\n"
               "using namespace kiln;\n"
               "using namespace kiln::literals;\n"
               "inline constexpr auto logits = [](auto x) { return x | dense(256_c) | relu | dense(3_c); };\n"
               "inline constexpr auto net = [](auto x) { return logits(x) | softmax; };\n"
               "inline constexpr auto net_cost = [](auto x, auto label) {\n"
               "    auto scores = logits(x);\n"
               "    return outputs(\"cost\"_n = cross_entropy(scores, label), \"logits\"_n = scores);\n"
               "};\n"
               "KILN_EXPORT(net, shape<2>);\n"
               "KILN_EXPORT(net_cost, shape<2>, shape<1>);\n");
    kiln::write_tensors(here / "here/points.npz", points(train));
}

const std::string train = "train net.cpp --data points.npz --batch 16 --lr 0.01 ";

double last_accuracy(const std::string& printed) {
    const std::size_t at = printed.rfind("test accuracy ");
    REQUIRE(at != std::string::npos);
    return std::stod(printed.substr(at + 14));
}

}  // namespace

TEST_CASE("a network learns, its weights are what run takes, and it tells how it went") {
    const workplace here;
    prepare(here);
    const std::string printed =
        here.kiln_output(train + "--epochs 3 -o w.safetensors --log log.jsonl --log-every 10 --plot curves.svg");
    CHECK(last_accuracy(printed) > 0.97);
    CHECK(here.files() ==
          std::vector<std::string>{"curves.svg", "log.jsonl", "net.cpp", "points.npz", "w.safetensors"});

    std::vector<nlohmann::json> lines;
    std::istringstream log(here.read("log.jsonl"));
    for (std::string line; std::getline(log, line);) lines.push_back(nlohmann::json::parse(line));
    REQUIRE(lines.size() == 1 + 9 + 3);
    CHECK(lines[0]["network"] == "net_cost");
    CHECK(lines.back()["epoch"] == 3);
    CHECK(lines.back()["step"] == 90);
    CHECK(std::abs(lines.back()["test"]["accuracy"].get<double>() - last_accuracy(printed)) < 1e-4);
    CHECK(lines.back()["train"]["loss"].get<double>() < lines[1]["loss"].get<double>());
    CHECK(here.read("curves.svg").find("accuracy") != std::string::npos);
    here.kiln_output("plot log.jsonl log.jsonl --names one,two -o both.svg");
    CHECK(here.read("both.svg").find("two, test") != std::string::npos);

    // The network alone, with these weights, over the test set as one batch.
    tensor_map set = points(480);
    kiln::write_tensors(here / "here/x.npy", {{"x", set.at("x_test")}});
    here.kiln_output("run net.cpp --batch 90 -i x.npy --weights w.safetensors -o p.npy");
    const tensor p = kiln::read_tensors(here / "here/p.npy").begin()->second;
    int correct = 0;
    for (std::size_t i = 0; i < 90; ++i) {
        const auto row = std::span(p.values).subspan(3 * i, 3);
        correct += std::ranges::max_element(row) - row.begin() == static_cast<int>(set.at("y_test").values[i]);
    }
    CHECK(std::abs(correct / 90.0 - last_accuracy(printed)) < 1e-4);
}

TEST_CASE("a training repeats for its seed and not for another") {
    const workplace here;
    prepare(here);
    for (const char* run : {"a --seed 3", "b --seed 3", "c --seed 4"}) {
        const std::string name(1, run[0]);
        here.kiln_output(train + "--epochs 1 -q -o " + name + ".safetensors" + std::string(run + 1));
    }
    CHECK(here.read("a.safetensors") == here.read("b.safetensors"));
    CHECK(here.read("a.safetensors") != here.read("c.safetensors"));
}

TEST_CASE("interrupted somewhere in an epoch and resumed, a training ends bit for bit where it would have") {
    const workplace here;
    prepare(here, 16 * 400);
    here.kiln_output(train + "--epochs 1 -q -o warm.safetensors");  // so that what follows starts at once
    // 400 batches to an epoch; an interruption that falls between two of them is tried again.
    kiln::text_map saved{{"batch", "0"}};
    for (int tries = 0; tries < 10 && saved.at("batch") == "0"; ++tries) {
        const finished stopped = here.shell(
            "rm -f c log.jsonl; " KILN_COMMAND " " + train +
            "--epochs 1000000 --checkpoint c --log log.jsonl --log-every 100 & pid=$!; "
            "until [ -e log.jsonl ] && [ $(wc -l <log.jsonl) -gt 5 ]; do sleep 0.02; done; kill -INT $pid; wait $pid");
        INFO(stopped.err);
        CHECK(stopped.exit_code == 130);
        CHECK(stopped.err.find("--resume") != std::string::npos);
        saved = kiln::read_safetensors_content(here / "here/c").metadata;
    }
    CHECK(saved.at("batch") != "0");
    const int epochs = std::stoi(saved.at("epoch")) + 2;
    here.kiln_output(
        train +
        fmt::format("--epochs {} --checkpoint c --resume --log log.jsonl --log-every 100 -o resumed.safetensors",
                    epochs));
    here.kiln_output(train +
                     fmt::format("--epochs {} --log straight.jsonl --log-every 100 -o straight.safetensors", epochs));
    CHECK(here.read("resumed.safetensors") == here.read("straight.safetensors"));
    // The log is as if nothing had happened, but for how long epochs took.
    const auto losses = [&](const char* file) {
        std::vector<nlohmann::json> found;
        std::istringstream log(here.read(file));
        for (std::string line; std::getline(log, line);) {
            nlohmann::json object = nlohmann::json::parse(line);
            object.erase("seconds");
            object.erase("images_per_second");
            found.push_back(object);
        }
        return found;
    };
    CHECK(losses("log.jsonl") == losses("straight.jsonl"));
}

TEST_CASE("a training goes on with the samples it began with") {
    const workplace here;
    prepare(here);
    here.kiln_output(train + "--epochs 1 --checkpoint c -q -o w.safetensors");
    tensor_map others = points(480);
    others.at("x_train").values[5] += 0.25F;
    kiln::write_tensors(here / "here/points.npz", others);
    const finished refused = here.kiln(train + "--epochs 2 --checkpoint c --resume -q -o w.safetensors");
    INFO(refused.err);
    CHECK(refused.exit_code == 1);
    CHECK(refused.err.find("c: training cannot go on with other samples: those of 'points.npz'") != std::string::npos);
    kiln::write_tensors(here / "here/points.npz", points(480));
    here.kiln_output(train + "--epochs 2 --checkpoint c --resume -q -o w.safetensors");
}

TEST_CASE("a full disk ends a training with the last checkpoint intact") {
    const workplace here;
    prepare(here);
    here.kiln_output(train + "--epochs 1 --checkpoint c -q -o w.safetensors");
    const std::string before = here.read("c");
    const auto files = here.files();
    const finished full =
        here.shell("ulimit -f 4; " KILN_COMMAND " " + train + "--epochs 3 --checkpoint c --resume -q -o w.safetensors");
    INFO(full.err);
    CHECK(full.exit_code == 1);
    CHECK(full.err.find("the one before it is intact") != std::string::npos);
    CHECK(here.read("c") == before);
    CHECK(here.files() == files);
    here.kiln_output(train + "--epochs 3 --checkpoint c --resume -q -o w.safetensors");
}

TEST_CASE("what cannot be trained is refused before training starts, in one line") {
    const workplace here;
    prepare(here);
    tensor_map set = points(480);
    set.at("y_train").values[7] = 3;
    kiln::write_tensors(here / "here/label.npz", set);
    set = points(480);
    set.at("x_train").shape = {480, 1, 2};
    set.at("x_test").shape = {90, 1, 2};
    kiln::write_tensors(here / "here/shape.npz", set);
    here.kiln_output(train + "--epochs 1 --checkpoint c -q -o w.safetensors");
    const auto files = here.files();
    for (const auto& [arguments, says] : {
             std::pair{"train net.cpp --data label.npz", "label 3 of sample 7 (train set) is out of range"},
             {"train net.cpp --data shape.npz", "takes 2"},
             {"train net.cpp --data absent", "no data set 'absent'"},
             {"train edges --data points.npz", "no output called cost"},
             {"train net.cpp --data points.npz --batch 481", "only 480"},
             {"train net.cpp --data points.npz --augment flip", "--augment is for images"},
             {"train net.cpp --data points.npz --augment spin", "spin"},
             {"train net.cpp --data points.npz --mean 0.5", "--mean"},
             {"train net.cpp --data points.npz --freeze nothing", "nothing"},
             {"train net.cpp --data points.npz -o w.onnx", "w.onnx"},
             {"train net.cpp --data points.npz -o no/such/w.safetensors", "no/such"},
             {"train net.cpp --data points.npz --checkpoint c", "--resume"},
             {"train net.cpp --data points.npz --checkpoint d --resume", "no checkpoint d"},
             {"train net.cpp --data points.npz --checkpoint c --resume --seed 9", "seed was '0', now '9'"},
             {"train net.cpp --data points.npz --checkpoint w.safetensors --resume", "w.safetensors: is no checkpoint"},
         }) {
        const finished done = here.kiln(std::string(arguments) + " -q");
        INFO(std::string(arguments));
        INFO(done.err);
        CHECK(done.exit_code == 1);
        CHECK(done.err.starts_with("kiln: error: "));
        CHECK(std::ranges::count(done.err, '\n') == 1);
        CHECK(done.err.find(says) != std::string::npos);
        CHECK(here.files() == files);
    }
    CHECK(here.kiln("train net.cpp").exit_code == 2);
    CHECK(here.kiln("train net.cpp --data points.npz --resume").exit_code == 2);
    CHECK(here.kiln("train net.cpp --data points.npz --optimizer best").exit_code == 2);
}

TEST_CASE("a Kiln without MPI says what is missing when several processes are started") {
    const workplace here;
    here.shell("cp " KILN_COMMAND " kiln");  // apart from what lies beside it
    const finished done = here.shell("OMPI_COMM_WORLD_SIZE=2 ./kiln train net.cpp --data points.npz");
    INFO(done.err);
    CHECK(done.exit_code == 1);
    CHECK(done.err.find("built without MPI") != std::string::npos);
    CHECK(done.err.find("libopenmpi-dev") != std::string::npos);
}

TEST_CASE("a training that diverges says where and what to do, and goes on from the checkpoint before") {
    const workplace here;
    prepare(here);
    const std::string sgd = "train net.cpp --data points.npz --batch 16 --optimizer sgd --checkpoint c ";
    const auto diverges = [&](const std::string& options, int epoch, const std::string& says) {
        const finished done = here.kiln(sgd + options + " --lr 1e30 -q -o x.safetensors");
        INFO(done.err);
        CHECK(done.exit_code == 1);
        CHECK(std::ranges::count(done.err, '\n') == 1);
        CHECK(done.err.find(says) != std::string::npos);
        std::smatch found;
        const std::regex where("kiln: error: epoch (\\d+), step (\\d+) of 30: .* diverged: .* step (\\d+): try .*\n");
        REQUIRE(std::regex_match(done.err, found, where));
        CHECK(std::stoi(found[1]) == epoch);
        CHECK(std::stoi(found[3]) == 30 * (epoch - 1) + std::stoi(found[2]));
        return std::stoi(found[2]);
    };
    diverges("--epochs 1", 1, "nothing was saved: start again with a lower --lr");
    CHECK(here.files() == std::vector<std::string>{"net.cpp", "points.npz"});

    here.kiln_output(sgd + "--lr 0.01 --epochs 1 -q -o w.safetensors");
    const std::string before = here.read("c");
    const auto files = here.files();
    const std::string kept =
        "c holds the training up to epoch 2 after 0 of its batches: go on with --resume and a lower --lr";
    diverges("--epochs 2 --resume", 2, kept);
    CHECK(here.read("c") == before);
    CHECK(here.files() == files);

    // As if it had never happened; or with another rate, if it is asked for.
    here.kiln_output(sgd + "--lr 0.01 --epochs 2 --resume -q -o resumed.safetensors");
    here.shell("rm c");
    here.kiln_output(sgd + "--lr 0.01 --epochs 2 -q -o straight.safetensors");
    CHECK(here.read("resumed.safetensors") == here.read("straight.safetensors"));
    const finished refused = here.kiln(sgd + "--epochs 3 --resume -q -o w.safetensors");
    CHECK(refused.err.find("other settings: lr was '0.01', now '0.001'") != std::string::npos);
    const std::string printed = here.kiln_output(sgd + "--lr 0.02 --epochs 3 --resume -o w.safetensors");
    CHECK(printed.find("--lr is 0.02 from here on, it was '0.01'") != std::string::npos);
    CHECK(last_accuracy(printed) > 0.8);
    CHECK(kiln::read_safetensors_content(here / "here/c").metadata.at("setting.lr") == "0.02");

    // What is saved between steps is the last that was finite.
    const int step = diverges("--epochs 4 --resume --checkpoint-every 1", 4, "c holds the training up to epoch 4");
    const kiln::train::checkpoint last = kiln::train::read_checkpoint(here / "here/c");
    CHECK(last.at.epoch == 3);
    CHECK(last.at.batch == step - 1);
    for (const auto& [name, t] : last.state)
        CHECK(std::ranges::all_of(t.values, [](float v) { return std::isfinite(v); }));
}
