#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/mapped_file.hpp>
#include <kiln/runtime/npy.hpp>
#include <kiln/runtime/npy_header.hpp>
#include <kiln/runtime/npz.hpp>
#include <kiln/runtime/utf8.hpp>
#include <kiln/runtime/zip_reader.hpp>
#include <kiln/runtime/zip_writer.hpp>

namespace kiln {
namespace {

constexpr std::string_view suffix = ".npy";

/// How much memory the arrays may still take.
class allowance {
public:
    allowance(std::uint64_t file_size, std::string_view what)
        : left_((std::uint64_t{64} << 20) + 32 * file_size), what_(what) {}

    void take(std::uint64_t bytes, const std::string& name) {
        if (bytes > left_)
            throw error(
                fmt::format("{}: tensor {} inflates to {} bytes, more than a file of this size may; if it is "
                            "genuine, store it uncompressed (numpy.savez)",
                            what_, in_quotes(name), bytes));
        left_ -= bytes;
    }

private:
    std::uint64_t left_;
    std::string_view what_;
};

}  // namespace

void visit_npz(byte_view bytes, std::string_view what,
               const std::function<void(const std::string& name, const npy_view& array)>& visit) {
    std::vector<std::byte> storage;
    allowance memory(bytes.size(), what);
    for (const zip_entry& entry : list_zip(bytes, what)) {
        if (!std::string_view(entry.name).ends_with(suffix))
            throw error(fmt::format("{}: entry {} is not an .npy array", what, in_quotes(entry.name)));
        const std::string name = entry.name.substr(0, entry.name.size() - suffix.size());
        const std::string tensor_what = fmt::format("{}: tensor {}", what, in_quotes(name));
        memory.take(entry.size, name);
        const npy_view array = inspect_npy(extract(entry, storage, what), tensor_what);
        // As float32 a tensor of bytes takes four times as much.
        const std::uint64_t wide = array.data.size() / array.format->bytes * sizeof(float);
        memory.take(wide - std::min<std::uint64_t>(wide, entry.size), name);
        visit(name, array);
    }
}

tensor_map parse_npz(byte_view bytes, std::string_view what) {
    tensor_map tensors;
    visit_npz(bytes, what,
              [&](const std::string& name, const npy_view& array) { tensors.emplace(name, to_tensor(array)); });
    return tensors;
}

tensor_map read_npz(const std::filesystem::path& path) { return parse_npz(mapped_file(path).bytes(), path.string()); }

std::vector<tensor_entry> list_npz(const std::filesystem::path& path) {
    const mapped_file file(path);
    std::vector<tensor_entry> listed;
    visit_npz(file.bytes(), path.string(), [&](const std::string& name, const npy_view& array) {
        listed.push_back({name, std::string(array.format->name), array.shape, array.data.size()});
    });
    return listed;
}

void write_npz(const std::filesystem::path& path, const tensor_map& tensors) {
    zip_writer zip(path);
    for (const auto& [name, value] : tensors) {
        expect_consistent(value, fmt::format("{}: tensor {}", path.string(), in_quotes(name)));
        const std::string preamble = npy_preamble(value.shape, value.type);
        std::vector<std::byte> storage;
        const std::array parts{bytes_of(preamble), stored(value, storage)};
        zip.add(name + std::string(suffix), parts);
    }
    zip.commit();
}

}  // namespace kiln
