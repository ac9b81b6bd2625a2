// What the importer says of models that were written to be refused.
#pragma once

#include <doctest/doctest.h>
#include <kiln/compiler/onnx/import_model.hpp>

#include <string>
#include <string_view>

#include <kiln/runtime/error.hpp>

#include "model_writer.hpp"

namespace kiln::testing {

inline std::string refusal_of(const written_model& m) {
    const std::string bytes = m.bytes();
    try {
        onnx::import_model(bytes_of(bytes), "net", "/nonexistent", {});
    } catch (const error& e) {
        return e.what();
    }
    return "taken";
}

inline bool contains(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

}  // namespace kiln::testing

#define CHECK_CONTAINS(text, part)                   \
    do {                                             \
        const std::string found = (text);            \
        CHECK_MESSAGE(contains(found, part), found); \
    } while (false)
