// batch_share: which part of each batch a process has, where several train one network together.
#pragma once

namespace kiln::train {

/// Samples index * n to (index + 1) * n - 1 of `of` * n, where n is the process's own batch.
struct batch_share {
    int index = 0;
    int of = 1;
};

}  // namespace kiln::train
