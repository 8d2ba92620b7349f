// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/device/graph_capture.h"

#include <filesystem>
#include <map>
#include <utility>

#include <dlfcn.h>

#include <ATen/Context.h>
#include <ATen/DeviceAccelerator.h>
#include <c10/core/DeviceGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include "backend/engine/cuda/graph_plugin.h"
#include "backend/engine/device/block_allocator.h"
#include "backend/engine/switches.h"

namespace limbeck {
namespace {

namespace fs = std::filesystem;

class CudaGraph final : public GraphCapture {
  public:
    CudaGraph(const GraphPlugin& plugin, torch::Device device) : plugin_(plugin), device_(device) {
        const c10::DeviceGuard guard(device_);
        GraphError error;
        graph_ = plugin_.create(&error);
        TORCH_CHECK(graph_, "no graph could be made: ", error.text);
    }

    ~CudaGraph() override {
        const c10::DeviceGuard guard(device_);
        plugin_.destroy(graph_);
    }

    CudaGraph(const CudaGraph&) = delete;
    CudaGraph& operator=(const CudaGraph&) = delete;

    void capture(const std::function<void()>& work) override {
        const c10::DeviceGuard guard(device_);
        GraphError error;
        TORCH_CHECK(plugin_.begin(graph_, &error), error.text);
        try {
            work();
        } catch (...) {
            // Why `work` failed is what should be known, not that its recording is broken then.
            plugin_.end(graph_, &error);
            throw;
        }
        TORCH_CHECK(plugin_.end(graph_, &error), error.text);
    }

    void replay() override {
        GraphError error;
        TORCH_CHECK(plugin_.replay(graph_, &error), error.text);
    }

  private:
    const GraphPlugin& plugin_;
    torch::Device device_;
    void* graph_ = nullptr;
};

/// Beside the engine. A test program holds the engine in itself and lies two folders deeper than the
/// libraries.
fs::path plugin_path() {
    Dl_info self{};
    if (dladdr(reinterpret_cast<const void*>(&plugin_path), &self) == 0 || !self.dli_fname) return {};
    const fs::path folder = fs::path(self.dli_fname).parent_path();
    std::error_code none;
    for (const char* place : {"", "../lib", "../../lib"})
        if (const fs::path path = folder / place / graph_plugin_file; fs::exists(path, none)) return path;
    return {};
}

struct Loaded {
    const GraphPlugin* plugin = nullptr;
    std::string why_not;
};

Loaded load_plugin() {
    const fs::path path = plugin_path();
    if (path.empty()) return {nullptr, std::string(graph_plugin_file) + " is not beside the engine"};
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        const char* why = dlerror();
        return {nullptr, path.string() + " could not be loaded (" + (why ? why : "no reason given") + ")"};
    }
    const auto ask = reinterpret_cast<GraphPluginFunction>(dlsym(library, graph_plugin_symbol));
    const GraphPlugin* plugin = ask ? ask() : nullptr;
    if (!plugin || plugin->version != graph_plugin_version)
        return {nullptr, path.string() + " belongs to another version of the engine"};
    return {plugin, {}};
}

std::function<std::unique_ptr<GraphCapture>()>& pretended() {
    static std::function<std::unique_ptr<GraphCapture>()> make;
    return make;
}

} // namespace

GraphMaker graphs_of(torch::Device device) {
    if (switched_off(graph_variable)) return {};
    if (pretended()) return {pretended(), {}};
    if (!device.is_cuda()) return {};
    static const Loaded loaded = load_plugin(); // it stays for the life of the process, as the engine does
    if (!loaded.plugin) return {{}, loaded.why_not};
    return {[device] { return std::make_unique<CudaGraph>(*loaded.plugin, device); }, {}};
}

void pretend_graphs(std::function<std::unique_ptr<GraphCapture>()> make) {
    pretended() = std::move(make);
}

void release_device_memory(torch::Device device) {
    if (device.is_cuda())
        at::accelerator::emptyCache();
    else
        release_kept_blocks();
}

void use_own_stream(torch::Device device) {
    if (!device.is_cuda()) return;
    at::globalContext().lazyInitDevice(device.type());
    const c10::impl::VirtualGuardImpl gpu(device.type());
    gpu.setDevice(device);
    // One for each GPU, for all jobs: memory that one frees is the next one's without waiting.
    static std::map<c10::DeviceIndex, c10::Stream> streams;
    auto found = streams.find(device.index());
    if (found == streams.end())
        found = streams.emplace(device.index(), gpu.getStreamFromGlobalPool(device)).first;
    if (gpu.getStream(device) == found->second) return;
    gpu.synchronizeDevice(device.index()); // what the other stream was given comes first
    gpu.exchangeStream(found->second);
}

} // namespace limbeck
