// A disk cache of compiled kernels: from a key (any text) to bytes.
//
// One file an entry, named by the hash of its key; it holds the whole key, the bytes and a checksum, all verified on
// reading: an entry that is damaged, or of another key or version, counts as missing and is written anew. Entries
// appear complete or not at all, so any number of processes may share a folder. A folder that cannot be made, read or
// written only means that nothing is cached.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace kiln::compiler {

/// 32 hexadecimal digits: XXH3's 128-bit hash.
std::string hash_of(std::string_view text);

/// $KILN_CACHE_DIR, else $XDG_CACHE_HOME/kiln, else $HOME/.cache/kiln; empty (no caching) when none is set.
std::filesystem::path default_cache_folder();

/// $KILN_CACHE_BYTES, by default 1 GiB. Throws kiln::error when it is not a number.
std::uint64_t cache_limit();

class kernel_cache {
public:
    /// An empty folder: nothing is found, nothing is stored.
    explicit kernel_cache(std::filesystem::path folder);

    /// The bytes stored under `key`; marks them as used now.
    std::optional<std::string> find(std::string_view key) const;

    /// Failures are silent: the next process builds again.
    void store(std::string_view key, std::string_view bytes) const;

    /// Removes the entries that were not used for longest until the folder's entries take at most `most_bytes`, and
    /// what killed processes left half-written an hour or more ago.
    void trim(std::uint64_t most_bytes) const;

    std::filesystem::path path_of(std::string_view key) const;

private:
    std::filesystem::path folder_;
};

}  // namespace kiln::compiler
