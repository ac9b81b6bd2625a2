#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

#include <kiln/tests/e2e/workplace.hpp>

using kiln::e2e::workplace;

namespace {

/// The mean loss of the last lines that `kiln train --log` wrote.
double final_loss(const std::string& file, std::size_t lines) {
    std::ifstream log(file);
    std::vector<double> losses;
    for (std::string line; std::getline(log, line);) {
        const auto entry = nlohmann::json::parse(line);
        if (entry.contains("loss")) losses.push_back(entry.at("loss"));  // an epoch has them inside
    }
    REQUIRE(losses.size() >= lines);
    return std::accumulate(losses.end() - static_cast<std::ptrdiff_t>(lines), losses.end(), 0.0) /
           static_cast<double>(lines);
}

}  // namespace

TEST_CASE("of 44 layers the residual network trains better than the plain one") {
    const workplace here;
    const auto loss = [&](const std::string& network) {
        here.kiln_output(
            fmt::format("train {0} --data fashion-mnist --epochs 1 --batch 128 --optimizer momentum --lr 0.1 "
                        "--weight-decay 0.0001 --warm-up 0.2 --schedule cosine --augment flip,crop=2 "
                        "--seed 1 --log {1}.jsonl --log-every 20 -o {1}.safetensors",
                        KILN_EXAMPLES "/plain_residual.cpp:" + network + "_cost", network));
        return final_loss((here / ("here/" + network + ".jsonl")).string(), 5);
    };
    const double plain = loss("plain44"), residual = loss("residual44");
    MESSAGE("mean loss of the last 100 steps: plain ", plain, ", residual ", residual);
    CHECK(residual < 0.9 * plain);
}
