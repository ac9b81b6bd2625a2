// Stores the first lanes of a vector by whole stores of fewer lanes.
//
//   before:  masked.store(<8 x float> v, p, <1, 1, 1, 1, 1, 1, 0, 0>)
//   after:   store <4 x float> v[0..3], p;  store <2 x float> v[4..5], p + 4
//
// AMD's processors run a masked store of AVX2 as microcode: on Zen 3 it takes 12 cycles, where the two stores above
// take 2 (measured). Those of AVX-512 are as fast as any store.
#pragma once

#include <llvm/IR/Module.h>

namespace kiln::compiler {

void split_masked_stores(llvm::Module& m);

}  // namespace kiln::compiler
