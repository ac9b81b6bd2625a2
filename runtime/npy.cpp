#include <fmt/format.h>

#include <kiln/runtime/atomic_file.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/mapped_file.hpp>
#include <kiln/runtime/npy.hpp>
#include <kiln/runtime/npy_header.hpp>
#include <kiln/runtime/utf8.hpp>

namespace kiln {
namespace {

const element_format& format_of(std::string_view descr, std::string_view what) {
    const bool one_byte = descr.size() == 3 && descr[2] == '1';
    const bool native = descr.starts_with('<') || (one_byte && descr.starts_with('|'));
    const element_format* format = native ? find_npy_format(descr.substr(1)) : nullptr;
    if (format != nullptr) return *format;
    throw error(fmt::format("{}: holds elements of type {}; supported are little-endian {}", what, in_quotes(descr),
                            npy_format_names()));
}

/// Values of a column-major array, first extent contiguous, put in row-major order.
std::vector<float> to_row_major(const std::vector<float>& columns, const std::vector<std::int64_t>& shape) {
    std::vector<float> rows(columns.size());
    std::vector<std::size_t> index(shape.size()), stride(shape.size());
    std::size_t step = 1;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        stride[axis] = step;
        step *= static_cast<std::size_t>(shape[axis]);
    }
    std::size_t from = 0;
    for (float& value : rows) {
        value = columns[from];
        for (std::size_t axis = shape.size(); axis-- > 0;) {  // count up, last axis fastest
            from += stride[axis];
            if (++index[axis] < static_cast<std::size_t>(shape[axis])) break;
            from -= index[axis] * stride[axis];
            index[axis] = 0;
        }
    }
    return rows;
}

}  // namespace

npy_view inspect_npy(byte_view bytes, std::string_view what) {
    constexpr std::string_view magic = "\x93NUMPY";
    if (!text_of(bytes).starts_with(magic)) throw error(fmt::format("{}: is not an .npy array", what));
    const auto truncated = [&] { return error(fmt::format("{}: ends within its .npy header", what)); };
    if (bytes.size() < 8) throw truncated();
    const int version = static_cast<int>(bytes[6]);
    if (version < 1 || version > 3)
        throw error(fmt::format("{}: is .npy version {}; supported are 1 to 3", what, version));
    const std::size_t length_size = version == 1 ? 2 : 4;
    if (bytes.size() < 8 + length_size) throw truncated();
    const std::size_t length =
        version == 1 ? load_little<std::uint16_t>(bytes, 8) : load_little<std::uint32_t>(bytes, 8);
    if (length > bytes.size() - 8 - length_size) throw truncated();

    const npy_header header = parse_npy_header(text_of(bytes.subspan(8 + length_size, length)), what);
    const element_format& format = format_of(header.descr, what);
    const byte_view data = bytes.subspan(8 + length_size + length);
    const auto count = element_count(header.shape);
    if (!count) throw error(fmt::format("{}: shape {} is too large", what, shape_text(header.shape)));
    const auto expected = static_cast<std::uint64_t>(*count) * format.bytes;
    if (expected != data.size())
        throw error(fmt::format("{}: shape {} of {} needs {} bytes of data, found {}", what, shape_text(header.shape),
                                format.npy, expected, data.size()));
    return {&format, header.fortran_order, header.shape, data};
}

tensor to_tensor(const npy_view& array) {
    std::vector<float> values = widen(*array.format, array.data);
    if (array.fortran_order && array.shape.size() > 1) values = to_row_major(values, array.shape);
    return {array.shape, std::move(values)};
}

tensor parse_npy(byte_view bytes, std::string_view what) { return to_tensor(inspect_npy(bytes, what)); }

tensor read_npy(const std::filesystem::path& path) { return parse_npy(mapped_file(path).bytes(), path.string()); }

void write_npy(const std::filesystem::path& path, const tensor& value) {
    expect_consistent(value, path.string());
    atomic_file file(path);
    std::vector<std::byte> storage;
    file.write(bytes_of(npy_preamble(value.shape, value.type)));
    file.write(stored(value, storage));
    file.commit();
}

}  // namespace kiln
