#include <kiln/compiler/frontend/dialogue.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include <kiln/compiler/frontend/process.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::frontend {

// A socket, not two pipes: writing to one whose reader has ended is an error, and no signal.
dialogue::dialogue(const std::vector<std::string>& words, std::filesystem::path complaints)
    : name_(words.at(0)), complaints_(std::move(complaints)) {
    std::array<int, 2> ends{};
    const open_file errors(open(complaints_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!errors || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        throw error(fmt::format("cannot talk to {}: {}", name_, std::strerror(errno)));
    socket_.reset(ends[0]);
    const open_file theirs(ends[1]);
    process_ = start_process(words, theirs.get(), theirs.get(), errors.get());
}

dialogue::~dialogue() {
    socket_.close();
    wait_for(process_);
}

void dialogue::tell(const std::string& line) {
    const std::string text = line + "\n";
    for (std::size_t sent = 0; sent < text.size();) {
        const ssize_t now = send(socket_.get(), text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
        if (now < 0 && errno != EINTR) return;
        if (now > 0) sent += static_cast<std::size_t>(now);
    }
}

std::string dialogue::hear() {
    std::array<char, 1 << 14> buffer;
    for (std::size_t searched = 0;;) {
        if (const std::size_t end = heard_.find('\n', searched); end != std::string::npos) {
            std::string line = heard_.substr(0, end);
            heard_.erase(0, end + 1);
            return line;
        }
        searched = heard_.size();
        const ssize_t got = recv(socket_.get(), buffer.data(), buffer.size(), 0);
        if (got > 0) heard_.append(buffer.data(), static_cast<std::size_t>(got));
        if (got > 0 || (got < 0 && errno == EINTR)) continue;
        std::ifstream file(complaints_);
        const std::string said(std::istreambuf_iterator<char>(file), {});
        throw error(fmt::format("{} ended without an answer{}{}", name_, said.empty() ? "" : ": ", said));
    }
}

}  // namespace kiln::frontend
