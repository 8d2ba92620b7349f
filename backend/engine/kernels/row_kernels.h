// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

/// Batch norm, an addition and ReLU in as few passes over memory as there can be, for pictures in
/// channels-last order: a matrix [rows, channels] with rows = batch · height · width. Plain pointers, no
/// torch: the same source is compiled once for each instruction set (row_kernels_*.cpp), and what the machine
/// has is chosen as it runs.
namespace limbeck::kernels {

enum class Element { f32, bf16 }; ///< of the pictures; what belongs to a channel is always float

/// One number for each channel. The layer computes y = x·scale + shift with scale = γ/σ, shift = β −
/// mean·scale.
struct Channels {
    std::int64_t count = 0;
    const float* mean = nullptr;
    const float* scale = nullptr;
    const float* shift = nullptr;
};

struct Forward {
    const void* x = nullptr;
    const void* added = nullptr; ///< [rows, channels], added before ReLU; may be null
    void* y = nullptr;           ///< may be x or added
    bool relu = false;
    void* sum = nullptr; ///< where not null, x + added goes here and is what is scaled and shifted; may be x
};

/// The way back. g is the gradient of what was there before ReLU: dy where y > 0.
struct Backward {
    const void* dy = nullptr;
    const void* x = nullptr;
    const void* y = nullptr; ///< where ReLU followed an addition; null: y is computed from x again
    void* g = nullptr;       ///< gradient_sums writes it, gradient reads it instead of dy; may be null
    void* dx = nullptr;
    bool relu = false;
    const void* more = nullptr; ///< gradient of x from elsewhere, which `gradient` adds; may be null
};

/// What the statistics are of: x, or x + added, which is then written to sum.
struct Measured {
    const void* x = nullptr;
    const void* added = nullptr; ///< may be null, and sum with it
    void* sum = nullptr;
};

struct RowKernels {
    /// mean and Σ(x − mean)² of every channel over the rows.
    void (*moments)(Element, const Measured&, std::int64_t rows, std::int64_t channels, float* mean,
                    float* squares);
    /// y = x·scale + shift, plus what is added, then ReLU where asked for. NaN stays NaN.
    void (*forward)(Element, const Forward&, std::int64_t rows, const Channels&);
    /// Σg and Σg·(x − mean) of every channel over the rows.
    void (*gradient_sums)(Element, const Backward&, std::int64_t rows, const Channels&, float* sum,
                          float* product);
    /// dx = g·scale − (x − mean)·slope − level + more, with a slope and a level for each channel.
    void (*gradient)(Element, const Backward&, std::int64_t rows, const Channels&, const float* slope,
                     const float* level);
};

/// For the best instruction set of this machine.
const RowKernels& row_kernels();

extern const RowKernels row_kernels_baseline;
#ifdef __x86_64__
extern const RowKernels row_kernels_avx2, row_kernels_avx512;
#endif

} // namespace limbeck::kernels
