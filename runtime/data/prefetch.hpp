// prefetch: batches are made on a thread of their own while the network works on those before, a few ahead. They come
// in order, whatever the timing.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <kiln/runtime/data/batches.hpp>
#include <mutex>
#include <thread>

namespace kiln::data {

class prefetch {
public:
    /// Calls `make` for the numbers from `first` to `end` - 1, at most `ahead` batches early.
    prefetch(std::int64_t first, std::int64_t end, std::function<batch(std::int64_t)> make, std::size_t ahead = 4);
    ~prefetch();  // does not wait for batches that nobody took
    prefetch(const prefetch&) = delete;
    prefetch& operator=(const prefetch&) = delete;

    /// The next one; at most end - first times. Throws what `make` threw.
    batch next();

private:
    void work(std::int64_t first, std::int64_t end, std::size_t ahead);

    std::function<batch(std::int64_t)> make_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<batch> ready_;
    std::exception_ptr problem_;
    bool stopping_ = false;
    std::thread thread_;  // last: it uses the others
};

}  // namespace kiln::data
