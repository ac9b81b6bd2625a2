#include <kiln/compiler/cli/train_options.hpp>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <array>
#include <utility>

#include <kiln/compiler/train/data_digest.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::cli {
namespace {

constexpr std::array schedules = {std::pair{"constant", train::rate_schedule::constant},
                                  std::pair{"step", train::rate_schedule::step},
                                  std::pair{"cosine", train::rate_schedule::cosine}};

template <class Table>
std::vector<std::string> names_of(const Table& table) {
    std::vector<std::string> names;
    for (const auto& [name, value] : table) names.emplace_back(name);
    return names;
}

template <class Table>
auto value_of(const Table& table, const std::string& name) {
    for (const auto& [known, value] : table)
        if (name == known) return value;
    throw error(fmt::format("'{}' is none of {}", name, fmt::join(names_of(table), ", ")));
}

const CLI::Range positive(1e-300, 1e300), share(0.0, 0.99);

void add_data(CLI::App& command, train_options& o) {
    command
        .add_option("--data", o.data,
                    "fashion-mnist, a folder of IDX files, a folder with a folder of images for each class, or an .npz")
        ->required();
    command.add_option("--validation", o.validation_share, "share of the training samples kept for validation")
        ->check(share)
        ->capture_default_str();
    command.add_option("--test", o.test_share, "share kept for testing where the data brings no test set")
        ->check(share)
        ->capture_default_str();
    command.add_option("--augment", o.augment, "change training images at random: flip,crop=PIXELS,shift=PIXELS");
    command.add_option("--resize", o.resize, "images of folders: scale and crop the middle, stretch, or refuse")
        ->check(CLI::IsMember({"crop", "stretch", "refuse"}))
        ->capture_default_str();
    command.add_option("--channels", o.channels, "images of folders: convert between gray and colour, or refuse")
        ->check(CLI::IsMember({"convert", "refuse"}))
        ->capture_default_str();
    command.add_option("--input-range", o.normalization.range, "what black and white become")
        ->delimiter(',')
        ->expected(2);
    auto* mean = command.add_option("--mean", o.normalization.mean, "subtracted from each channel")->delimiter(',');
    auto* deviation =
        command.add_option("--std", o.normalization.deviation, "then each channel is divided by it")->delimiter(',');
    command.add_flag("--standardize", o.standardize, "--mean and --std of the training images")
        ->excludes(mean)
        ->excludes(deviation);
}

void add_learning(CLI::App& command, train_options& o) {
    command.add_option("--epochs", o.fit.epochs, "times that every training sample is seen")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    command.add_option("--lr", o.fit.rate.rate, "learning rate")->check(positive)->capture_default_str();
    add_step(command, o.step);
    command.add_option("--schedule", o.schedule, "of the learning rate: constant, step, cosine")
        ->check(CLI::IsMember(names_of(schedules)))
        ->capture_default_str();
    command.add_option("--warm-up", o.fit.rate.warm_up, "epochs in which the learning rate grows to --lr")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    command.add_option("--step-every", o.fit.rate.every, "epochs between the steps of --schedule step")
        ->check(positive)
        ->capture_default_str();
    command.add_option("--step-factor", o.fit.rate.factor, "of each of them")->check(positive)->capture_default_str();
}

void add_files(CLI::App& command, train_options& o) {
    command.add_option("-o", o.output, "the trained weights: .safetensors or .npz; after the network by default");
    auto* checkpoint = command.add_option("--checkpoint", o.checkpoint,
                                          "save the training there after each epoch, and "
                                          "when it is interrupted (Ctrl-C)");
    command.add_option("--checkpoint-every", o.checkpoint_every, "and after so many steps")
        ->check(CLI::Range(1, 1'000'000'000))
        ->needs(checkpoint);
    command.add_flag("--resume", o.resume, "go on from the checkpoint")->needs(checkpoint);
    command.add_option("--plot", o.plot, "draw loss and accuracy as .svg, anew after each epoch");
    command.add_option("--log", o.log, "write them as lines of JSON (see kiln plot)");
    command.add_option("--log-every", o.fit.log_every, "steps between lines")
        ->check(CLI::Range(1, 1'000'000'000))
        ->capture_default_str();
}

std::string list(const std::vector<float>& values) { return fmt::format("{}", fmt::join(values, ",")); }

}  // namespace

void add_train_options(CLI::App& command, train_options& o) {
    add_data(command, o);
    add_learning(command, o);
    add_files(command, o);
    command.add_option("--threads", o.threads, "0: as many as there are processors")->check(CLI::Range(0, 256));
}

void settle(train_options& o) {
    o.trainer = trainer_options_of(o.step);
    o.fit.rate.schedule = value_of(schedules, o.schedule);
    o.fit.augmentation = data::parse_augmentation(o.augment);
    o.fit.seed = o.trainer.seed = o.model.seed;
    o.trainer.batch = o.model.batch;
}

text_map settings_of(const train_options& o, const std::string& network, const data::data_set& set) {
    const train::optimizer_options& optimizer = o.trainer.optimizer;
    const train::rate_options& rate = o.fit.rate;
    text_map settings{
        {"network", network},
        {"data", set.name},
        {"samples", fmt::format("{}+{}+{}", set.train.count, set.validation.count, set.test.count)},
        {"data_digest", train::data_digest(set)},
        {"validation", fmt::format("{}", o.validation_share)},
        {"test", fmt::format("{}", o.test_share)},
        {"input", fmt::format("range {} mean {} std {}", list(o.normalization.range), list(o.normalization.mean),
                              list(o.normalization.deviation))},
        {"augment", data::text_of(o.fit.augmentation)},
        {"batch", fmt::format("{}", o.model.batch)},
        {"seed", fmt::format("{}", o.model.seed)},
        {"optimizer", o.step.optimizer},
        {"initializer", o.step.initializer},
        {"momentum", fmt::format("{}", optimizer.momentum)},
        {"weight_decay", fmt::format("{}", optimizer.weight_decay)},
        {"l2", fmt::format("{}", o.trainer.l2)},
        {"clip", fmt::format("{}", optimizer.clip_norm)},
        {"lr", fmt::format("{}", rate.rate)},
        {"schedule", o.schedule},
        {"warm_up", fmt::format("{}", rate.warm_up)},
        {"freeze", fmt::format("{}", fmt::join(o.trainer.frozen, ","))},
        {"log_every", fmt::format("{}", o.fit.log_every)},
    };
    if (rate.schedule == train::rate_schedule::step)
        settings["schedule"] = fmt::format("step every {} times {}", rate.every, rate.factor);
    if (rate.schedule == train::rate_schedule::cosine) settings["epochs"] = fmt::format("{}", o.fit.epochs);
    return settings;
}

}  // namespace kiln::cli
