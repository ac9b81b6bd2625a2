// The text of onnxruntime.py and onnxruntime.js, so that the program needs no files beside it.
#pragma once

namespace kiln::bench {

extern const char* const onnxruntime_py;
extern const char* const onnxruntime_js;

}  // namespace kiln::bench
