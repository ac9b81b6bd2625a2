// A model against ONNX Runtime: the same network, weights and inputs, in turn on the same machine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <kiln/compiler/bench/onnxruntime.hpp>
#include <kiln/compiler/bench/time_model.hpp>
#include <kiln/compiler/compile.hpp>
#include <kiln/compiler/ir/graph.hpp>

namespace kiln::bench {

struct comparison {
    std::string peer;  // "ONNX Runtime 1.30.0 (Node.js 20.20.2)"
    run_times ours, theirs;
    double difference = 0;        // of the outputs: the largest, relative to each output's largest value
    std::int64_t peak_bytes = 0;  // that the peer's process had at a time
    std::int64_t host_bytes = 0;  // and before it loaded ONNX Runtime: the interpreter's own
    double best() const { return theirs.min() / ours.min(); }  // above 1: Kiln is faster
    double median() const { return theirs.median() / ours.median(); }
};

/// Exports `graph`, whose weights are bound and which `model` was made of, runs it with ONNX Runtime on as many threads
/// as the model has, and times both in several rounds: the peer, Kiln, the peer, ..., so that a drifting machine hurts
/// both. `runs` is the sum of all rounds, for each of the two. Throws kiln::error.
comparison compare_with_onnxruntime(const onnxruntime_host& host, const compiler::model& model, const ir::graph& graph,
                                    const std::vector<tensor>& inputs, int threads, const plan_of_runs& runs);

}  // namespace kiln::bench
