// ONNX Runtime, where this machine has it: in a process of its own, through the module of Python or of Node.js.
//
// The process runs onnxruntime.py or onnxruntime.js. It loads FOLDER/net.onnx, takes its inputs from the raw files
// FOLDER/0.in, 1.in, ..., runs the model once and writes the outputs to 0.out, 1.out, ... Then it says one line of
// JSON, {version, host, host_bytes}, and answers each line {warmup, least, seconds} with {milliseconds: [...],
// peak_bytes}.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <kiln/compiler/bench/time_model.hpp>
#include <kiln/compiler/frontend/dialogue.hpp>

namespace kiln::bench {

/// A program with a module of ONNX Runtime's.
struct onnxruntime_host {
    std::string program, option;  // "python3", "-c"
    std::string probe, script;    // texts for it: to see whether the module is there, and to run a model
};

/// The first that this machine has, of Python and Node.js. Throws kiln::error saying what to install when none has it.
onnxruntime_host find_onnxruntime();

class onnxruntime {
public:
    /// Of a folder with net.onnx and inputs; the outputs are there afterwards. CPU provider, all graph optimisations.
    /// Throws kiln::error with what it complains about.
    onnxruntime(const onnxruntime_host& host, const std::filesystem::path& folder, int threads);

    /// The milliseconds of every counted run.
    std::vector<double> run(const plan_of_runs& runs);

    const std::string& name() const { return name_; }  // "ONNX Runtime 1.30.0 (Node.js 20.20.2)"
    /// The most bytes that its process had at a time, and those it had before ONNX Runtime was loaded.
    std::int64_t peak_memory() const { return peak_bytes_; }
    std::int64_t host_memory() const { return host_bytes_; }

private:
    frontend::dialogue process_;
    std::string name_;
    std::int64_t peak_bytes_ = 0, host_bytes_ = 0;
};

}  // namespace kiln::bench
