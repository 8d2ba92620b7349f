// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include <c10/core/Event.h>
#include <torch/types.h>

#include "backend/engine/engine.h"
#include "backend/engine/training/loss.h"

namespace limbeck {

/// Metrics of the steps on their way from the device to the host. A step leaves its numbers in a row of a
/// block on the device; a full block sets off for pinned host memory, and is read when its event says that it
/// has arrived. Nobody waits, unless asked to. On the CPU there is nothing to wait for and rows are there at
/// once.
class Recorder {
  public:
    Recorder(torch::Device device, const LossSettings& loss, bool has_teacher);

    /// Names of the columns, with "train/".
    const std::vector<std::string>& series() const { return series_; }

    /// What one step leaves behind.
    struct Step {
        std::int64_t number = 0; ///< steps done, this one included
        std::int64_t samples = 0;
        double learning_rate = 0;
        LossValues values;                   ///< float32 scalars on the device, and the weights of this step
        std::vector<torch::Tensor> readings; ///< of all terms, in their order
        torch::Tensor counts;                ///< see count_answers()
        torch::Tensor bad;                   ///< float scalar on the device, not 0 from the first bad step on
    };

    void write(const Step& step);

    /// The device's part of write(): a row of numbers that can be handed over later, kept in `row`, which
    /// empty_row() made.
    void put(const Step& step, torch::Tensor& row) const;
    torch::Tensor empty_row() const;
    /// The rest of write(), for a step whose row is there: of `step` the host's numbers count.
    void write(const Step& step, const torch::Tensor& row);

    /// Rows that have arrived and were not taken; waits for all of them if asked.
    StepRows take(bool wait);
    /// The first bad step among all rows written so far; waits for them.
    std::optional<std::int64_t> first_bad_step();
    /// Forgets everything, for going on from a checkpoint.
    void clear();

  private:
    /// What the host knows about a row without the device.
    struct HostSide {
        std::int64_t number, samples;
        double learning_rate, hard_weight;
        std::vector<double> weights;
    };

    struct Block {
        torch::Tensor rows; ///< [size, columns] float32; on the host once it is sent
        std::vector<HostSide> steps;
        std::optional<c10::Event> arrived;
    };

    torch::Tensor next_row();
    void close_row(const Step& step);
    void send();
    void collect(bool wait);
    void append(const float* row, const HostSide& step);

    torch::Device device_;
    std::size_t terms_, shares_, readings_;
    bool has_teacher_;
    std::int64_t columns_;
    torch::Tensor unknown_; ///< [shares] NaN: not measured in a step
    std::vector<std::string> series_;
    Block open_;
    std::deque<Block> on_the_way_;
    StepRows ready_;
    std::optional<std::int64_t> first_bad_;
};

} // namespace limbeck
