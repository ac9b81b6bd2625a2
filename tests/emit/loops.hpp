// Loops of Halide's intermediate representation, for tests of passes.
#pragma once

#include <Halide.h>

#include <string>

namespace kiln::testing {

namespace detail {

/// Newer versions of Halide have one more argument.
template <class Loop>
Halide::Internal::Stmt loop_of(const std::string& name, int extent, const Halide::Internal::Stmt& body) {
    constexpr auto serial = Halide::Internal::ForType::Serial;
    if constexpr (requires(Loop l) { l.partition_policy; })
        return Loop::make(name, 0, extent, serial, decltype(Loop::partition_policy)::Auto, Halide::DeviceAPI::None,
                          body);
    else
        return Loop::make(name, 0, extent, serial, Halide::DeviceAPI::None, body);
}

}  // namespace detail

inline Halide::Internal::Stmt loop(const std::string& name, int extent, const Halide::Internal::Stmt& body) {
    return detail::loop_of<Halide::Internal::For>(name, extent, body);
}

inline Halide::Expr variable(const std::string& name) {
    return Halide::Internal::Variable::make(Halide::Int(32), name);
}

}  // namespace kiln::testing
