// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/answers/answer_writer.h"

#include <utility>

namespace limbeck {

namespace {
constexpr std::size_t most_waiting = std::size_t{256} << 20;
}

AnswerWriter::AnswerWriter(AnswerFile& file) : file_(file), thread_([this] { run(); }) {}

AnswerWriter::~AnswerWriter() {
    {
        const std::lock_guard lock(mutex_);
        quit_ = true;
    }
    come_.notify_one();
    thread_.join();
}

void AnswerWriter::post(std::vector<std::int64_t> rows, std::vector<std::byte> contents) {
    {
        const std::lock_guard lock(mutex_);
        if (failed_ || rows.empty() || waiting_bytes_ + contents.size() > most_waiting) return;
        waiting_bytes_ += contents.size();
        pieces_.push_back({std::move(rows), std::move(contents)});
    }
    come_.notify_one();
}

void AnswerWriter::finish() {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return pieces_.empty() && !writing_; });
}

std::optional<Error> AnswerWriter::take_error() {
    const std::lock_guard lock(mutex_);
    return std::exchange(error_, std::nullopt);
}

bool AnswerWriter::failed() const {
    const std::lock_guard lock(mutex_);
    return failed_;
}

void AnswerWriter::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        come_.wait(lock, [this] { return quit_ || !pieces_.empty(); });
        if (pieces_.empty()) break;
        const Piece piece = std::move(pieces_.front());
        pieces_.pop_front();
        writing_ = true;
        lock.unlock();
        auto written = file_.write(piece.rows, piece.contents);
        lock.lock();
        writing_ = false;
        waiting_bytes_ -= piece.contents.size();
        if (!written) {
            failed_ = true;
            error_ = std::move(written.error());
            pieces_.clear();
            waiting_bytes_ = 0;
        }
        if (pieces_.empty()) done_.notify_all();
    }
}

} // namespace limbeck
