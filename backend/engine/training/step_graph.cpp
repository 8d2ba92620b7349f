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

bool StepGraph::replay(const StepKey& key, const std::function<Work()>& make_work) {
    if (!possible() || !seen_ || key != key_) return false;
    try {
        if (!graph_) record(make_work());
        graph_->replay(); // as a whole or, where it throws, not at all
        return true;
    } catch (...) {
        maker_ = {{}, current_error("replaying steps").message};
    }
    // Not before here, where what the exception held on to is gone: memory may be what was short.
    graph_.reset();
    release_device_memory(device_);
    return false;
}

void StepGraph::record(const Work& work) {
    // A graph keeps memory of its own. What the step before has left in the allocator's cache would stay
    // idle.
    release_device_memory(device_);
    auto graph = maker_.make();
    graph->capture(work);
    graph_ = std::move(graph);
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
