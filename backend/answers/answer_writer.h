// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "backend/answers/answer_file.h"

namespace limbeck {

/// Writes rows into a file of answers on a thread of its own: whoever brings them waits for no disk. After
/// the first failure nothing more is written.
class AnswerWriter {
  public:
    explicit AnswerWriter(AnswerFile& file);
    ~AnswerWriter(); ///< writes what waits

    /// What cannot be queued, because the disk is too slow, is let go of: it is asked for anew some day.
    void post(std::vector<std::int64_t> rows, std::vector<std::byte> contents);
    /// Waits until all that was posted is written, or writing has failed.
    void finish();
    /// Why nothing is written any more; given once.
    std::optional<Error> take_error();
    bool failed() const;

  private:
    struct Piece {
        std::vector<std::int64_t> rows;
        std::vector<std::byte> contents;
    };

    void run();

    AnswerFile& file_;
    mutable std::mutex mutex_;
    std::condition_variable come_, done_;
    std::deque<Piece> pieces_;
    std::size_t waiting_bytes_ = 0;
    bool writing_ = false, quit_ = false, failed_ = false;
    std::optional<Error> error_;
    std::thread thread_;
};

} // namespace limbeck
