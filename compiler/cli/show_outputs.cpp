#include <kiln/compiler/cli/show_outputs.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include <kiln/compiler/cli/output_files.hpp>
#include <kiln/compiler/frontend/temporary_folder.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/image.hpp>
#include <kiln/runtime/mapped_file.hpp>
#include <kiln/runtime/tensor_file.hpp>

namespace kiln::cli {
namespace fs = std::filesystem;
namespace {

/// A picture's height, width and channels. What an ONNX model puts out has channels first.
dims picture_dims(const plan::port& port) {
    if (port.shape.rank != 4) return {};
    return port.batched ? drop_first(port.shape) : dims::of(port.shape[2], port.shape[3], port.shape[1]);
}

bool is_image(const plan::port& port) {
    const dims d = picture_dims(port);
    return port.type == element::float32 && d.rank == 3 && (d[2] == 1 || d[2] == 3) && d[0] > 1 && d[1] > 1;
}

/// How many samples an output has: the batch, where its first extent is that.
std::int64_t samples_of(const plan::plan& p, const plan::port& port) {
    return port.batched || (port.shape.rank > 1 && port.shape[0] == p.batch) ? p.batch : 1;
}

/// As floats, whatever its type.
tensor sample_of(const tensor& batch, std::int64_t index, std::int64_t samples) {
    const tensor all = converted(batch, element::float32, "");
    const bool split = !all.shape.empty() && all.shape[0] == samples;
    tensor sample{split ? std::vector(all.shape.begin() + 1, all.shape.end()) : all.shape, {}};
    const auto size = static_cast<std::ptrdiff_t>(all.size()) / samples;
    sample.values.assign(all.values.begin() + index * size, all.values.begin() + (index + 1) * size);
    return sample;
}

tensor picture_of(const tensor& sample, const plan::port& port) {
    if (port.batched) return sample;
    const dims d = picture_dims(port);
    tensor turned{{d[0], d[1], d[2]}, std::vector<float>(sample.values.size())};
    const auto pixels = static_cast<std::size_t>(d[0]) * static_cast<std::size_t>(d[1]);
    for (std::size_t i = 0; i < sample.values.size(); ++i)
        turned.values[i % pixels * static_cast<std::size_t>(d[2]) + i / pixels] = sample.values[i];
    return turned;
}

void scale_to_brightness(tensor& image, const std::string& scale) {
    if (scale == "clamp") return;  // write_png does
    if (scale == "abs")
        for (float& value : image.values) value = std::abs(value);
    const auto [least, largest] = std::ranges::minmax(image.values);
    const float black = scale == "abs" ? 0.0F : least, span = largest - black;
    for (float& value : image.values) value = span > 0 ? (value - black) / span : 0.0F;
}

struct picture {
    fs::path path;
    tensor image;
};

std::vector<picture> pictures(const fs::path& path, const plan::plan& p, std::span<const tensor> outputs,
                              const std::string& scale) {
    std::vector<picture> all;
    const auto images = std::ranges::count_if(p.outputs, is_image);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        if (!is_image(p.outputs[i])) continue;
        const std::int64_t samples = samples_of(p, p.outputs[i]);
        for (std::int64_t sample = 0; sample < samples; ++sample) {
            std::string name = path.stem().string();
            if (images > 1) name += "-" + p.outputs[i].name;
            if (samples > 1) name += fmt::format("-{}", sample);
            all.push_back({fs::path(path).replace_filename(name + ".png"),
                           picture_of(sample_of(outputs[i], sample, samples), p.outputs[i])});
            scale_to_brightness(all.back().image, scale);
        }
    }
    if (all.empty())
        throw error(
            fmt::format("no output of {} is an image (HxWx1 or HxWx3), so {} cannot be drawn: write .npz instead",
                        p.name, path.string()));
    return all;
}

}  // namespace

std::vector<fs::path> write_outputs(const fs::path& path, const plan::plan& p, std::span<const tensor> outputs,
                                    const std::string& scale) {
    if (path.extension() == ".png") {
        // Encoded elsewhere first: all pictures appear together.
        const frontend::temporary_folder scratch("kiln-pictures");
        output_files files;
        std::vector<fs::path> names;
        for (const picture& drawn : pictures(path, p, outputs, scale)) {
            const fs::path encoded = scratch.path() / "picture.png";
            write_png(encoded, drawn.image);
            files.add(drawn.path, mapped_file(encoded).bytes());
            names.push_back(drawn.path);
        }
        files.commit();
        return names;
    }
    if (path.extension() == ".npy" && outputs.size() != 1)
        throw error(
            fmt::format("{} has {} outputs, {} holds one: write .npz instead", p.name, outputs.size(), path.string()));
    if (!holds_tensors(path))
        throw error(fmt::format("{}: outputs are written as .png, .npz, .npy or .safetensors", path.string()));
    tensor_map by_name;
    for (std::size_t i = 0; i < outputs.size(); ++i) by_name[p.outputs[i].name] = outputs[i];
    write_tensors(path, by_name);
    return {path};
}

void print_top(const plan::plan& p, std::span<const tensor> outputs, int count, std::span<const std::string> labels) {
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const std::int64_t samples = samples_of(p, p.outputs[i]);
        for (std::int64_t sample = 0; sample < samples; ++sample) {
            if (outputs.size() > 1 || samples > 1)
                fmt::print("{}{}:\n", p.outputs[i].name, samples > 1 ? fmt::format("[{}]", sample) : std::string());
            const tensor values = sample_of(outputs[i], sample, samples);
            std::vector<std::size_t> order(values.values.size());
            std::iota(order.begin(), order.end(), std::size_t{0});
            const auto shown = std::min(order.size(), static_cast<std::size_t>(count));
            std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(shown), [&](auto a, auto b) {
                // NaN last, equal values in order.
                const float x = values.values[a], y = values.values[b];
                if (std::isnan(x) || std::isnan(y)) return !std::isnan(x) && std::isnan(y);
                return x != y ? x > y : a < b;
            });
            for (std::size_t rank = 0; rank < shown; ++rank) {
                const std::size_t at = order[rank];
                fmt::print("{:>12.6g}  {:>6}  {}\n", values.values[at], at, at < labels.size() ? labels[at] : "");
            }
        }
    }
}

void print_summary(const plan::plan& p, std::span<const tensor> outputs) {
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const tensor numbers = converted(outputs[i], element::float32, "");
        const auto [least, largest] = std::ranges::minmax(numbers.values);
        const double sum = std::accumulate(numbers.values.begin(), numbers.values.end(), 0.0);
        fmt::print("{}: {}, from {:.6g} to {:.6g}, mean {:.6g}\n", p.outputs[i].name, shape_text(outputs[i].shape),
                   least, largest, sum / static_cast<double>(numbers.size()));
    }
}

}  // namespace kiln::cli
