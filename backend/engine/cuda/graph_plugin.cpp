// SPDX-License-Identifier: GPL-3.0-or-later
// liblimbeck_graph.so: LibTorch's CUDA graphs behind a C interface. Calls nothing of the CUDA runtime itself,
// so that it does not name a version of it; LibTorch brings its own.
#include "backend/engine/cuda/graph_plugin.h"

#include <cstring>
#include <exception>
#include <memory>
#include <optional>

#include <ATen/core/CachingHostAllocator.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>

namespace limbeck {
namespace {

namespace allocator = c10::cuda::CUDACachingAllocator;

struct Graph {
    std::optional<at::cuda::CUDAGraph> graph;
    at::MempoolId_t pool{};
    c10::DeviceIndex device = 0;
    bool recording = false;
};

void tell(GraphError* error, const char* text) {
    std::strncpy(error->text, text, sizeof error->text - 1);
}

/// Calls `body`; false and words where it throws.
template <class Body>
bool attempt(GraphError* error, Body body) {
    try {
        body();
        return true;
    } catch (const c10::Error& failed) {
        tell(error, failed.what_without_backtrace());
    } catch (const std::exception& failed) {
        tell(error, failed.what());
    } catch (...) {
        tell(error, "no reason was given");
    }
    return false;
}

/// Where a recording broke, LibTorch's own end may have stopped half way: its allocators would go on asking
/// the graph, which is about to go, where memory shall come from.
void end_by_force(Graph& graph) {
    graph.recording = false;
    GraphError ignored;
    if (attempt(&ignored, [&] { graph.graph->capture_end(); }))
        return; // the graph gives the pool back itself
    // Fails where capture_end() came as far as this; from there on the pool is the graph's own affair.
    if (!attempt(&ignored, [&] { allocator::endAllocateToPool(graph.device, graph.pool); })) return;
    attempt(&ignored, [&] { allocator::releasePool(graph.device, graph.pool); });
    attempt(&ignored, [&] { at::getHostAllocator(at::kCUDA)->end_allocate_to_pool(graph.pool); });
    attempt(&ignored, [&] { at::getHostAllocator(at::kCUDA)->release_pool(graph.pool); });
}

Graph& of(void* graph) {
    return *static_cast<Graph*>(graph);
}

void* create(GraphError* error) {
    Graph* made = nullptr;
    attempt(error, [&] {
        auto graph = std::make_unique<Graph>();
        graph->graph.emplace();
        graph->pool = at::cuda::graph_pool_handle();
        graph->device = c10::cuda::current_device();
        made = graph.release();
    });
    return made;
}

bool begin(void* handle, GraphError* error) {
    Graph& graph = of(handle);
    graph.recording = true; // also when it breaks off half way: the allocator may have been told already
    if (attempt(error, [&] { graph.graph->capture_begin(graph.pool, cudaStreamCaptureModeThreadLocal); }))
        return true;
    end_by_force(graph);
    return false;
}

bool end(void* handle, GraphError* error) {
    Graph& graph = of(handle);
    if (attempt(error, [&] { graph.graph->capture_end(); })) {
        graph.recording = false;
        return true;
    }
    end_by_force(graph);
    return false;
}

bool replay(void* handle, GraphError* error) {
    return attempt(error, [&] { of(handle).graph->replay(); });
}

void destroy(void* handle) {
    Graph* graph = static_cast<Graph*>(handle);
    if (graph->recording) end_by_force(*graph);
    GraphError ignored;
    attempt(&ignored, [&] { delete graph; });
}

constexpr GraphPlugin plugin{graph_plugin_version, &create, &begin, &end, &replay, &destroy};

} // namespace
} // namespace limbeck

extern "C" __attribute__((visibility("default"))) const limbeck::GraphPlugin* limbeck_graph_plugin() {
    return &limbeck::plugin;
}
