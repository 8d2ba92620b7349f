// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <torch/types.h>

#include "backend/engine/engine.h"
#include "backend/types/error.h"

namespace limbeck {

/// Settings of LibTorch that hold for the life of the process: the number of threads of an operation (0: one
/// per core), denormals flushed to zero, deterministic kernels, true float32. Must be called on the training
/// thread before its first tensor operation: the worker threads are made then and inherit the floating-point
/// mode. Returns the number of threads in use.
std::int64_t set_up_runtime(std::int64_t threads);

/// True when libtorch_cuda is loaded, whether or not a GPU is there.
bool has_cuda_flavour();

/// The CPU, then every GPU that LibTorch sees; where it sees none, "cuda:0" as not available with the reason.
std::vector<DeviceInfo> list_devices();

/// "auto" (cuda:0 where there is one, else the CPU), "cpu" or "cuda:N".
Result<torch::Device> find_device(std::string_view text);

/// Bytes that can still be had: MemAvailable and the control group's limit on the CPU, the driver's word on a
/// GPU.
std::int64_t free_memory(torch::Device device);

} // namespace limbeck
