// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

/// The border between the engine and liblimbeck_graph.so, the one file that is compiled against CUDA's
/// headers. The engine loads it where a GPU is used and does without it where it is not there, so that one
/// engine runs with any flavour of LibTorch. Plain C: no exception and no class crosses.
namespace limbeck {

inline constexpr int graph_plugin_version = 1;
inline constexpr const char* graph_plugin_file = "liblimbeck_graph.so";
inline constexpr const char* graph_plugin_symbol = "limbeck_graph_plugin";

/// Words that say why something failed.
struct GraphError {
    char text[1024] = {};
};

/// All calls are for the current device and the thread's current stream there, which must not be the default
/// one. Those that give bool say in `error` why it is false.
struct GraphPlugin {
    int version;
    /// A graph that holds nothing yet; null where there is none to be had.
    void* (*create)(GraphError* error);
    /// From here on what this thread and autograd's threads give the stream is recorded instead of done.
    /// Other threads may go on using the device.
    bool (*begin)(void* graph, GraphError* error);
    /// Ends the recording and makes it ready for replay. After false, and where the recording shall be thrown
    /// away, only destroy() is left.
    bool (*end)(void* graph, GraphError* error);
    bool (*replay)(void* graph, GraphError* error);
    /// Also in the middle of a recording, which it ends.
    void (*destroy)(void* graph);
};

using GraphPluginFunction = const GraphPlugin* (*)();

} // namespace limbeck
