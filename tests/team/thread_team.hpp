// A team of threads instead of processes, so that what trains in a team can be tested without MPI.
#pragma once

#include <algorithm>
#include <barrier>
#include <cstring>
#include <span>
#include <thread>
#include <vector>

#include <kiln/compiler/train/team.hpp>

namespace kiln::testing {

/// What the members of a team have in common.
struct meeting_place {
    explicit meeting_place(int size) : arrived(size), bytes(static_cast<std::size_t>(size)) {}

    std::barrier<> arrived;
    std::vector<std::span<std::byte>> bytes;  // of each member, while all are there
};

class thread_team final : public train::team {
public:
    thread_team(meeting_place& place, int rank) : place_(place), rank_(rank) {}

    int rank() const override { return rank_; }
    int size() const override { return static_cast<int>(place_.bytes.size()); }
    void begin_mean(std::span<float> values) override { means_.push_back(values); }
    void begin_sum(std::span<double> values) override { sums_.push_back(values); }
    void go_on() override {}
    void finish() override {
        for (const std::span<float> values : means_) add_up(values, static_cast<float>(size()));
        for (const std::span<double> values : sums_) add_up(values, 1.0);
        means_.clear();
        sums_.clear();
    }
    void broadcast(std::span<std::byte> bytes) override {
        meet(bytes, [&] {
            const std::vector<std::byte> leaders(place_.bytes[0].begin(), place_.bytes[0].end());
            place_.arrived.arrive_and_wait();
            std::ranges::copy(leaders, bytes.begin());
        });
    }

private:
    template <class Work>
    void meet(std::span<std::byte> mine, Work work) {
        place_.bytes[static_cast<std::size_t>(rank_)] = mine;
        place_.arrived.arrive_and_wait();
        work();
        place_.arrived.arrive_and_wait();
    }
    template <class Number>
    void add_up(std::span<Number> values, Number divisor) {
        meet(std::as_writable_bytes(values), [&] {
            std::vector<Number> total(values.size(), Number{0});
            for (const std::span<std::byte> others : place_.bytes)
                for (std::size_t i = 0; i < total.size(); ++i) {
                    Number value;
                    std::memcpy(&value, others.data() + i * sizeof value, sizeof value);
                    total[i] += value;
                }
            place_.arrived.arrive_and_wait();
            for (std::size_t i = 0; i < total.size(); ++i) values[i] = total[i] / divisor;
        });
    }

    meeting_place& place_;
    int rank_;
    std::vector<std::span<float>> means_;
    std::vector<std::span<double>> sums_;
};

/// Calls work(member) in a thread for each member of a team of `size`.
template <class Work>
void in_team(int size, Work work) {
    meeting_place place(size);
    std::vector<std::jthread> threads;
    for (int rank = 0; rank < size; ++rank)
        threads.emplace_back([&place, &work, rank] {
            thread_team member(place, rank);
            work(member);
        });
}

}  // namespace kiln::testing
