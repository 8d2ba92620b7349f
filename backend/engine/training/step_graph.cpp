// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/training/step_graph.h"

#include <utility>

#include "backend/engine/guard.h"

namespace limbeck {

void StepGraph::seen(const StepKey& key) {
    if (!possible() || (seen_ && key == key_)) return;
    graph_.reset();
    key_ = key;
    seen_ = true;
}

bool StepGraph::replay(const StepKey& key, const std::function<void()>& work) {
    if (!possible() || !seen_ || key != key_) return false;
    if (!graph_ && !record(work)) return false;
    graph_->replay();
    return true;
}

bool StepGraph::record(const std::function<void()>& work) {
    try {
        auto graph = maker_.make();
        graph->capture(work);
        graph_ = std::move(graph);
        return true;
    } catch (...) {
        maker_ = {{}, current_error("recording a step").message};
    }
    // Not before here: what the exception held on to is gone now. A recording keeps memory of its own beside
    // that of the step; where it is that which was short, it shall be there again for steps without one.
    release_device_memory(device_);
    return false;
}

bool StepGraph::drop() {
    return std::exchange(graph_, nullptr) != nullptr;
}

std::string StepGraph::take_note() {
    if (maker_.why_not.empty()) return {};
    std::string note = "The GPU is given the operations of a step one by one, not as a graph: " +
                       std::exchange(maker_.why_not, {});
    if (!note.ends_with('.')) note += '.';
    return note;
}

} // namespace limbeck
