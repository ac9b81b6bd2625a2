#include <kiln/compiler/cli/interrupt.hpp>

namespace kiln::cli {
namespace {

constexpr std::array signals = {SIGINT, SIGTERM};
std::atomic<bool> noted = false;
static_assert(std::atomic<bool>::is_always_lock_free);  // or a handler could not write it

}  // namespace

interrupt::interrupt() {
    noted = false;
    struct sigaction action = {};
    action.sa_handler = [](int) { noted = true; };
    action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
    for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &action, &before_[i]);
}

interrupt::~interrupt() {
    for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &before_[i], nullptr);
}

const std::atomic<bool>& interrupt::asked() { return noted; }

}  // namespace kiln::cli
