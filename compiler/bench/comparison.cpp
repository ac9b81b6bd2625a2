#include <kiln/compiler/bench/comparison.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include <kiln/compiler/frontend/temporary_folder.hpp>
#include <kiln/compiler/onnx/export_model.hpp>
#include <kiln/runtime/atomic_file.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/mapped_file.hpp>

namespace kiln::bench {
namespace {

namespace fs = std::filesystem;

constexpr int most_rounds = 5;

/// What each round has of the runs.
std::vector<plan_of_runs> split(const plan_of_runs& runs) {
    const bool counted = runs.iterations > 0;
    const int rounds = counted ? std::min(most_rounds, runs.iterations) : most_rounds;
    std::vector<plan_of_runs> shares;
    for (int i = 0; i < rounds; ++i)
        shares.push_back(
            {runs.warmup, runs.duration / rounds, runs.iterations / rounds + (i < runs.iterations % rounds ? 1 : 0)});
    return shares;
}

/// What the peer left, as a tensor like `expected`.
tensor read_like(const tensor& expected, const fs::path& path) {
    const mapped_file file(path);
    tensor found = zeros(expected.shape, expected.type);
    std::vector<std::byte> storage;
    if (file.bytes().size() != stored(found, storage).size())
        throw error(fmt::format("ONNX Runtime's output {} has {} bytes, not those of {}", path.stem().string(),
                                file.bytes().size(), shape_text(expected.shape)));
    if (found.type == element::float32)
        std::memcpy(found.values.data(), file.bytes().data(), file.bytes().size());
    else
        load_integers(file.bytes(), found);
    return found;
}

/// The largest difference, relative to the largest of `expected`; infinite where a number is none in one of them alone.
double relative_difference(const tensor& found, const tensor& expected) {
    double worst = 0, largest = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const double a = number_at(found, i), b = number_at(expected, i);
        if (a == b || (std::isnan(a) && std::isnan(b))) {
            if (std::isfinite(b)) largest = std::max(largest, std::abs(b));
            continue;
        }
        if (!std::isfinite(a) || !std::isfinite(b)) return std::numeric_limits<double>::infinity();
        worst = std::max(worst, std::abs(a - b));
        largest = std::max(largest, std::abs(b));
    }
    return worst == 0 ? 0 : worst / largest;
}

void append(run_times& all, const std::vector<double>& times) {
    all.milliseconds.insert(all.milliseconds.end(), times.begin(), times.end());
}

}  // namespace

comparison compare_with_onnxruntime(const onnxruntime_host& host, const compiler::model& model, const ir::graph& graph,
                                    const std::vector<tensor>& inputs, int threads, const plan_of_runs& runs) {
    const frontend::temporary_folder folder("kiln-comparison");
    const auto file = [&](std::size_t i, const char* kind) { return folder.path() / fmt::format("{}.{}", i, kind); };
    std::vector<std::byte> storage;
    for (std::size_t i = 0; i < inputs.size(); ++i)
        write_file(file(i, "in"), stored(onnx::as_exported(inputs[i], graph[graph.inputs()[i]]), storage));
    {
        atomic_file net(folder.path() / "net.onnx");
        onnx::export_model(graph, [&](byte_view bytes) { net.write(bytes); });
        net.commit();
    }
    onnxruntime peer(host, folder.path(), threads);

    comparison c;
    c.peer = peer.name();
    c.host_bytes = peer.host_memory();
    const std::vector<tensor> outputs = model(inputs);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const tensor found = onnx::as_exported(outputs[i], graph[graph.outputs[i].node]);
        c.difference = std::max(c.difference, relative_difference(found, read_like(found, file(i, "out"))));
    }
    for (const plan_of_runs& share : split(runs)) {
        append(c.theirs, peer.run(share));
        append(c.ours, time_runs(model, inputs, share).milliseconds);
    }
    std::ranges::sort(c.theirs.milliseconds);
    std::ranges::sort(c.ours.milliseconds);
    c.peak_bytes = peer.peak_memory();
    return c;
}

}  // namespace kiln::bench
