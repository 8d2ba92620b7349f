// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/kernels/row_kernels.h"

namespace limbeck::kernels {

const RowKernels& row_kernels() {
#ifdef __x86_64__
    static const RowKernels& chosen = [&]() -> const RowKernels& {
        __builtin_cpu_init();
        if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
            __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq"))
            return row_kernels_avx512;
        if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return row_kernels_avx2;
        return row_kernels_baseline;
    }();
    return chosen;
#else
    return row_kernels_baseline;
#endif
}

} // namespace limbeck::kernels
