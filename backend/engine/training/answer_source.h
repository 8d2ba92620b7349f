// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "backend/engine/training/batches.h"
#include "backend/engine/training/teachers.h"

namespace limbeck {

/// Whoever gives the answers that a student is held against while it is trained: networks that are asked, or
/// their answers as they were kept.
class AnswerSource {
  public:
    virtual ~AnswerSource() = default;

    /// Answers to the samples of a batch, logits in float32. Where features are asked for (see who made the
    /// source) also these.
    virtual Answers answer(const Batch& batch) = 0;

    /// Whether a step with this batch may be recorded and replayed: the answers are then the same operations
    /// of the device for every such batch, those of replayable_answer(), and need nothing of the host.
    virtual bool can_replay(const Batch&) const { return false; }

    /// Reads nothing of the batch but what lies on the device, and keeps no books; those of a replayed step
    /// are kept by count_replay().
    virtual Answers replayable_answer(const Batch& batch) { return answer(batch); }

    virtual void count_replay() {}

    /// At the end of an epoch and at a checkpoint: hands over what waits. May wait for the device, not for a
    /// disk. An error ends the training.
    virtual Result<void> settle() { return {}; }

    /// Words for people, each once.
    virtual std::vector<std::string> take_notes() { return {}; }

    /// How it went, for the end of a run; empty: nothing to tell.
    virtual std::string summary() const { return {}; }
};

/// Networks that are asked anew for every batch.
class LiveAnswers final : public AnswerSource {
  public:
    /// `rows`: how many samples are asked about at once, a smaller batch being filled up with its own; 0: as
    /// many as come. What a sample is answered then depends neither on the size of its batch nor on its
    /// place in it (see rows_stand_alone()).
    LiveAnswers(Teachers teachers, bool taps, Precision precision, std::int64_t rows, std::string note = {})
        : teachers_(std::move(teachers))
        , taps_(taps)
        , precision_(precision)
        , rows_(rows)
        , note_(std::move(note)) {}

    Answers answer(const Batch& batch) override;

    bool can_replay(const Batch&) const override { return true; }

    Answers replayable_answer(const Batch& batch) override { return answer(batch); }

    std::vector<std::string> take_notes() override;

  private:
    Teachers teachers_;
    bool taps_;
    Precision precision_;
    std::int64_t rows_;
    std::string note_;
};

} // namespace limbeck
