// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <torch/types.h>

namespace limbeck {

/// What a piece of work gives the device to do, recorded once and replayed as a whole: one call of the driver
/// instead of hundreds. The work's memory stays where it was; tensors made before it, by which it is told
/// what to do and tells what came of it, must stay alive and in place.
class GraphCapture {
  public:
    virtual ~GraphCapture() = default;
    /// Records `work` without doing it. Throws what `work` throws and where it could not be recorded; then
    /// nothing on the device has changed and this object is of no more use.
    virtual void capture(const std::function<void()>& work) = 0;
    /// Does what was recorded, in the order of the current stream.
    virtual void replay() = 0;
};

/// Makes graphs, if there are any.
struct GraphMaker {
    std::function<std::unique_ptr<GraphCapture>()> make; ///< empty: there are none
    std::string why_not;                                 ///< in words, where a person should know
};

/// The environment variable that switches graphs off when it is "off", for comparisons.
inline constexpr const char* graph_variable = "LIMBECK_GRAPH";

/// Of a GPU, where liblimbeck_graph.so is there; the CPU has none and needs none.
GraphMaker graphs_of(torch::Device device);

/// For tests: what graphs_of() gives for any device from now on; nothing: the truth again.
void pretend_graphs(std::function<std::unique_ptr<GraphCapture>()> make);

/// Gives memory that is kept for later tensors back: to the GPU's driver, or to the system.
void release_device_memory(torch::Device device);

/// From here on this thread gives a GPU its work over a stream of its own, on which work can be recorded;
/// over the default one it cannot. Does nothing for the CPU.
void use_own_stream(torch::Device device);

} // namespace limbeck
