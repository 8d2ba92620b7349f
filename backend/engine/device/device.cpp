// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/device/device.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <thread>

#include <dlfcn.h>

#include <ATen/Context.h>
#include <ATen/DeviceAccelerator.h>
#include <ATen/Parallel.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <torch/cuda.h>

#include "backend/engine/device/block_allocator.h"
#include "backend/engine/switches.h"

namespace limbeck {
namespace {

constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max();

std::int64_t core_count() {
    return std::max(1u, std::thread::hardware_concurrency());
}

/// "MemAvailable: 21000000 kB" of /proc/meminfo, in bytes; -1 where there is no such line.
std::int64_t meminfo(std::string_view name) {
    std::ifstream file("/proc/meminfo");
    std::string key;
    std::int64_t kilobytes = 0;
    while (file >> key >> kilobytes) {
        if (key.size() == name.size() + 1 && key.starts_with(name)) return kilobytes * 1024;
        file.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
    }
    return -1;
}

/// One number of the control group that this process is in ("max": no limit).
std::int64_t control_group_number(const char* path) {
    std::ifstream file(path);
    std::int64_t value = 0;
    return file >> value ? value : unlimited;
}

bool has_nvidia_driver() {
    std::error_code ignored;
    return std::filesystem::exists("/proc/driver/nvidia/version", ignored);
}

/// Name of a GPU from the driver itself: LibTorch tells it only through headers of the CUDA toolkit, which
/// nothing here needs otherwise. The driver is already loaded when LibTorch sees a GPU.
std::string cuda_name(int index) {
    const std::string fallback = "NVIDIA GPU " + std::to_string(index);
    void* driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!driver) return fallback;
    using Init = int (*)(unsigned);
    using Get = int (*)(int*, int);
    using Name = int (*)(char*, int, int);
    const auto init = reinterpret_cast<Init>(dlsym(driver, "cuInit"));
    const auto get = reinterpret_cast<Get>(dlsym(driver, "cuDeviceGet"));
    const auto name = reinterpret_cast<Name>(dlsym(driver, "cuDeviceGetName"));
    int device = 0;
    char text[256] = {};
    const bool known = init && get && name && init(0) == 0 && get(&device, index) == 0 &&
                       name(text, static_cast<int>(sizeof text), device) == 0 && text[0] != '\0';
    return known ? std::string(text) : fallback;
}

std::string why_no_cuda() {
    if (!has_cuda_flavour()) {
        return has_nvidia_driver()
                   ? "This build has the CPU flavour of LibTorch; the CUDA flavour (scripts/run.sh --cuda) "
                     "can use "
                     "the NVIDIA GPU of this machine."
                   : "This build has the CPU flavour of LibTorch, and this machine has no NVIDIA driver.";
    }
    if (!has_nvidia_driver()) return "No NVIDIA driver is loaded on this machine.";
    return "An NVIDIA driver is loaded, but LibTorch sees no GPU: the driver may be older than this "
           "LibTorch's CUDA "
           "asks for, or CUDA_VISIBLE_DEVICES hides the GPUs.";
}

int cuda_count() {
    return has_cuda_flavour() ? static_cast<int>(torch::cuda::device_count()) : 0;
}

} // namespace

std::int64_t set_up_runtime(std::int64_t threads) {
    const auto count = threads > 0 ? threads : core_count();
    if (!switched_off("LIMBECK_KEPT_BLOCKS")) keep_cpu_blocks();
    at::globalContext().setFlushDenormal(true);
    at::set_num_threads(static_cast<int>(count));
    // May be set once in a process and only before the pool starts; a second engine (tests) keeps what there
    // is.
    try {
        at::set_num_interop_threads(1);
    } catch (const c10::Error&) {
    }
    auto& context = at::globalContext();
    context.setDeterministicCuDNN(true);
    context.setBenchmarkCuDNN(false);
    // "float32" means float32; who wants less precision asks for tf32 or bfloat16.
    context.setAllowTF32CuDNN(false);
    context.setAllowTF32CuBLAS(false);
    return at::get_num_threads();
}

bool has_cuda_flavour() {
    return at::detail::getCUDAHooks().hasCUDART();
}

std::vector<DeviceInfo> list_devices() {
    std::vector<DeviceInfo> devices;
    const auto cores = core_count();
    devices.push_back({.id = "cpu",
                       .name = "CPU · " + std::to_string(cores) + (cores == 1 ? " core" : " cores"),
                       .memory_bytes = std::max<std::int64_t>(0, meminfo("MemTotal")),
                       .available = true,
                       .reason = {}});
    const int count = cuda_count();
    for (int i = 0; i < count; ++i) {
        const auto memory = at::accelerator::getMemoryInfo(static_cast<c10::DeviceIndex>(i));
        devices.push_back({.id = "cuda:" + std::to_string(i),
                           .name = cuda_name(i),
                           .memory_bytes = static_cast<std::int64_t>(memory.second),
                           .available = true,
                           .reason = {}});
    }
    if (count == 0) {
        devices.push_back({.id = "cuda:0",
                           .name = "NVIDIA GPU",
                           .memory_bytes = 0,
                           .available = false,
                           .reason = why_no_cuda()});
    }
    return devices;
}

Result<torch::Device> find_device(std::string_view text) {
    const int count = cuda_count();
    if (text == "cpu" || (text == "auto" && count == 0)) return torch::Device(torch::kCPU);
    if (text == "auto") return torch::Device(torch::kCUDA, 0);
    int index = -1;
    if (text.starts_with("cuda:")) {
        const auto number = text.substr(5);
        const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), index);
        if (error != std::errc{} || end != number.data() + number.size()) index = -1;
    }
    if (index < 0) {
        return failure(ErrorKind::configuration,
                       "The device is \"" + std::string(text) + "\"; it must be auto, cpu or cuda:N.",
                       "training.device");
    }
    if (index >= count) {
        const auto there = count == 0 ? why_no_cuda()
                                      : "LibTorch sees " + std::to_string(count) +
                                            " GPU(s): cuda:0 to cuda:" + std::to_string(count - 1) + ".";
        return failure(ErrorKind::device, "The device " + std::string(text) + " is not available. " + there,
                       "training.device");
    }
    return torch::Device(torch::kCUDA, static_cast<c10::DeviceIndex>(index));
}

std::int64_t free_memory(torch::Device device) {
    if (device.is_cuda()) {
        return static_cast<std::int64_t>(at::accelerator::getMemoryInfo(device.index()).first);
    }
    auto available = meminfo("MemAvailable");
    if (available < 0) available = unlimited;
    const auto limit = control_group_number("/sys/fs/cgroup/memory.max");
    const auto used = control_group_number("/sys/fs/cgroup/memory.current");
    if (limit != unlimited && used != unlimited)
        available = std::min(available, std::max<std::int64_t>(0, limit - used));
    return available;
}

} // namespace limbeck
