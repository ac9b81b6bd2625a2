#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <kiln/runtime/data/intake.hpp>
#include <kiln/runtime/error.hpp>
#include <utility>

namespace kiln::data {
namespace {

using parts_of = std::pair<const part data_set::*, const char*>;
constexpr parts_of named_parts[] = {
    {&data_set::train, "train"}, {&data_set::validation, "validation"}, {&data_set::test, "test"}};

constexpr std::size_t levels = 256;

std::vector<float> scale_of(std::int64_t channels, const normalization& n, const std::string& what) {
    const auto expect = [&](const std::vector<float>& values, const char* option) {
        if (values.size() > 1 && values.size() != static_cast<std::size_t>(channels))
            throw error(fmt::format("{} has {} values, the images of {} have {} channel{}: give one, or one for each",
                                    option, values.size(), what, channels, channels == 1 ? "" : "s"));
    };
    expect(n.mean, "--mean");
    expect(n.deviation, "--std");
    if (std::ranges::find(n.deviation, 0.0F) != n.deviation.end()) throw error("--std must not be 0");
    const auto of = [](const std::vector<float>& values, std::size_t c, float otherwise) {
        return values.empty() ? otherwise : values[values.size() == 1 ? 0 : c];
    };
    std::vector<float> scale;
    for (std::size_t level = 0; level < levels; ++level)
        for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c) {
            const float ranged = n.range[0] + static_cast<float>(level) / 255.0F * (n.range[1] - n.range[0]);
            scale.push_back((ranged - of(n.mean, c, 0)) / of(n.deviation, c, 1));
        }
    return scale;
}

bool fits(std::vector<std::int64_t> shape, const std::vector<std::int64_t>& wanted) {
    if (shape == wanted) return true;
    shape.push_back(1);
    return shape == wanted;
}

/// A number that stands for one of `wanted`'s places.
bool is_class_for(const field& f, const std::vector<std::int64_t>& wanted) {
    return f.levels.empty() && volume_of(f) == 1 && wanted.size() == 1 && wanted[0] > 1;
}

intake intake_of(const data_set& set, std::size_t i, const network_input& input, const normalization& n) {
    const field& f = set.train.fields[i];
    intake in{input.shape, 0, {}};
    if (i > 0 && is_class_for(f, input.shape)) {
        in.classes = input.shape[0];
    } else if (!fits(f.shape, input.shape)) {
        throw error(fmt::format("{} do not fit the network: {} are {} each, its input '{}' takes {}", set.name, f.name,
                                shape_text(f.shape), input.name, shape_text(input.shape)));
    }
    if (!f.levels.empty()) in.scale = scale_of(input.shape.empty() ? 1 : input.shape.back(), n, set.name);
    return in;
}

void expect_same_shapes(const data_set& set) {
    for (const auto& [member, name] : named_parts) {
        const part& p = set.*member;
        for (std::size_t i = 0; i < p.fields.size() && i < set.train.fields.size(); ++i)
            if (p.fields[i].shape != set.train.fields[i].shape ||
                p.fields[i].levels.empty() != set.train.fields[i].levels.empty())
                throw error(fmt::format("{}: {} of the {} set are not like those of the training set: {} and {}",
                                        set.name, p.fields[i].name, name, shape_text(p.fields[i].shape),
                                        shape_text(set.train.fields[i].shape)));
    }
}

}  // namespace

std::int64_t intake::volume() const {
    std::int64_t volume = 1;
    for (const std::int64_t extent : shape) volume *= extent;
    return volume;
}

std::vector<intake> intakes_for(const data_set& set, std::span<const network_input> inputs, const normalization& n) {
    if (set.train.fields.size() != inputs.size())
        throw error(fmt::format("{} has {} values for each sample (the label included), the network takes {} inputs",
                                set.name, set.train.fields.size(), inputs.size()));
    expect_same_shapes(set);
    const auto has_images = [](const field& f) { return !f.levels.empty(); };
    if ((!n.mean.empty() || !n.deviation.empty()) && std::ranges::none_of(set.train.fields, has_images))
        throw error(
            fmt::format("--mean and --std are for images; {} holds arrays of numbers, which are taken as "
                        "they are",
                        set.name));
    std::vector<intake> intakes;
    for (std::size_t i = 0; i < inputs.size(); ++i) intakes.push_back(intake_of(set, i, inputs[i], n));
    return intakes;
}

void expect_classes(const data_set& set, std::int64_t classes) {
    for (const auto& [member, name] : named_parts) {
        const part& p = set.*member;
        if (p.fields.size() < 2) continue;
        const std::vector<float>& labels = p.fields[1].values;
        const auto wrong = std::ranges::find_if(labels, [&](float label) {
            return !(label >= 0 && label < static_cast<float>(classes) && label == std::floor(label));
        });
        if (wrong != labels.end())
            throw error(
                fmt::format("{}: label {} of sample {} ({} set) is out of range: the network has {} classes, "
                            "0 to {}",
                            set.name, *wrong, wrong - labels.begin(), name, classes, classes - 1));
    }
}

normalization measured(const data_set& set, const network_input& input) {
    const std::vector<std::uint8_t>& pixels = set.train.fields.at(0).levels;
    if (pixels.empty()) throw error(fmt::format("{}: holds no images whose levels could be measured", set.name));
    const std::size_t channels = input.shape.size() == 3 ? static_cast<std::size_t>(input.shape[2]) : 1;
    std::vector<std::uint64_t> histogram(levels * channels);
    for (std::size_t i = 0; i < pixels.size(); ++i) ++histogram[pixels[i] * channels + i % channels];
    normalization n;
    const double count = static_cast<double>(pixels.size()) / static_cast<double>(channels);
    for (std::size_t c = 0; c < channels; ++c) {
        double sum = 0, squares = 0;
        for (std::size_t level = 0; level < levels; ++level) {
            const double value = static_cast<double>(level) / 255;
            sum += value * static_cast<double>(histogram[level * channels + c]);
            squares += value * value * static_cast<double>(histogram[level * channels + c]);
        }
        const double mean = sum / count, variance = squares / count - mean * mean;
        n.mean.push_back(static_cast<float>(mean));
        n.deviation.push_back(variance > 0 ? static_cast<float>(std::sqrt(variance)) : 1.0F);
    }
    return n;
}

void take(const field& f, std::int64_t sample, const intake& in, std::span<float> to) {
    const auto volume = static_cast<std::size_t>(volume_of(f)), from = static_cast<std::size_t>(sample) * volume;
    if (in.classes > 0) {
        std::ranges::fill(to, 0.0F);
        to[static_cast<std::size_t>(f.values[from])] = 1;
    } else if (f.levels.empty()) {
        std::copy_n(f.values.begin() + static_cast<std::ptrdiff_t>(from), volume, to.begin());
    } else {
        const std::size_t channels = in.scale.size() / levels;
        const std::uint8_t* level = &f.levels[from];
        for (std::size_t i = 0; i < volume; i += channels)
            for (std::size_t c = 0; c < channels; ++c) to[i + c] = in.scale[level[i + c] * channels + c];
    }
}

}  // namespace kiln::data
