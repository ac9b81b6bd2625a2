// kiln train: a network learns from a data set; its weights are what the other commands take.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include <kiln/compiler/cli/commands.hpp>
#include <kiln/compiler/cli/interrupt.hpp>
#include <kiln/compiler/cli/numbers.hpp>
#include <kiln/compiler/cli/train_display.hpp>
#include <kiln/compiler/cli/train_options.hpp>
#include <kiln/compiler/cli/train_team.hpp>
#include <kiln/compiler/extents.hpp>
#include <kiln/compiler/train/checkpoint.hpp>
#include <kiln/compiler/train/trainer.hpp>
#include <kiln/runtime/atomic_file.hpp>
#include <kiln/runtime/data/split.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/tensor_file.hpp>
#include <kiln/runtime/utf8.hpp>

namespace kiln::cli {
namespace fs = std::filesystem;
namespace {

constexpr const char* cost_name = "cost";

/// The outputs that say how much a sample belongs to each class.
constexpr const char* score_names[] = {"logits", "scores", "probabilities"};

ir::graph load_cost(const train_options& o) {
    frontend::load_options options{.batch = o.trainer.batch, .use_cache = !o.model.no_cache, .cache_folder = {}};
    options.with_output = cost_name;
    ir::graph g = frontend::load_model(o.model.model, options).graph;
    if (std::ranges::find(g.outputs, cost_name, &ir::output::name) == g.outputs.end() && g.outputs.size() != 1)
        throw error(
            fmt::format("network '{}' has no output called cost: export one that does, such as outputs(\"cost\"_n = "
                        "cross_entropy(logits, label), \"logits\"_n = logits)",
                        g.name));
    return g;
}

std::vector<data::network_input> inputs_of(const ir::graph& g) {
    std::vector<data::network_input> inputs;
    for (const ir::node_id id : g.inputs()) inputs.push_back({g[id].name, extents_of(ir::sample_dims(g[id]))});
    return inputs;
}

struct class_scores {
    std::size_t output = 0;  // among those that are not the cost
    std::int64_t classes = 0;
};

std::optional<class_scores> find_scores(const ir::graph& g, const std::vector<data::network_input>& inputs) {
    if (inputs.size() < 2 || inputs[1].shape.size() != 1) return std::nullopt;
    std::size_t place = 0;
    for (const ir::output& o : g.outputs) {
        if (o.name == cost_name) continue;
        const dims d = ir::sample_dims(g[o.node]);
        const bool named = std::ranges::find(score_names, o.name) != std::end(score_names);
        if (named && d.rank == 1 && (inputs[1].shape[0] == 1 || inputs[1].shape[0] == d[0]))
            return class_scores{place, std::max(2, d[0])};
        ++place;
    }
    return std::nullopt;
}

/// The data, and how it goes into the network: read, fitted and checked before anything is compiled.
struct prepared_data {
    data::data_set set;
    std::vector<data::intake> intakes;
};

prepared_data prepare(train_options& o, const ir::graph& g, const std::optional<class_scores>& scores) {
    const std::vector<data::network_input> inputs = inputs_of(g);
    data::image_shape images;
    images.fit = {.size = sizing_called(o.resize), .convert_channels = o.channels == "convert"};
    if (!inputs.empty() && inputs[0].shape.size() == 3) {
        images.height = inputs[0].shape[0];
        images.width = inputs[0].shape[1];
        images.channels = inputs[0].shape[2];
    }
    prepared_data d{data::read_data_set(o.data, images, inputs.size()), {}};
    if (o.standardize) {
        const data::normalization found = data::measured(d.set, inputs.at(0));
        o.normalization.mean = found.mean;
        o.normalization.deviation = found.deviation;
        if (!o.model.quiet)
            fmt::print("input: --mean {} --std {}\n", fmt::join(found.mean, ","), fmt::join(found.deviation, ","));
    }
    d.intakes = data::intakes_for(d.set, inputs, o.normalization);
    if (o.fit.augmentation.any() && !d.intakes[0].is_image())
        throw error(fmt::format("--augment is for images, but input '{}' of '{}' takes {}", inputs[0].name, g.name,
                                shape_text(inputs[0].shape)));
    const std::int64_t classes = scores ? scores->classes : d.intakes.size() > 1 ? d.intakes[1].classes : 0;
    if (classes > 0 && data::volume_of(d.set.train.fields[1]) == 1) data::expect_classes(d.set, classes);
    return d;
}

/// The lines of the history, in memory and in a file.
class training_log {
public:
    training_log(std::string path, std::string begin) : path_(std::move(path)), text_(std::move(begin)) {
        if (path_.empty()) return;
        write_file(path_, bytes_of(text_));
        file_ = std::fopen(path_.c_str(), "ab");
        if (!file_) throw error(fmt::format("{}: cannot be written", path_));
    }
    ~training_log() {
        if (file_) std::fclose(file_);
    }
    training_log(const training_log&) = delete;
    training_log& operator=(const training_log&) = delete;

    void add(const std::string& line) {
        text_ += line;
        if (file_ && (std::fputs(line.c_str(), file_) < 0 || std::fflush(file_) != 0))
            throw error(fmt::format("{}: cannot be written: {}", path_, std::generic_category().message(errno)));
    }
    const std::string& text() const { return text_; }

private:
    std::string path_, text_;
    std::FILE* file_ = nullptr;
};

/// Fails now, not after hours.
void expect_writable(const train_options& o) {
    for (const std::string& path : {o.output, o.checkpoint, o.plot})
        if (!path.empty()) const atomic_file probe(path);
    if (!o.output.empty() && !holds_tensors(o.output))
        throw error(fmt::format("-o {}: weights are written as .safetensors or .npz", o.output));
    if (!o.checkpoint.empty() && !o.resume && fs::exists(o.checkpoint))
        throw error(fmt::format("{} is there already: give --resume to go on from it, or remove it", o.checkpoint));
}

train::checkpoint resumed(const train_options& o, const text_map& settings, train::trainer& t) {
    if (!o.resume) return {{}, settings, train::settings_text(settings), {}};
    if (!fs::exists(o.checkpoint))
        throw error(fmt::format("there is no checkpoint {} to resume from: leave --resume out to start", o.checkpoint));
    train::checkpoint c = train::read_checkpoint(o.checkpoint);
    train::expect_same_settings(o.checkpoint, c.settings, settings, o.may_change);
    try {
        t.restore(c.state);
    } catch (const error& e) {
        throw error(fmt::format("{}: {}", o.checkpoint, e.what()));
    }
    if (o.model.quiet) return c;
    fmt::print("resumed after {} epochs and {} batches\n", c.at.epoch, c.at.batch);
    for (const std::string& name : o.may_change)
        if (const std::string& now = settings.at(name); c.settings[name] != now)
            fmt::print("--{} is {} from here on, it was {}\n", name, now, in_quotes(c.settings[name]));
    return c;
}

/// One training from its options to its files.
class session {
public:
    session(const train_options& o, const data::selections& parts, std::span<const data::intake> intakes,
            const std::optional<class_scores>& scores, ir::graph g, text_map settings, train::team* together)
        : o_(o),
          parts_(parts),
          settings_(std::move(settings)),
          name_(g.name),
          team_(together),
          trainer_(std::move(g), o.trainer),
          start_(resumed(o, settings_, trainer_)),
          last_(start_.at),
          saved_(o.resume ? std::optional(start_.at) : std::nullopt),
          log_(o.log, start_.history),
          display_(o.model.quiet, o.fit.epochs, o.model.batch, scores.has_value()),
          judgement_{intakes, o.trainer.batch, {}} {
        if (scores) judgement_.scores = scores->output;
        trainer_.set_threads(o.threads);
        if (team_) trainer_.prepare_evaluation();
    }

    /// In a team: all start where the leader does.
    void start_together() {
        team_->broadcast(std::as_writable_bytes(std::span(&start_.at, 1)));
        train::take_leaders_state(*team_, trainer_);
        last_ = start_.at;
    }

    /// Whether it came to its end.
    bool run() {
        const interrupt watching;
        train::fit_observer observer;
        observer.stepped = [&](const train::position& at, std::int64_t batches) {
            last_ = at;
            display_.step(at, batches);
            const std::int64_t step = at.epoch * batches + at.batch;
            if (o_.checkpoint_every > 0 && step % o_.checkpoint_every == 0) save(at);
        };
        observer.epoch_finished = [&](const train::epoch_line& line, const train::position& at) {
            last_ = at;
            if (leads()) display_.epoch(line);
            save(at);
            draw();
        };
        if (leads()) observer.log = [&](const std::string& line) { log_.add(line); };
        observer.stop = [] { return interrupt::asked().load(); };
        const train::position end = fit(observer);
        display_.clear();
        if (end.epoch >= o_.fit.epochs) return true;
        save(end);
        if (leads())
            fmt::print(stderr, "interrupted in epoch {} after {} of its batches: {}\n", end.epoch + 1, end.batch,
                       o_.checkpoint.empty() ? "nothing was saved, as there is no --checkpoint"
                                             : "go on with --resume, " + o_.checkpoint + " has it");
        return false;
    }

    void write_weights() const {
        if (!leads()) return;
        const tensor_map weights = trainer_.weights();
        write_tensors(o_.output, weights);
        draw();
        if (!o_.model.quiet) fmt::print("wrote {} ({} tensors)\n", o_.output, weights.size());
    }

private:
    bool leads() const { return !team_ || team_->leads(); }

    train::position fit(const train::fit_observer& observer) {
        try {
            return train::fit(trainer_, parts_, judgement_, o_.fit, start_.at, observer, team_);
        } catch (const train::team_lost& lost) {
            // The step that not all could finish has not happened: the state is that of the step before.
            display_.clear();
            save(last_);
            if (o_.checkpoint.empty()) throw;
            throw error(fmt::format("{}; {}: go on with --resume", lost.what(), kept()));
        } catch (const train::diverged& e) {
            // The steps before it may have led there: what was saved is better than the state they left.
            display_.clear();
            throw train::diverged(
                saved_ ? fmt::format("{}; {}: go on with --resume and a lower --lr, or with --clip", e.what(), kept())
                       : fmt::format("{}; nothing was saved: start again with a lower --lr, with "
                                     "--clip or with --warm-up",
                                     e.what()));
        }
    }

    void save(const train::position& at) {
        if (o_.checkpoint.empty()) return;
        train::write_checkpoint(o_.checkpoint, {at, settings_, log_.text(), trainer_.state()});
        saved_ = at;
    }
    /// What the checkpoint has, once there is one.
    std::string kept() const {
        return fmt::format("{} holds the training up to epoch {} after {} of its batches", o_.checkpoint,
                           saved_->epoch + 1, saved_->batch);
    }
    void draw() const {
        if (o_.plot.empty()) return;
        const train::named_history run{name_, log_.text()};
        write_file(o_.plot, bytes_of(svg_of(train::curves_of({&run, 1}))));
    }

    const train_options& o_;
    const data::selections& parts_;
    text_map settings_;
    std::string name_;
    train::team* team_;  // null: alone
    train::trainer trainer_;
    train::checkpoint start_;
    train::position last_;                  // after the last step that all took
    std::optional<train::position> saved_;  // what the checkpoint has
    training_log log_;
    train_display display_;
    train::judgement judgement_;
};

std::string default_output(std::string network) {
    const std::string ending = std::string("_") + cost_name;
    if (network.ends_with(ending)) network.resize(network.size() - ending.size());
    return network + ".safetensors";
}

/// What a training needs, and all that can be wrong with it before anything is compiled.
struct checked_training {
    ir::graph graph;
    std::optional<class_scores> scores;
    prepared_data data;
    text_map settings;
};

checked_training check(train_options& o, mpi::mpi_team* together) {
    if (together) take_share(o, *together);
    checked_training c{load_cost(o), {}, {}, {}};
    if (o.output.empty() && (!together || together->leads())) o.output = default_output(c.graph.name);
    expect_writable(o);
    c.scores = find_scores(c.graph, inputs_of(c.graph));
    c.data = prepare(o, c.graph, c.scores);
    c.settings = settings_of(o, c.graph.name, c.data.set);
    return c;
}

void train_model(train_options o) {
    settle(o);
    const std::unique_ptr<mpi::mpi_team> together = mpi::join_team([] { return interrupt::asked().load(); });
    std::optional<checked_training> checked;
    data::selections parts;
    together_or_not_at_all(together.get(), [&] {
        checked = check(o, together.get());
        parts = data::split(checked->data.set, o.validation_share, o.test_share, o.model.seed);
    });
    if (together)
        together_or_not_at_all(together.get(),
                               [&] { expect_same_training(o, checked->graph, checked->settings, *together); });
    if (!o.model.quiet)
        fmt::print("{}: {} samples to train on, {} for validation, {} for testing\n", checked->data.set.name,
                   grouped(parts.train.count()), grouped(parts.validation.count()), grouped(parts.test.count()));
    progress shown(o.model.quiet);
    set_compiling(o.trainer, o.model, shown);
    std::optional<session> training;
    // One process of each machine builds the kernels, the others find them in the cache.
    for (const bool first : {true, false})
        together_or_not_at_all(together.get(), [&] {
            if (first == (!together || together->machine_rank() == 0))
                training.emplace(o, parts, checked->data.intakes, checked->scores, std::move(checked->graph),
                                 std::move(checked->settings), together.get());
        });
    shown.clear();
    if (together) training->start_together();
    const auto run = [&] {
        try {
            return training->run();
        } catch (const train::diverged&) {
            if (!together) throw;
            together->leave();
            if (together->leads()) throw;
            throw train::failed_elsewhere();  // the cost is that of all
        }
    };
    const bool ended = run();
    if (ended) together_or_not_at_all(together.get(), [&] { training->write_weights(); });
    if (together) together->leave();
    if (!ended) throw stopped{};
}

}  // namespace

void add_train(CLI::App& kiln) {
    CLI::App* command = kiln.add_subcommand("train", "train a network on a data set");
    const auto o = std::make_shared<train_options>();
    o->model.batch = 64;
    command
        ->add_option("MODEL", o->model.model,
                     "a network that ships with Kiln or a DSL source (FILE.cpp[:NAME]), with an output called cost")
        ->required();
    command->add_flag("--no-cache", o->model.no_cache, "build everything anew and keep nothing");
    add_train_options(*command, *o);
    add_batch(*command, o->model);
    add_weights(*command, o->model);
    add_building(*command, o->model);
    command->callback([o, command] {
        // Where a training goes from here, once it went wrong. They must be given: a default is no wish to change.
        for (const char* name : {"lr", "clip"})
            if (command->count(std::string("--") + name) > 0) o->may_change.insert(name);
        train_model(*o);
    });
}

}  // namespace kiln::cli
