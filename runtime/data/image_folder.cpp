// sources.hpp's folder with a folder of images for each class.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <kiln/runtime/data/sources.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/image.hpp>
#include <kiln/runtime/tensor.hpp>
#include <thread>

namespace kiln::data {
namespace {

namespace fs = std::filesystem;

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

bool is_image(const fs::path& path) {
    std::string extension = path.extension().string();
    std::ranges::transform(extension, extension.begin(), [](unsigned char c) { return std::tolower(c); });
    return extension == ".png" || extension == ".jpg" || extension == ".jpeg";
}

template <class Wanted>
std::vector<fs::path> entries(const fs::path& folder, Wanted wanted) {
    std::vector<fs::path> found;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder))
        if (!is_hidden(entry.path()) && wanted(entry)) found.push_back(entry.path());
    std::ranges::sort(found);
    return found;
}

std::vector<fs::path> folders_in(const fs::path& folder) {
    return entries(folder, [](const fs::directory_entry& e) { return e.is_directory(); });
}

struct labelled_file {
    fs::path file;
    float label;
};

std::vector<labelled_file> list(const fs::path& folder, const std::vector<std::string>& classes) {
    std::vector<labelled_file> files;
    for (const fs::path& of_class : folders_in(folder)) {
        const auto found = std::ranges::find(classes, of_class.filename().string());
        if (found == classes.end())
            throw error(fmt::format("{}: is a class that the training set does not have", of_class.string()));
        const auto images = entries(of_class, [](const fs::directory_entry& e) { return is_image(e.path()); });
        if (images.empty()) throw error(fmt::format("{}: holds no images (.png, .jpg, .jpeg)", of_class.string()));
        for (const fs::path& image : images) files.push_back({image, static_cast<float>(found - classes.begin())});
    }
    return files;
}

void read_into(const fs::path& file, const image_shape& s, std::span<std::uint8_t> to) {
    const tensor image = fit_image(read_image(file), s.height, s.width, s.channels, s.fit, file.string());
    std::ranges::transform(image.values, to.begin(), [](float v) {
        return static_cast<std::uint8_t>(std::lround(std::clamp(v, 0.0F, 1.0F) * 255));
    });
}

/// Decoding takes longer than reading: every processor does a share. Of several bad files the first is named.
part read(const std::vector<labelled_file>& files, const image_shape& s) {
    part p;
    if (files.empty()) return p;
    p.count = static_cast<std::int64_t>(files.size());
    const auto volume = static_cast<std::size_t>(s.height * s.width * s.channels);
    p.fields.push_back({"images", {s.height, s.width, s.channels}, std::vector<std::uint8_t>(volume * files.size())});
    p.fields.push_back({"labels", {}});
    for (const labelled_file& f : files) p.fields[1].values.push_back(f.label);
    std::atomic<std::size_t> next = 0;
    std::vector<std::exception_ptr> problems(files.size());
    const auto work = [&] {
        for (std::size_t i; (i = next++) < files.size();) try {
                read_into(files[i].file, s, std::span(p.fields[0].levels).subspan(i * volume, volume));
            } catch (...) {
                problems[i] = std::current_exception();
            }
    };
    {
        std::vector<std::jthread> threads;
        for (unsigned i = 1; i < std::min(std::thread::hardware_concurrency(), 16U); ++i) threads.emplace_back(work);
        work();
    }
    for (const std::exception_ptr& problem : problems)
        if (problem) std::rethrow_exception(problem);
    return p;
}

}  // namespace

data_set read_image_folder(const fs::path& folder, const image_shape& images) {
    const bool divided = fs::is_directory(folder / "train");
    const fs::path train = divided ? folder / "train" : folder;
    data_set set{folder.string(), {}, {}, {}, {}};
    for (const fs::path& of_class : folders_in(train)) set.classes.push_back(of_class.filename().string());
    if (set.classes.empty())
        throw error(fmt::format("{}: holds neither IDX files (train-images...) nor a folder of images for each class",
                                folder.string()));
    const auto part_in = [&](const char* name) {
        return fs::is_directory(folder / name) ? read(list(folder / name, set.classes), images) : part{};
    };
    set.train = read(list(train, set.classes), images);
    if (!divided) return set;
    set.validation = part_in(fs::is_directory(folder / "val") ? "val" : "validation");
    set.test = part_in("test");
    return set;
}

}  // namespace kiln::data
