// sources.hpp's folder of IDX files.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <kiln/runtime/data/sources.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/idx.hpp>
#include <kiln/runtime/tensor.hpp>
#include <optional>
#include <vector>

namespace kiln::data {
namespace {

namespace fs = std::filesystem;

/// The file whose name has one of `words` in it: "train-images-idx3-ubyte.gz" is "train-images". Where a file lies
/// there both plain and compressed, the plain one.
std::optional<fs::path> find(const fs::path& folder, std::span<const std::string_view> words) {
    std::vector<fs::path> found;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with('.') || name.find("idx") == name.npos) continue;
        if (std::ranges::any_of(words, [&](std::string_view word) { return name.find(word) != name.npos; }))
            found.push_back(entry.path());
    }
    if (found.empty()) return std::nullopt;
    std::ranges::sort(found);
    if (found.size() == 2 && found[0].string() + ".gz" == found[1].string()) return found[0];
    if (found.size() > 1)
        throw error(fmt::format("{}: holds two files of {}: {} and {}", folder.string(), words[0],
                                found[0].filename().string(), found[1].filename().string()));
    return found[0];
}

constexpr std::array<std::string_view, 1> train_images{"train-images"}, train_labels{"train-labels"};
constexpr std::array<std::string_view, 2> test_images{"t10k-images", "test-images"},
    test_labels{"t10k-labels", "test-labels"};

field field_of(const fs::path& file, const char* name, std::size_t least_rank) {
    idx_array array = read_idx(file);
    if (array.shape.size() < least_rank)
        throw error(fmt::format("{}: holds {}, expected {} along the first axis", file.string(),
                                shape_text(array.shape), name));
    field f{name, {array.shape.begin() + 1, array.shape.end()}, std::move(array.levels), std::move(array.values)};
    return f;
}

part read_part(const fs::path& folder, std::span<const std::string_view> images,
               std::span<const std::string_view> labels) {
    const auto image_file = find(folder, images), label_file = find(folder, labels);
    if (!image_file && !label_file) return {};
    if (!image_file || !label_file)
        throw error(fmt::format("{}: holds a file of {} but none of {}", folder.string(),
                                image_file ? images[0] : labels[0], image_file ? labels[0] : images[0]));
    part p;
    p.fields.push_back(field_of(*image_file, "images", 2));
    p.fields.push_back(field_of(*label_file, "labels", 1));
    field& classes = p.fields[1];
    classes.values.insert(classes.values.end(), classes.levels.begin(), classes.levels.end());
    classes.levels.clear();
    const auto count_of = [](const field& f) {
        const std::int64_t volume = std::max<std::int64_t>(1, volume_of(f));
        return static_cast<std::int64_t>(f.levels.size() + f.values.size()) / volume;
    };
    p.count = count_of(p.fields[0]);
    if (p.count != count_of(classes))
        throw error(fmt::format("{} holds {} images, but {} holds {} labels", image_file->string(), p.count,
                                label_file->string(), count_of(classes)));
    return p;
}

}  // namespace

bool holds_idx(const fs::path& folder) { return find(folder, train_images).has_value(); }

data_set read_idx_folder(const fs::path& folder) {
    return {folder.string(),
            read_part(folder, train_images, train_labels),
            {},
            read_part(folder, test_images, test_labels),
            {}};
}

}  // namespace kiln::data
