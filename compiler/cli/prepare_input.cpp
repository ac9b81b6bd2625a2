#include <kiln/compiler/cli/prepare_input.hpp>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <random>

#include <kiln/compiler/cli/fit_image.hpp>
#include <kiln/compiler/extents.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/tensor_file.hpp>

namespace kiln::cli {
namespace fs = std::filesystem;
namespace {

tensor batched(const tensor& sample, const plan::port& port) {
    tensor result{extents_of(port.shape), {}};
    for (std::int64_t i = 0; i < port.shape[0]; ++i)
        result.values.insert(result.values.end(), sample.values.begin(), sample.values.end());
    return result;
}

/// The middle of an array, such as of a scan: `value` may lack the channels when there is one.
tensor middle(const tensor& value, const plan::port& port, const std::string& what) {
    const dims sample = drop_first(port.shape);
    std::vector<std::int64_t> from = value.shape;
    const std::vector<std::int64_t> to = extents_of(sample);
    if (from.size() + 1 == to.size() && to.back() == 1) from.push_back(1);
    bool fits = from.size() == to.size() && from.back() == to.back();
    for (std::size_t axis = 0; fits && axis < to.size(); ++axis) fits = from[axis] >= to[axis];
    if (!fits)
        throw error(fmt::format("{}: input {} takes the middle of shape {}, which {} does not hold", what, port.name,
                                shape_text(to), shape_text(value.shape)));
    tensor result{to, std::vector<float>(static_cast<std::size_t>(sample.volume()))};
    for (std::size_t i = 0; i < result.values.size(); ++i) {
        std::int64_t rest = static_cast<std::int64_t>(i), offset = 0, step = 1;
        for (std::size_t axis = to.size(); axis-- > 0;) {
            offset += (rest % to[axis] + (from[axis] - to[axis]) / 2) * step;
            rest /= to[axis];
            step *= from[axis];
        }
        result.values[i] = value.values[static_cast<std::size_t>(offset)];
    }
    return result;
}

tensor expect_shape(tensor value, const plan::port& port, const std::string& what) {
    const std::vector<std::int64_t> expected = extents_of(port.shape);
    const bool batch_of_one = port.shape.rank > 0 && port.shape[0] == 1;
    if (batch_of_one && value.shape.size() + 1 == expected.size()) value.shape.insert(value.shape.begin(), 1);
    if (value.shape != expected)
        throw error(fmt::format("{}: input {} must have shape {}{}, not {}", what, port.name, shape_text(expected),
                                batch_of_one ? " (the first extent, the batch, may be left out)" : "",
                                shape_text(value.shape)));
    return converted(value, port.type, fmt::format("{}: input {}", what, port.name));
}

const plan::port& port_named(const plan::plan& p, const std::string& name, const std::string& given) {
    std::string names;
    for (const plan::port& port : p.inputs) {
        if (port.name == name) return port;
        names += (names.empty() ? "" : ", ") + port.name;
    }
    throw error(fmt::format("-i {}: {} has no input '{}'; its inputs are {}", given, p.name, name, names));
}

/// The inputs found so far; a place without a value is still empty.
struct gathered {
    const plan::plan& p;
    std::vector<tensor> values = std::vector<tensor>(p.inputs.size());

    std::size_t index_of(const plan::port& port) const { return static_cast<std::size_t>(&port - p.inputs.data()); }
    bool has(std::size_t i) const { return values[i].size() > 0; }
    void put(const plan::port& port, tensor value, const std::string& given) {
        if (has(index_of(port))) throw error(fmt::format("-i {}: input {} was given twice", given, port.name));
        values[index_of(port)] = std::move(value);
    }
    const plan::port& next(const std::string& given) const {
        for (std::size_t i = 0; i < values.size(); ++i)
            if (!has(i)) return p.inputs[i];
        throw error(fmt::format("-i {}: {} takes {} input{}, and all have a file already", given, p.name,
                                p.inputs.size(), p.inputs.size() == 1 ? "" : "s"));
    }
};

bool every_name_is_an_input(const plan::plan& p, const tensor_map& tensors) {
    return std::ranges::all_of(tensors, [&](const auto& entry) {
        return std::ranges::find(p.inputs, entry.first, &plan::port::name) != p.inputs.end();
    });
}

void take_tensors(gathered& inputs, tensor_map tensors, const std::string& name, const std::string& given, bool crop) {
    const auto fitted = [&](tensor value, const plan::port& port) {
        if (crop && value.shape != extents_of(port.shape)) value = batched(middle(value, port, given), port);
        return expect_shape(std::move(value), port, given);
    };
    if (tensors.empty()) throw error(fmt::format("-i {} holds no tensor", given));
    if (name.empty() && every_name_is_an_input(inputs.p, tensors)) {
        for (auto& [key, value] : tensors) {
            const plan::port& port = port_named(inputs.p, key, given);
            inputs.put(port, fitted(std::move(value), port), given);
        }
        return;
    }
    const plan::port& port = name.empty() ? inputs.next(given) : port_named(inputs.p, name, given);
    const auto chosen = tensors.size() == 1 ? tensors.begin() : tensors.find(port.name);
    if (chosen == tensors.end())
        throw error(fmt::format("-i {} holds {} tensors, none of them called {}", given, tensors.size(), port.name));
    inputs.put(port, fitted(std::move(chosen->second), port), given);
}

}  // namespace

tensor filled(const plan::port& port, const std::string& mode, std::uint64_t seed) {
    tensor result{extents_of(port.shape), std::vector<float>(static_cast<std::size_t>(port.shape.volume()))};
    std::mt19937_64 random(seed);
    for (float& value : result.values)
        value = mode == "random" ? static_cast<float>(random() >> 40) * 0x1p-24F : mode == "one" ? 1.0F : 0.0F;
    if (port.type == element::float32) return result;
    for (float& value : result.values) value = std::floor(value * 2);  // 0 or 1, which any index or flag may be
    return converted(result, port.type, port.name);
}

std::vector<tensor> prepare_inputs(const plan::plan& p, const input_options& o) {
    gathered inputs{p};
    for (const std::string& given : o.files) {
        const std::size_t equals = given.find('=');
        const bool named = equals != std::string::npos && !fs::exists(given);
        const std::string name = named ? given.substr(0, equals) : std::string();
        const fs::path file = named ? given.substr(equals + 1) : given;
        if (holds_tensors(file)) {
            take_tensors(inputs, read_tensors(file), name, given, o.crop_arrays);
        } else {
            const plan::port& port = named ? port_named(p, name, given) : inputs.next(given);
            inputs.put(port, batched(fit_image(file, port, o), port), given);
        }
    }
    for (std::size_t i = 0; i < p.inputs.size(); ++i) {
        if (inputs.has(i)) continue;
        if (o.fill.empty())
            throw error(fmt::format("input {} of {} ({}) has no value: give -i FILE, or --fill-mode random",
                                    p.inputs[i].name, p.name, shape_text(extents_of(p.inputs[i].shape))));
        inputs.values[i] = filled(p.inputs[i], o.fill, o.seed + i);
    }
    return std::move(inputs.values);
}

void add_input_options(CLI::App& command, input_options& o) {
    command.add_option("-i,--input", o.files,
                       "an image (PNG, JPEG), .npy or .npz; NAME=FILE where there are several inputs");
    command.add_option("--resize", o.resize, "images of another size: scale and crop the middle, stretch, or refuse")
        ->check(CLI::IsMember({"crop", "stretch", "refuse"}))
        ->capture_default_str();
    command
        .add_option("--channels", o.channels, "images of other channels: convert between gray and colour, or refuse")
        ->check(CLI::IsMember({"convert", "refuse"}))
        ->capture_default_str();
    command.add_flag("--crop-arrays", o.crop_arrays, "arrays larger than the input: take the middle");
    command.add_option("--input-range", o.range, "what black and white become")->delimiter(',')->expected(2);
    command.add_option("--mean", o.mean, "subtracted from each channel, in the input range")->delimiter(',');
    command.add_option("--std", o.deviation, "then each channel is divided by it")->delimiter(',');
    command.add_option("--fill-mode", o.fill, "inputs without a file: random (in [0, 1), by --seed), zero or one")
        ->check(CLI::IsMember({"random", "zero", "one"}));
}

}  // namespace kiln::cli
