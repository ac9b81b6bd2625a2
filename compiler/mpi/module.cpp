// kiln_mpi.so: the team as processes of MPI. All calls of the MPI library are here.
#include <fmt/format.h>
#include <mpi.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <thread>
#include <vector>

#include <kiln/compiler/mpi/join_team.hpp>
#include <kiln/compiler/mpi/members.hpp>

namespace kiln::mpi {
namespace {

using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto between_looks = 50ms;  // at which of the others live
constexpr auto spinning = 2ms;  // others are mostly that close; those who wait for longer leave them the processor

/// mpirun tells the rest to end when one has died, and kills them after so long (Open MPI's odls_base_sigkill_timeout).
/// Half of it must do for what is to be saved.
clock::duration patience() {
    const char* text = std::getenv("OMPI_MCA_odls_base_sigkill_timeout");
    const int seconds = text ? std::atoi(text) : 1;
    return std::chrono::milliseconds(500) * std::max(1, seconds);
}

std::vector<member> introduced(int size) {
    const member mine = this_process();
    std::vector<member> all(static_cast<std::size_t>(size));
    MPI_Allgather(&mine, sizeof mine, MPI_BYTE, all.data(), sizeof mine, MPI_BYTE, MPI_COMM_WORLD);
    return all;
}

class team_of_processes final : public mpi_team {
public:
    explicit team_of_processes(std::function<bool()> leaving) : leaving_(std::move(leaving)) {
        int level = 0;
        MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &level);
        MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
        MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
        MPI_Comm_size(MPI_COMM_WORLD, &size_);
        members_.emplace(introduced(size_), rank_);
        MPI_Barrier(MPI_COMM_WORLD);  // nobody goes before all were seen
    }

    int rank() const override { return rank_; }
    int size() const override { return size_; }
    int machine_rank() const override { return members_->machine_rank(); }
    int processors() const override { return members_->processors(); }
    void leave() override { MPI_Finalize(); }

    void begin_mean(std::span<float> values) override {
        means_.push_back(values);
        begin_reduce(values.data(), values.size(), MPI_FLOAT);
    }
    void begin_sum(std::span<double> values) override { begin_reduce(values.data(), values.size(), MPI_DOUBLE); }

    void go_on() override { all_done(); }

    void finish() override {
        wait();
        for (const std::span<float> values : means_)
            for (float& value : values) value /= static_cast<float>(size_);
        means_.clear();
    }

    void broadcast(std::span<std::byte> bytes) override {
        constexpr std::size_t most = std::size_t{1} << 30;  // MPI counts in int
        for (std::size_t first = 0; first < bytes.size(); first += most) {
            const std::span<std::byte> part = bytes.subspan(first, std::min(most, bytes.size() - first));
            expect(MPI_Ibcast(part.data(), static_cast<int>(part.size()), MPI_BYTE, 0, MPI_COMM_WORLD, begin()));
            wait();
        }
    }

private:
    MPI_Request* begin() { return &requests_.emplace_back(MPI_REQUEST_NULL); }

    void begin_reduce(void* values, std::size_t count, MPI_Datatype type) {
        expect(MPI_Iallreduce(MPI_IN_PLACE, values, static_cast<int>(count), type, MPI_SUM, MPI_COMM_WORLD, begin()));
        all_done();  // MPI works only while it is called
    }

    bool all_done() {
        int done = 0;
        expect(MPI_Testall(static_cast<int>(requests_.size()), requests_.data(), &done, MPI_STATUSES_IGNORE));
        return done != 0;
    }

    void wait() {
        const clock::time_point start = clock::now();
        clock::time_point looked = start, told{};
        while (!all_done()) {
            const clock::time_point now = clock::now();
            if (now - looked > between_looks) {
                looked = now;
                expect_alive(now, told);
            }
            if (now - start < spinning)
                std::this_thread::yield();
            else
                std::this_thread::sleep_for(now - start < 1s ? 100us : 1000us);
        }
        requests_.clear();
    }

    /// Where others are on machines that cannot be seen from here, their death is known by mpirun's request to end.
    void expect_alive(clock::time_point now, clock::time_point& told) const {
        if (const int dead = members_->first_dead(); dead >= 0)
            throw train::team_lost(fmt::format("rank {} lost {}: it has ended", rank_, members_->name_of(dead)));
        if (!leaving_() || members_->all_seen()) return;
        if (told == clock::time_point{}) told = now;
        if (now - told > patience())
            throw train::team_lost(fmt::format(
                "rank {} was told to end while it waited for the others: a process on another machine is lost", rank_));
    }

    void expect(int code) const {
        if (code == MPI_SUCCESS) return;
        char text[MPI_MAX_ERROR_STRING];
        int length = 0;
        MPI_Error_string(code, text, &length);
        throw train::team_lost(fmt::format("rank {} lost another process: {}", rank_,
                                           std::string_view(text, static_cast<std::size_t>(length))));
    }

    std::function<bool()> leaving_;
    int rank_ = 0, size_ = 1;
    std::optional<members> members_;
    std::vector<std::span<float>> means_;
    std::vector<MPI_Request> requests_;
};

}  // namespace
}  // namespace kiln::mpi

extern "C" __attribute__((visibility("default"))) kiln::mpi::mpi_team* kiln_join_mpi_team(
    std::function<bool()>* leaving) {
    return new kiln::mpi::team_of_processes(std::move(*leaving));
}
