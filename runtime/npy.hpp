// npy: numpy's format for one array. Reads versions 1 to 3, C and Fortran order, little-endian f2 f4 f8 i1..i8 u1..u8
// b1 as float32; writes version 1, C order, f4, i8, i4 or b1, whatever the tensor is of.
//
// Readers trust nothing: an array whose header and size disagree is refused before anything is allocated for it.
#pragma once

#include <filesystem>
#include <kiln/runtime/element_format.hpp>
#include <kiln/runtime/tensor.hpp>
#include <string_view>

namespace kiln {

/// An array as it lies in its file, its header checked against the size of its data.
struct npy_view {
    const element_format* format;
    bool fortran_order;
    std::vector<std::int64_t> shape;
    byte_view data;  // exactly the elements of shape
};

/// `what` names the file, and perhaps the tensor in it, in the message of the kiln::error thrown when the bytes are not
/// one complete .npy array of a supported type.
npy_view inspect_npy(byte_view bytes, std::string_view what);

/// The array as float32 in row-major order.
tensor to_tensor(const npy_view& array);

tensor parse_npy(byte_view bytes, std::string_view what);
tensor read_npy(const std::filesystem::path& path);
void write_npy(const std::filesystem::path& path, const tensor& value);

}  // namespace kiln
