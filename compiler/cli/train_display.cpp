#include <kiln/compiler/cli/train_display.hpp>

#include <fmt/format.h>

#include <cstdio>
#include <string>

#include <kiln/compiler/cli/numbers.hpp>

namespace kiln::cli {
namespace {

constexpr int bar_width = 20;
constexpr std::chrono::milliseconds between_drawings{100};

/// "1:02:07", "0:07"
std::string time_text(double seconds) {
    const auto whole = static_cast<std::int64_t>(seconds + 0.5);
    const std::string rest = fmt::format("{:02}", whole % 60);
    if (whole < 3600) return fmt::format("{}:{}", whole / 60, rest);
    return fmt::format("{}:{:02}:{}", whole / 3600, whole / 60 % 60, rest);
}

void print_score(const char* part, const train::score& s) {
    if (s.accuracy)
        fmt::print("{} accuracy {:.4f}  loss {:.4f}\n", part, *s.accuracy, s.loss);
    else
        fmt::print("{} loss {:.6g}\n", part, s.loss);
}

}  // namespace

train_display::train_display(bool quiet, std::int64_t epochs, std::int64_t batch, bool has_classes)
    : bar_(quiet), quiet_(quiet), epochs_(epochs), batch_(batch), has_classes_(has_classes) {}

void train_display::step(const train::position& at, std::int64_t batches) {
    const std::int64_t done = at.epoch * batches + at.batch;
    const auto now = clock::now();
    if (first_step_ < 0) {  // the first step warms up: it is not timed
        first_step_ = done;
        start_ = now;
    }
    if (now - drawn_ < between_drawings) return;
    drawn_ = now;
    const double seconds = std::chrono::duration<double>(now - start_).count();
    const auto timed = static_cast<double>(done - first_step_);
    const int filled = static_cast<int>(bar_width * at.batch / batches);
    std::string text = fmt::format("epoch {}/{} [{:#<{}}{:.<{}}] {}/{}  loss {:.4f}", at.epoch + 1, epochs_, "", filled,
                                   "", bar_width - filled, at.batch, batches, at.epoch_mean.mean_cost());
    if (has_classes_) text += fmt::format("  accuracy {:.4f}", at.epoch_mean.accuracy());
    if (timed > 0)
        text += fmt::format("  {} images/s  {} left",
                            grouped(static_cast<std::int64_t>(timed * static_cast<double>(batch_) / seconds)),
                            time_text(seconds / timed * static_cast<double>(epochs_ * batches - done)));
    bar_.show(text);
}

void train_display::epoch(const train::epoch_line& line) {
    bar_.clear();
    if (!quiet_) {
        fmt::print("epoch {}/{}  loss {:.4f}", line.epoch, epochs_, line.train.loss);
        if (line.train.accuracy) fmt::print("  accuracy {:.4f}", *line.train.accuracy);
        fmt::print("  learning rate {:.3g}  {:.1f} s  {} images/s\n", line.learning_rate, line.seconds,
                   grouped(static_cast<std::int64_t>(line.images_per_second)));
        if (line.validation) print_score("validation", *line.validation);
    }
    if (line.test) print_score("test", *line.test);
    std::fflush(stdout);  // a log is read while it grows
}

}  // namespace kiln::cli
