// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backend/answers/answer_file.h"
#include "backend/answers/answer_writer.h"
#include "backend/engine/engine.h"
#include "backend/engine/training/answer_source.h"

namespace limbeck {

/// Answers that are asked for once for each sample and view, and kept: in a table on the training device, in
/// a file, or both. A row is sample · views + view. Which rows are there is known on the host, so that no
/// step waits for the device to know it. What is handed out always has the precision of what is kept, also
/// when it was asked for just now.
class AnswerCache final : public AnswerSource {
  public:
    struct Options {
        std::int64_t samples = 0, classes = 0;
        std::int64_t views = 1;
        bool flip = false;      ///< the lowest bit of a view says "mirrored"; else it says nothing
        std::int64_t asked = 0; ///< rows that training can ask for
        bool half = false;
        bool table = true; ///< in memory too; else in the file alone
        torch::Device device = torch::kCPU;
    };

    /// `live` is asked where an answer is missing. Without a table there must be a file.
    AnswerCache(const Options& options, std::unique_ptr<AnswerSource> live, std::unique_ptr<AnswerFile> file,
                std::vector<std::string> notes = {});
    ~AnswerCache() override;

    Answers answer(const Batch& batch) override;
    /// Once all answers to the batch are in the table.
    bool can_replay(const Batch& ids) const override;
    Answers replayable_answer(const Batch& batch) override;

    void count_replay() override { ++batches_; }

    Result<void> settle() override;
    std::vector<std::string> take_notes() override;
    std::string summary() const override;

    /// Answers that are known to be kept.
    std::int64_t kept() const { return kept_; }

    /// How often `live` was asked.
    std::int64_t asked_live() const { return asked_live_; }

    /// Waits until all that was handed over is on the disk, or that has failed.
    void finish_writing();

  private:
    struct Found {
        std::vector<std::int64_t> positions; ///< in the batch
        torch::Tensor values;                ///< their answers, on the device
    };

    std::vector<std::int64_t> rows_of(const Batch& batch) const;
    torch::Tensor device_rows(const Batch& batch) const;
    /// Looks for rows in the file; takes those found out of `positions`.
    Found find_in_file(const std::vector<std::int64_t>& rows, std::vector<std::int64_t>& positions);
    torch::Tensor ask(const Batch& batch);
    torch::Tensor from_table(const Batch& batch, const std::vector<std::int64_t>& rows);
    torch::Tensor from_file(const Batch& batch, const std::vector<std::int64_t>& rows);
    void mark(std::int64_t row);
    void hand_over();

    Options options_;
    torch::ScalarType type_;
    std::int64_t row_bytes_;
    std::unique_ptr<AnswerSource> live_;
    std::unique_ptr<AnswerFile> file_;
    std::unique_ptr<AnswerWriter> writer_; ///< after file_: it goes first
    torch::Tensor table_;                  ///< [rows, classes]; memory is taken where it is written
    std::vector<bool> present_;
    std::int64_t kept_ = 0, asked_live_ = 0, batches_ = 0;
    std::vector<std::int64_t> fresh_;         ///< rows that are not handed over yet
    std::vector<torch::Tensor> fresh_values_; ///< theirs, where there is no table
    torch::Tensor overflow_;                  ///< bool scalar: half could not hold an answer
    std::vector<std::string> notes_;
};

} // namespace limbeck
