#include <kiln/runtime/data/prefetch.hpp>
#include <utility>

namespace kiln::data {

prefetch::prefetch(std::int64_t first, std::int64_t end, std::function<batch(std::int64_t)> make, std::size_t ahead)
    : make_(std::move(make)), thread_([this, first, end, ahead] { work(first, end, ahead); }) {}

prefetch::~prefetch() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void prefetch::work(std::int64_t first, std::int64_t end, std::size_t ahead) {
    for (std::int64_t i = first; i < end; ++i) try {
            batch made = make_(i);
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [&] { return stopping_ || ready_.size() < ahead; });
            if (stopping_) return;
            ready_.push_back(std::move(made));
            changed_.notify_all();
        } catch (...) {
            const std::lock_guard lock(mutex_);
            problem_ = std::current_exception();
            changed_.notify_all();
            return;
        }
}

batch prefetch::next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !ready_.empty() || problem_; });
    if (ready_.empty()) std::rethrow_exception(problem_);
    batch taken = std::move(ready_.front());
    ready_.pop_front();
    changed_.notify_all();
    return taken;
}

}  // namespace kiln::data
