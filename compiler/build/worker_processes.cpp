#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <kiln/compiler/build/worker_processes.hpp>
#include <kiln/runtime/error.hpp>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

namespace kiln::compiler {
namespace {

using steady = std::chrono::steady_clock;

// An answer in the pipe: this, then `size` bytes. The size tells a complete answer from a worker that died writing.
struct answer_header {
    std::uint64_t succeeded, size;
};

[[noreturn]] void fail(std::string_view what, std::string_view reason) {
    throw error(fmt::format("{} could not be compiled: {}", what, reason));
}

[[noreturn]] void fail(std::string_view what, int code) { fail(what, std::generic_category().message(code)); }

void write_all(int descriptor, const void* data, std::size_t size) {
    auto bytes = static_cast<const char*>(data);
    while (size > 0) {
        const ssize_t written = ::write(descriptor, bytes, size);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) ::_exit(1);  // nobody listens any more
        bytes += written;
        size -= static_cast<std::size_t>(written);
    }
}

struct worker_task {
    const work_item& item;
    int pipe;
};

void* run_task(void* argument) {
    const auto& task = *static_cast<const worker_task*>(argument);
    answer_header header{1, 0};
    std::string answer;
    try {
        answer = task.item.work();
    } catch (const std::exception& caught) {
        header.succeeded = 0;
        answer = caught.what();
    } catch (...) {
        header.succeeded = 0;
        answer = "an unknown exception";
    }
    header.size = answer.size();
    write_all(task.pipe, &header, sizeof header);
    write_all(task.pipe, answer.data(), answer.size());
    ::_exit(0);
}

[[noreturn]] void be_worker(const work_item& item, int pipe, pid_t parent, std::size_t stack_bytes) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);  // it died before the line above
    // The program's handlers clean up the program's files: not a worker's business.
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) ::signal(number, SIG_DFL);
    ::signal(SIGPIPE, SIG_IGN);
    worker_task task{item, pipe};
    pthread_attr_t attributes;
    pthread_t thread;
    if (::pthread_attr_init(&attributes) == 0 && ::pthread_attr_setstacksize(&attributes, stack_bytes) == 0 &&
        ::pthread_create(&thread, &attributes, run_task, &task) == 0)
        ::pthread_join(thread, nullptr);  // run_task ends the process
    ::_exit(1);
}

/// A running worker; killed when forgotten.
class worker {
public:
    worker(std::size_t index, const work_item& item, const worker_limits& limits)
        : index_(index), deadline_(steady::now() + limits.time_limit) {
        // One fork at a time: a worker forked by another thread between pipe2 and close would keep the pipe open.
        static std::mutex forking;
        const std::lock_guard lock(forking);
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) fail(item.what, errno);
        const pid_t parent = ::getpid();
        process_ = ::fork();
        if (process_ == 0) {
            forking.unlock();  // work may fork workers of its own
            be_worker(item, ends[1], parent, limits.stack_bytes);
        }
        const int code = errno;
        ::close(ends[1]);
        pipe_ = ends[0];
        if (process_ < 0) {
            ::close(pipe_);
            fail(item.what, code);
        }
    }
    worker(worker&& other) noexcept { *this = std::move(other); }
    worker& operator=(worker&& other) noexcept {
        std::swap(index_, other.index_);
        std::swap(process_, other.process_);
        std::swap(pipe_, other.pipe_);
        std::swap(deadline_, other.deadline_);
        std::swap(received_, other.received_);
        return *this;
    }
    ~worker() {
        if (pipe_ >= 0) ::close(pipe_);
        if (process_ > 0) {
            ::kill(process_, SIGKILL);
            wait();
        }
    }

    std::size_t index() const { return index_; }
    int pipe() const { return pipe_; }
    steady::time_point deadline() const { return deadline_; }

    /// Takes what the pipe holds. True once there is nothing more to come.
    bool receive() {
        char block[1 << 16];
        const ssize_t got = ::read(pipe_, block, sizeof block);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) return false;
        if (got <= 0) return true;
        received_.append(block, static_cast<std::size_t>(got));
        return complete();
    }

    /// The answer, once receive() returned true.
    std::string finish(std::string_view what) {
        const bool answered = complete();
        const std::optional<int> status = wait();
        if (!answered) {
            if (status && WIFSIGNALED(*status))
                fail(what, fmt::format("its compiler process was ended by signal {} ({})", WTERMSIG(*status),
                                       ::strsignal(WTERMSIG(*status))));
            fail(what, "its compiler process ended without an answer");
        }
        const bool succeeded = header().succeeded == 1;
        received_.erase(0, sizeof(answer_header));
        if (!succeeded) fail(what, received_);
        return std::move(received_);
    }

private:
    answer_header header() const {
        answer_header result;
        std::memcpy(&result, received_.data(), sizeof result);
        return result;
    }
    bool complete() const {
        return received_.size() >= sizeof(answer_header) && received_.size() - sizeof(answer_header) == header().size;
    }
    /// Empty when someone else took the status (SIGCHLD is ignored).
    std::optional<int> wait() {
        int status = 0;
        pid_t ended;
        do ended = ::waitpid(process_, &status, 0);
        while (ended < 0 && errno == EINTR);
        process_ = -1;
        if (ended < 0) return std::nullopt;
        return status;
    }

    std::size_t index_ = 0;
    pid_t process_ = -1;
    int pipe_ = -1;
    steady::time_point deadline_;
    std::string received_;
};

std::size_t processors() {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    return static_cast<std::size_t>(std::max(1, CPU_COUNT(&set)));
}

/// Until a worker's pipe has something or the first deadline passes. The descriptors that are ready.
std::vector<int> wait_for_any(const std::vector<worker>& workers) {
    std::vector<pollfd> polled;
    auto deadline = steady::time_point::max();
    for (const worker& w : workers) {
        polled.push_back({w.pipe(), POLLIN, 0});
        deadline = std::min(deadline, w.deadline());
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady::now()).count();
    const int timeout = static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
    std::vector<int> ready;
    if (::poll(polled.data(), polled.size(), timeout) > 0)
        for (const pollfd& p : polled)
            if (p.revents != 0) ready.push_back(p.fd);
    return ready;
}

}  // namespace

void run_in_workers(std::span<const work_item> items, const worker_limits& limits,
                    const std::function<void(std::size_t, std::string)>& finished) {
    const std::size_t jobs = limits.jobs > 0 ? static_cast<std::size_t>(limits.jobs) : processors();
    std::vector<worker> running;
    std::size_t next = 0;
    while (next < items.size() || !running.empty()) {
        while (running.size() < jobs && next < items.size()) {
            running.emplace_back(next, items[next], limits);
            ++next;
        }
        const std::vector<int> ready = wait_for_any(running);
        for (std::size_t i = 0; i < running.size();) {
            const std::string& what = items[running[i].index()].what;
            const bool has_news = std::find(ready.begin(), ready.end(), running[i].pipe()) != ready.end();
            if (has_news && running[i].receive()) {
                worker done = std::move(running[i]);
                running.erase(running.begin() + static_cast<std::ptrdiff_t>(i));
                finished(done.index(), done.finish(what));
                continue;
            }
            if (!has_news && steady::now() >= running[i].deadline())
                fail(what,
                     fmt::format("it took longer than {} s", std::chrono::duration<double>(limits.time_limit).count()));
            ++i;
        }
    }
}

}  // namespace kiln::compiler
