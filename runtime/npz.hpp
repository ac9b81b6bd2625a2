// npz: numpy's format for several arrays, a zip archive of NAME.npy entries. Reads what numpy.savez and
// numpy.savez_compressed write; writes what numpy.load reads: uncompressed, with fixed dates, so that equal tensors
// make equal files.
//
// Readers trust nothing. Beyond the checks of zip_reader and npy, all arrays together may take at most
// 64 MiB + 32 times the file's size, so that a small file cannot fill the memory.
#pragma once

#include <filesystem>
#include <functional>
#include <kiln/runtime/bytes.hpp>
#include <kiln/runtime/npy.hpp>
#include <kiln/runtime/tensor.hpp>
#include <string_view>

namespace kiln {

/// `what` names the file in the message of the kiln::error thrown when the bytes are not a complete .npz archive.
tensor_map parse_npz(byte_view bytes, std::string_view what);

/// The same, one array at a time as they lie in the file; an array's data is valid until `visit` returns.
void visit_npz(byte_view bytes, std::string_view what,
               const std::function<void(const std::string& name, const npy_view& array)>& visit);

tensor_map read_npz(const std::filesystem::path& path);

/// What read_npz would read, after the same checks, in the order of the directory.
std::vector<tensor_entry> list_npz(const std::filesystem::path& path);

/// Throws kiln::error when a name is not UTF-8 or holds a NUL, or the archive would pass 4 GiB or 65535 tensors.
void write_npz(const std::filesystem::path& path, const tensor_map& tensors);

}  // namespace kiln
