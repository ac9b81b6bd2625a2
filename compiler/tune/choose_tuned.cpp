#include <kiln/compiler/tune/choose_tuned.hpp>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>

#include <kiln/compiler/frontend/installation.hpp>
#include <kiln/compiler/lower/lower.hpp>
#include <kiln/compiler/tune/database.hpp>
#include <kiln/compiler/tune/tuned_file.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/schedules/direct_conv.hpp>
#include <kiln/schedules/winograd.hpp>

namespace kiln::tune {
namespace fs = std::filesystem;
namespace {

using records_by_kernel = std::map<std::string, record>;

bool is_legal(const schedules::schedule& how, const schedules::kernel& k, const schedules::machine& m,
              schedules::precision allowed) {
    const std::vector<schedules::schedule> legal = schedules::candidates(k, m, allowed);
    return std::ranges::find(legal, how) != legal.end();
}

void add_new(records_by_kernel& all, const std::vector<record>& more) {
    for (const record& r : more) all.try_emplace(r.kernel, r);
}

/// The record that says how to compute `k`; null where there is none that still holds.
const record* record_of(const records_by_kernel& records, const schedules::kernel& k, const schedules::machine& m,
                        schedules::precision allowed) {
    const auto found = records.find(schedules::problem_of(k));
    const bool holds = found != records.end() && found->second.usual == schedules::default_schedule(k, m, allowed) &&
                       is_legal(found->second.best, k, m, allowed);
    return holds ? &found->second : nullptr;
}

/// What was found for wide weights, for narrow ones: in Winograd's family the same kernel, which keeps filters wide
/// nevertheless or reads less, unless it transforms them; a direct convolution's where widened ones take their place.
std::optional<schedules::schedule> schedule_of_wide(const records_by_kernel& records, const schedules::kernel& k,
                                                    const schedules::machine& m, schedules::precision allowed) {
    using schedules::family;
    if (k.inputs.size() < 2 || k.inputs[1].packed.stored != schedules::storage::bfloat16) return std::nullopt;
    schedules::kernel wide = k;
    wide.inputs[1].packed.stored = schedules::storage::float32;
    const record* r = record_of(records, wide, m, allowed);
    if (!r) return std::nullopt;
    if (r->best.which == family::winograd && schedules::winograd_parameters_of(r->best).chunk == 0) return r->best;
    if (r->best.which != family::direct_conv) return std::nullopt;
    const auto widened = schedules::with_widened_weights(k, schedules::direct_conv_parameters_of(r->best));
    const schedules::schedule how = schedules::schedule_of(widened);
    return widened.widen && is_legal(how, k, m, allowed) ? std::optional(how) : std::nullopt;
}

schedules::chooser choose_recorded(records_by_kernel all, schedules::precision allowed) {
    return [records = std::make_shared<const records_by_kernel>(std::move(all)), allowed](schedules::kernel& k,
                                                                                          const schedules::machine& m) {
        const record* r = record_of(*records, k, m, allowed);
        const auto how = r ? std::optional(r->best) : schedule_of_wide(*records, k, m, allowed);
        schedules::set_schedule(k, how ? *how : schedules::default_schedule(k, m, allowed));
    };
}

}  // namespace

schedules::chooser choose_tuned(const schedule_map& tuned, schedules::precision allowed) {
    return [tuned, allowed](schedules::kernel& k, const schedules::machine& m) {
        const auto found = tuned.find(schedules::problem_of(k));
        if (found != tuned.end() && is_legal(found->second, k, m, allowed))
            schedules::set_schedule(k, found->second);
        else
            schedules::choose(k, m, allowed);
    };
}

schedules::chooser choose_recorded(const std::vector<record>& records, schedules::precision allowed) {
    records_by_kernel by_kernel;
    add_new(by_kernel, records);
    return choose_recorded(std::move(by_kernel), allowed);
}

std::optional<fs::path> records_file(const std::string& named) {
    std::string file = named;
    if (const char* variable = std::getenv("KILN_TUNING_RECORDS"); file.empty() && variable) file = variable;
    if (file == off) return std::nullopt;
    return file.empty() ? default_database() : fs::path(file);
}

plan::plan_options with_records(plan::plan_options options, const std::string& target, const record_source& from) {
    if (options.choose || target != compiler::resolve_target("host")) return options;
    const std::optional<fs::path> file = records_file(from.file);
    if (!file) return options;
    const setting here = setting_here(target, options.precision, from.threads);
    records_by_kernel all;
    // A database nobody named need not be there.
    if (*file != default_database() || fs::exists(*file)) add_new(all, database(*file, access::read).records_of(here));
    for (const fs::path& shipped : frontend::tuned_files())
        for (const tuned_records& each : read_tuned(shipped))
            if (applies(each.where, here)) add_new(all, each.records);
    if (!all.empty()) options.choose = choose_recorded(std::move(all), options.precision);
    return options;
}

}  // namespace kiln::tune
