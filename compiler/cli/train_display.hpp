// How a training looks to the one who waits for it: a bar that moves while it goes on, and two lines for each epoch.
#pragma once

#include <chrono>
#include <cstdint>

#include <kiln/compiler/cli/progress.hpp>
#include <kiln/compiler/train/fit.hpp>

namespace kiln::cli {

class train_display {
public:
    train_display(bool quiet, std::int64_t epochs, std::int64_t batch, bool has_classes);

    /// The bar: epoch, batches, mean loss and accuracy of the epoch so far, images a second, time left for all epochs.
    void step(const train::position& at, std::int64_t batches);
    /// The epoch's lines, on standard output; of a quiet command only the second one: "test accuracy 0.9021".
    void epoch(const train::epoch_line& line);
    void clear() { bar_.clear(); }

private:
    using clock = std::chrono::steady_clock;

    progress bar_;
    bool quiet_;
    std::int64_t epochs_, batch_;
    bool has_classes_;
    std::int64_t first_step_ = -1;  // that this process did
    clock::time_point start_{}, drawn_{};
};

}  // namespace kiln::cli
