// The JIT: the object file loaded into this process (LLVM ORC), so that it cannot disagree with what AOT ships.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace kiln::compiler {

using execute_function = int (*)(const void* weights, const void* const* inputs, void* const* outputs, void* arena,
                                 std::int32_t first_step, std::int32_t end_step);

class loaded_object {
public:
    /// Loads `object` (emit_object's bytes) and looks up FUNCTION_NAME_execute. Throws kiln::error.
    loaded_object(const std::string& object, const std::string& function_name);
    ~loaded_object();
    loaded_object(loaded_object&&) noexcept;
    loaded_object& operator=(loaded_object&&) noexcept;

    execute_function execute() const;
    /// Threads of this object's pool, the calling one included; 0: HL_NUM_THREADS, else one for each processor.
    void set_threads(int threads) const;

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace kiln::compiler
