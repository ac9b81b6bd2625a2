#include <fmt/format.h>

#include <algorithm>
#include <kiln/runtime/data/sources.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::data {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view fashion_mnist = "fashion-mnist";
constexpr const char* fashion_mnist_folder = "/usr/share/datasets/fashion-mnist";  // as Debian's package has it

data_set read_fashion_mnist() {
    if (!fs::is_directory(fashion_mnist_folder))
        throw error(
            fmt::format("{} is not installed: apt install dataset-fashion-mnist (MIT licence), or give the "
                        "folder that holds its four files",
                        fashion_mnist));
    data_set set = read_idx_folder(fashion_mnist_folder);
    set.name = fashion_mnist;
    set.classes = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                   "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};
    return set;
}

data_set read_anything(const std::string& where, const image_shape& images, std::size_t inputs) {
    std::error_code ignored;
    if (where == fashion_mnist && !fs::exists(where, ignored)) return read_fashion_mnist();
    if (fs::path(where).extension() == ".npz") return read_npz_arrays(where, inputs);
    if (!fs::is_directory(where, ignored))
        throw error(
            fmt::format("there is no data set '{}': give {}, a folder of IDX files, a folder with a folder of "
                        "images for each class, or an .npz file",
                        where, fashion_mnist));
    return holds_idx(where) ? read_idx_folder(where) : read_image_folder(where, images);
}

}  // namespace

std::int64_t volume_of(const field& f) {
    std::int64_t volume = 1;
    for (const std::int64_t extent : f.shape) volume *= extent;
    return volume;
}

data_set read_data_set(const std::string& where, const image_shape& images, std::size_t inputs) {
    try {
        data_set set = read_anything(where, images, inputs);
        if (set.train.count == 0) throw error(fmt::format("{}: has no samples to train on", set.name));
        return set;
    } catch (const fs::filesystem_error& e) {
        throw error(fmt::format("{}: cannot be read: {}", e.path1().string(), e.code().message()));
    }
}

}  // namespace kiln::data
