#include <kiln/compiler/train/agreement.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include <kiln/runtime/utf8.hpp>

namespace kiln::train {

void expect_all_well(team& all, const std::exception_ptr& problem) {
    std::vector<double> failed(static_cast<std::size_t>(all.size()), 0);
    const auto rank = static_cast<std::size_t>(all.rank());
    failed[rank] = problem ? 1 : 0;
    sum(all, failed);
    const auto first = static_cast<std::size_t>(std::ranges::find(failed, 1) - failed.begin());
    if (first == failed.size()) return;
    if (first == rank) std::rethrow_exception(problem);
    throw failed_elsewhere();
}

std::string leaders_text(team& all, std::string mine) {
    std::size_t size = mine.size();
    all.broadcast(std::as_writable_bytes(std::span(&size, 1)));
    mine.resize(size);
    all.broadcast(std::as_writable_bytes(std::span(mine)));
    return mine;
}

void take_leaders_state(team& all, trainer& t) {
    tensor_map state = t.state();
    for (auto& [name, value] : state) {
        all.broadcast(std::as_writable_bytes(std::span(value.values)));
        all.broadcast(std::as_writable_bytes(std::span(value.integers)));
    }
    t.restore(state);
}

void expect_leaders_settings(team& all, const text_map& mine) {
    std::vector<std::string> different;
    for (const auto& [name, value] : mine)
        if (const std::string leaders = leaders_text(all, value); leaders != value)
            different.push_back(fmt::format("{} is {}, rank 0 has {}", name, in_quotes(value), in_quotes(leaders)));
    if (!different.empty())
        throw error(
            fmt::format("rank {} cannot train with rank 0: {}; all processes of a training need the same model, "
                        "data and options",
                        all.rank(), fmt::join(different, "; ")));
}

}  // namespace kiln::train
