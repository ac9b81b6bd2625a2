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

bool is_image(const plan::port& port) {
    return port.shape.rank == 4 && (port.shape[3] == 1 || port.shape[3] == 3) && port.shape[1] > 1 && port.shape[2] > 1;
}

tensor sample_of(const tensor& batch, std::int64_t index) {
    tensor sample{{batch.shape.begin() + 1, batch.shape.end()}, {}};
    const auto size = static_cast<std::ptrdiff_t>(batch.values.size()) / batch.shape[0];
    sample.values.assign(batch.values.begin() + index * size, batch.values.begin() + (index + 1) * size);
    return sample;
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
        for (std::int64_t sample = 0; sample < p.batch; ++sample) {
            std::string name = path.stem().string();
            if (images > 1) name += "-" + p.outputs[i].name;
            if (p.batch > 1) name += fmt::format("-{}", sample);
            all.push_back({fs::path(path).replace_filename(name + ".png"), sample_of(outputs[i], sample)});
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
    if (path.extension() != ".npy" && path.extension() != ".npz" && path.extension() != ".safetensors")
        throw error(fmt::format("{}: outputs are written as .png, .npz, .npy or .safetensors", path.string()));
    tensor_map by_name;
    for (std::size_t i = 0; i < outputs.size(); ++i) by_name[p.outputs[i].name] = outputs[i];
    write_tensors(path, by_name);
    return {path};
}

void print_top(const plan::plan& p, std::span<const tensor> outputs, int count, std::span<const std::string> labels) {
    for (std::size_t i = 0; i < outputs.size(); ++i)
        for (std::int64_t sample = 0; sample < p.batch; ++sample) {
            if (outputs.size() > 1 || p.batch > 1)
                fmt::print("{}{}:\n", p.outputs[i].name, p.batch > 1 ? fmt::format("[{}]", sample) : std::string());
            const tensor values = sample_of(outputs[i], sample);
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

void print_summary(const plan::plan& p, std::span<const tensor> outputs) {
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const auto [least, largest] = std::ranges::minmax(outputs[i].values);
        const double sum = std::accumulate(outputs[i].values.begin(), outputs[i].values.end(), 0.0);
        fmt::print("{}: {}, from {:.6g} to {:.6g}, mean {:.6g}\n", p.outputs[i].name, shape_text(outputs[i].shape),
                   least, largest, sum / static_cast<double>(outputs[i].values.size()));
    }
}

}  // namespace kiln::cli
