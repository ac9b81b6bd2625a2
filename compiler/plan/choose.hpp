// How a described call is computed: how its filters are stored, and by which schedule.
#pragma once

#include <map>
#include <memory>

#include <kiln/compiler/plan/call.hpp>
#include <kiln/compiler/plan/options.hpp>
#include <kiln/schedules/machine.hpp>

namespace kiln::plan {

class call_chooser {
public:
    /// Both must outlive it.
    call_chooser(const schedules::machine& m, const plan_options& options) : machine_(m), options_(options) {}

    /// Sets the kernel's schedule and packing, once. Filters stored as int8 bring an epilogue and an input, their
    /// scales. False where the kernel pools its anchor's values and nothing that can do so is exact enough: it is of no
    /// use.
    bool choose(call& c);

private:
    void choose_storage(call& c);
    bool choose_schedule(call& c) const;
    const std::shared_ptr<const tensor>& scales_of(const std::shared_ptr<const tensor>& filters);

    const schedules::machine& machine_;
    const plan_options& options_;
    // Layers that share filters share their scales; null: int8 cannot hold these filters.
    std::map<const tensor*, std::shared_ptr<const tensor>> scales_{};
};

}  // namespace kiln::plan
