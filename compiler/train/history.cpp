#include <kiln/compiler/train/history.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include <kiln/runtime/error.hpp>

namespace kiln::train {
namespace {

using json = nlohmann::ordered_json;

json json_of(const score& s) {
    json object{{"loss", s.loss}};
    if (s.accuracy) object["accuracy"] = *s.accuracy;
    return object;
}

std::string line_of(const json& object) { return object.dump(-1, ' ', false, json::error_handler_t::replace) + "\n"; }

/// The curves of one run.
struct run_curves {
    std::vector<chart_point> loss, accuracy, held_out_loss, held_out_accuracy;
};

void add(const json& object, double epoch, std::vector<chart_point>& loss, std::vector<chart_point>& accuracy) {
    const auto append = [&](const char* key, std::vector<chart_point>& points) {
        const auto found = object.find(key);
        if (found != object.end() && found->is_number()) points.push_back({epoch, found->get<double>()});
    };
    append("loss", loss);
    append("accuracy", accuracy);
}

run_curves read(const named_history& run) {
    run_curves curves;
    std::size_t begin = 0, number = 1;
    for (; begin < run.text.size(); ++number) try {
            const std::size_t end = std::min(run.text.find('\n', begin), run.text.size());
            const json line = json::parse(run.text.begin() + static_cast<std::ptrdiff_t>(begin),
                                          run.text.begin() + static_cast<std::ptrdiff_t>(end));
            begin = end + 1;
            if (!line.contains("epoch") || !line.contains("step")) continue;
            const double epoch = line.at("epoch").get<double>();
            add(line, epoch, curves.loss, curves.accuracy);
            const char* held_out = line.contains("test") ? "test" : "validation";
            if (line.contains(held_out)) add(line.at(held_out), epoch, curves.held_out_loss, curves.held_out_accuracy);
        } catch (const json::exception&) {
            throw error(fmt::format("{}: line {} is none of kiln train's log", run.name, number));
        }
    return curves;
}

void add(std::vector<chart_line>& lines, const std::string& name, std::vector<chart_point> points, std::size_t run,
         bool dashed) {
    if (!points.empty()) lines.push_back({name, std::move(points), static_cast<int>(run), dashed});
}

}  // namespace

std::string settings_text(const text_map& settings) { return line_of(json(settings)); }

std::string text_of(const step_line& line) {
    json object{{"step", line.step}, {"epoch", line.epoch}};
    object.update(json_of(line.train));
    object["learning_rate"] = line.learning_rate;
    return line_of(object);
}

std::string text_of(const epoch_line& line) {
    json object{{"epoch", line.epoch}, {"step", line.step}, {"train", json_of(line.train)}};
    if (line.validation) object["validation"] = json_of(*line.validation);
    if (line.test) object["test"] = json_of(*line.test);
    object["learning_rate"] = line.learning_rate;
    object["seconds"] = line.seconds;
    object["images_per_second"] = line.images_per_second;
    return line_of(object);
}

std::vector<chart> curves_of(std::span<const named_history> runs) {
    chart loss{"loss", "epoch", "", {}}, accuracy{"accuracy", "epoch", "", {}};
    for (std::size_t i = 0; i < runs.size(); ++i) {
        run_curves curves = read(runs[i]);
        const std::string name = runs.size() == 1 ? "" : runs[i].name + ", ";
        add(loss.lines, name + "train", std::move(curves.loss), i, false);
        add(loss.lines, name + "test", std::move(curves.held_out_loss), runs.size() == 1 ? 1 : i, true);
        add(accuracy.lines, name + "train", std::move(curves.accuracy), i, false);
        add(accuracy.lines, name + "test", std::move(curves.held_out_accuracy), runs.size() == 1 ? 1 : i, true);
    }
    std::vector<chart> charts{std::move(loss)};
    charts[0].y_least = 0;
    if (!accuracy.lines.empty()) charts.push_back(std::move(accuracy));
    return charts;
}

}  // namespace kiln::train
