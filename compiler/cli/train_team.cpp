#include <kiln/compiler/cli/train_team.hpp>

#include <fmt/format.h>

#include <kiln/compiler/ir/print.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/random.hpp>

namespace kiln::cli {

void take_share(train_options& o, const mpi::mpi_team& together) {
    if (o.model.batch % together.size() != 0)
        throw error(fmt::format("--batch {} cannot be shared out evenly to {} processes: give a multiple of {}",
                                o.model.batch, together.size(), together.size()));
    o.trainer.batch = o.model.batch / together.size();
    o.trainer.share = {together.rank(), together.size()};
    o.trainer.halves = true;
    if (o.threads == 0) o.threads = together.processors();
    if (together.leads()) return;
    o.model.quiet = true;
    o.model.weights.clear();  // the leader's are sent
    o.resume = false;         // its state as well
    o.checkpoint.clear();
    o.output.clear();
    o.plot.clear();
    o.log.clear();
}

void expect_same_training(const train_options& o, const ir::graph& g, const text_map& settings, train::team& together) {
    text_map all = settings;
    all["kiln"] = KILN_VERSION;
    all["epochs"] = fmt::format("{}", o.fit.epochs);
    all["layers"] = fmt::format("{:016x}", random_key(0, ir::print(g)));
    train::expect_leaders_settings(together, all);
}

}  // namespace kiln::cli
