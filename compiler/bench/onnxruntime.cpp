#include <kiln/compiler/bench/onnxruntime.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include <nlohmann/json.hpp>

#include <kiln/compiler/bench/onnxruntime_scripts.hpp>
#include <kiln/compiler/frontend/process.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::bench {
namespace {

const onnxruntime_host hosts[] = {
    {"python3", "-c", "import numpy, onnxruntime", onnxruntime_py},
    {"node", "-e", "require('onnxruntime-node')", onnxruntime_js},
};

bool has_onnxruntime(const onnxruntime_host& h) {
    try {
        return frontend::run_process({h.program, h.option, h.probe}).exit_code == 0;
    } catch (const error&) {
        return false;  // there is no such program
    }
}

nlohmann::json parsed(const std::string& line) {
    auto json = nlohmann::json::parse(line, nullptr, false);
    if (!json.is_object()) throw error(fmt::format("ONNX Runtime's process said '{}'", line.substr(0, 200)));
    return json;
}

}  // namespace

onnxruntime_host find_onnxruntime() {
    const auto found = std::ranges::find_if(hosts, has_onnxruntime);
    if (found != std::end(hosts)) return *found;
    throw error(
        "ONNX Runtime is not installed: python3 has no module onnxruntime (pip install onnxruntime), and node no "
        "module "
        "onnxruntime-node (npm install onnxruntime-node here, or NODE_PATH=.../node_modules where it is elsewhere)");
}

onnxruntime::onnxruntime(const onnxruntime_host& host, const std::filesystem::path& folder, int threads)
    : process_({host.program, host.option, host.script, folder.string(), std::to_string(threads)},
               folder / "complaints") {
    const nlohmann::json said = parsed(process_.hear());
    name_ =
        fmt::format("ONNX Runtime {} ({})", said.at("version").get<std::string>(), said.at("host").get<std::string>());
    host_bytes_ = said.at("host_bytes").get<std::int64_t>();
}

std::vector<double> onnxruntime::run(const plan_of_runs& runs) {
    const bool counted = runs.iterations > 0;
    process_.tell(nlohmann::json{{"warmup", runs.warmup},
                                 {"least", counted ? runs.iterations : plan_of_runs::least},
                                 {"seconds", counted ? 0 : runs.duration}}
                      .dump());
    const nlohmann::json said = parsed(process_.hear());
    peak_bytes_ = said.at("peak_bytes").get<std::int64_t>();
    return said.at("milliseconds").get<std::vector<double>>();
}

}  // namespace kiln::bench
