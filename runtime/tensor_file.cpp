#include <fmt/format.h>

#include <algorithm>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/mapped_file.hpp>
#include <kiln/runtime/npy.hpp>
#include <kiln/runtime/npz.hpp>
#include <kiln/runtime/safetensors.hpp>
#include <kiln/runtime/tensor_file.hpp>
#include <kiln/runtime/utf8.hpp>

namespace kiln {
namespace {

using path = std::filesystem::path;

tensor_map read_single(const path& file) {
    tensor_map tensors;
    tensors.emplace(file.stem().string(), read_npy(file));
    return tensors;
}

std::vector<tensor_entry> list_single(const path& file) {
    const mapped_file mapped(file);
    const npy_view array = inspect_npy(mapped.bytes(), file.string());
    return {{file.stem().string(), std::string(array.format->name), array.shape, array.data.size()}};
}

void write_single(const path& file, const tensor_map& tensors) {
    if (tensors.size() != 1)
        throw error(
            fmt::format("{}: an .npy file holds one tensor, but there are {} to write; use .npz or .safetensors",
                        file.string(), tensors.size()));
    write_npy(file, tensors.begin()->second);
}

struct file_format {
    std::string_view extension;
    tensor_map (*read)(const path&);
    std::vector<tensor_entry> (*list)(const path&);
    void (*write)(const path&, const tensor_map&);
};
constexpr file_format formats[] = {
    {".safetensors", read_safetensors, list_safetensors, write_safetensors},
    {".npz", read_npz, list_npz, write_npz},
    {".npy", read_single, list_single, write_single},
};

const file_format* find_format(const path& file) {
    const auto row = std::find_if(std::begin(formats), std::end(formats), [&](const file_format& format) {
        return format.extension == file.extension().string();
    });
    return row == std::end(formats) ? nullptr : row;
}

const file_format& format_of(const path& file) {
    if (const file_format* row = find_format(file)) return *row;
    const std::string extension = file.extension().string();
    throw error(fmt::format("{}: tensors are kept in .safetensors, .npz or .npy files, found {}", file.string(),
                            extension.empty() ? "no extension" : in_quotes(extension)));
}

}  // namespace

bool holds_tensors(const path& file) { return find_format(file) != nullptr; }

tensor_map read_tensors(const path& file) { return format_of(file).read(file); }

std::vector<tensor_entry> list_tensors(const path& file) { return format_of(file).list(file); }

void write_tensors(const path& file, const tensor_map& tensors) { format_of(file).write(file, tensors); }

}  // namespace kiln
