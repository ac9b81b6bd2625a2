// The flat graph a DSL program hands to the compiler: plain arrays, no pointers inside the nodes, so that it can be a
// compile-time constant and can cross a shared-library boundary. The compiler treats it as untrusted and verifies it.
#pragma once

#include <cstdint>

#include <kiln/dsl/rule.hpp>

namespace kiln {

/// A piece of the graph's text: names live there, not in the nodes.
struct text_range {
    std::int32_t begin = 0, size = 0;
};

/// One node; its id is its index. Operands come before their users.
struct node {
    op kind = op::input;
    attribute_words attributes{};
    dims shape;                      // of one sample; parameters and constants have no batch anywhere
    std::int32_t first_operand = 0;  // into edges
    std::int32_t operands = 0;
    text_range name;               // a layer's or parameter's path, such as "stage1.conv2" or "stage1.conv2.weight"
    std::int64_t first_value = 0;  // op::constant: into values
};

struct named_output {
    text_range name;
    std::int32_t node = 0;
};

inline constexpr std::uint32_t graph_view_version = 1;

struct graph_view {
    std::uint32_t version = graph_view_version;
    std::uint32_t node_bytes = sizeof(node);  // a plug-in built against other headers is refused
    const char* name = nullptr;               // zero-terminated
    const node* nodes = nullptr;
    std::int32_t node_count = 0;
    const std::int32_t* edges = nullptr;
    std::int32_t edge_count = 0;
    const char* text = nullptr;
    std::int32_t text_size = 0;
    const float* values = nullptr;
    std::int64_t value_count = 0;
    const named_output* outputs = nullptr;
    std::int32_t output_count = 0;
};

}  // namespace kiln
