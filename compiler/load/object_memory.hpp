// Memory for one loaded object, in one piece: code refers to data by 32-bit distances, and pages mapped one by one may
// lie farther apart.
#pragma once

#include <llvm/ExecutionEngine/RuntimeDyld.h>

#include <cstddef>
#include <memory>

namespace kiln::compiler {

/// For an object file of that size. Pages are writable or executable, never both.
std::unique_ptr<llvm::RuntimeDyld::MemoryManager> make_object_memory(std::size_t object_bytes);

}  // namespace kiln::compiler
