// How a described call is computed: how its filters are stored, and by which schedule.
#pragma once

#include <map>
#include <memory>

#include <kiln/compiler/plan/call.hpp>
#include <kiln/compiler/plan/options.hpp>
#include <kiln/schedules/machine.hpp>

namespace kiln::plan {

/// Winograd's convolution and Strassen's are taken where they are exact enough for the layer's own weights. Where those
/// are not known, Winograd's tiles are small enough for any.
bool is_exact_enough(const call& c);

class call_chooser {
public:
    /// Both must outlive it.
    call_chooser(const schedules::machine& m, const plan_options& options) : machine_(m), options_(options) {}

    /// Sets the kernel's schedule and packing. Filters stored as int8 bring an epilogue and an input, their scales.
    void choose(call& c);

private:
    void choose_storage(call& c);
    void choose_schedule(call& c) const;
    const std::shared_ptr<const tensor>& scales_of(const std::shared_ptr<const tensor>& filters);

    const schedules::machine& machine_;
    const plan_options& options_;
    // Layers that share filters share their scales; null: int8 cannot hold these filters.
    std::map<const tensor*, std::shared_ptr<const tensor>> scales_{};
};

}  // namespace kiln::plan
