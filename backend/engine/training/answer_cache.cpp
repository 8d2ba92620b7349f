// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/training/answer_cache.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>

#include <torch/torch.h>

#include "backend/answers/answer_plan.h"
#include "backend/types/numbers.h"

namespace limbeck {
namespace {

/// Fresh answers are handed over to the file at the latest when they take this much.
constexpr std::int64_t most_fresh_bytes = 8 << 20;

/// Host memory as a tensor on the device.
torch::Tensor to_device(const std::vector<std::byte>& bytes, std::int64_t classes, torch::ScalarType type,
                        torch::Device device) {
    const auto row = classes * static_cast<std::int64_t>(torch::elementSize(type));
    auto host = torch::empty({static_cast<std::int64_t>(bytes.size()) / row, classes},
                             torch::TensorOptions(type).pinned_memory(device.is_cuda()));
    std::memcpy(host.data_ptr(), bytes.data(), bytes.size());
    return host.to(device, /*non_blocking=*/true);
}

std::vector<std::byte> to_host(const torch::Tensor& values) {
    const auto host = values.contiguous().cpu();
    std::vector<std::byte> bytes(host.nbytes());
    std::memcpy(bytes.data(), host.const_data_ptr(), bytes.size());
    return bytes;
}

} // namespace

AnswerCache::AnswerCache(const Options& options, std::unique_ptr<AnswerSource> live,
                         std::unique_ptr<AnswerFile> file, std::vector<std::string> notes)
    : options_(options)
    , type_(options.half ? torch::kHalf : torch::kFloat32)
    , row_bytes_(options.classes * (options.half ? 2 : 4))
    , live_(std::move(live))
    , file_(std::move(file))
    , present_(static_cast<std::size_t>(options.samples * options.views))
    , notes_(std::move(notes)) {
    if (file_) writer_ = std::make_unique<AnswerWriter>(*file_);
    if (options_.table)
        table_ = torch::empty({options_.samples * options_.views, options_.classes},
                              torch::TensorOptions(type_).device(options_.device));
    overflow_ = torch::zeros({}, torch::TensorOptions(torch::kBool).device(options_.device));
}

AnswerCache::~AnswerCache() {
    try {
        hand_over();
    } catch (const std::exception&) {
        // A lost device: what is fresh is lost with it.
    }
}

std::vector<std::int64_t> AnswerCache::rows_of(const Batch& batch) const {
    std::vector<std::int64_t> rows(batch.host_ids.begin(), batch.host_ids.end());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i] *= options_.views;
        if (!batch.host_views.empty()) rows[i] += batch.host_views[i] >> (options_.flip ? 0 : 1);
    }
    return rows;
}

torch::Tensor AnswerCache::device_rows(const Batch& batch) const {
    if (!batch.view_ids.defined()) return batch.sample_ids * options_.views;
    const auto views = options_.flip ? batch.view_ids : batch.view_ids.bitwise_right_shift(1);
    return batch.sample_ids * options_.views + views;
}

Answers AnswerCache::answer(const Batch& batch) {
    const torch::NoGradGuard no_grad;
    ++batches_;
    const auto rows = rows_of(batch);
    Answers answers;
    answers.logits =
        (table_.defined() ? from_table(batch, rows) : from_file(batch, rows)).to(torch::kFloat32);
    if (static_cast<std::int64_t>(fresh_.size()) * row_bytes_ > most_fresh_bytes) hand_over();
    return answers;
}

bool AnswerCache::can_replay(const Batch& ids) const {
    if (!table_.defined()) return false;
    if (kept_ == options_.asked) return true;
    const auto rows = rows_of(ids);
    return std::all_of(rows.begin(), rows.end(),
                       [&](std::int64_t row) { return present_[static_cast<std::size_t>(row)]; });
}

Answers AnswerCache::replayable_answer(const Batch& batch) {
    const torch::NoGradGuard no_grad;
    Answers answers;
    answers.logits = table_.index_select(0, device_rows(batch)).to(torch::kFloat32);
    return answers;
}

AnswerCache::Found AnswerCache::find_in_file(const std::vector<std::int64_t>& rows,
                                             std::vector<std::int64_t>& positions) {
    Found found;
    if (!file_) return found;
    std::vector<std::byte> all, one(static_cast<std::size_t>(row_bytes_));
    std::vector<std::int64_t> absent;
    for (const auto position : positions) {
        if (file_->read(rows[static_cast<std::size_t>(position)], one)) {
            found.positions.push_back(position);
            all.insert(all.end(), one.begin(), one.end());
        } else {
            absent.push_back(position);
        }
    }
    positions = std::move(absent);
    if (found.positions.empty()) return found;
    found.values = to_device(all, options_.classes, type_, options_.device);
    if (options_.half) overflow_.logical_or_(found.values.isinf().any());
    return found;
}

/// The teacher's answers to the whole batch, in the precision that is kept.
torch::Tensor AnswerCache::ask(const Batch& batch) {
    ++asked_live_;
    auto values = live_->answer(batch).logits.to(type_);
    if (options_.half) overflow_.logical_or_(values.isinf().any());
    return values;
}

torch::Tensor AnswerCache::from_table(const Batch& batch, const std::vector<std::int64_t>& rows) {
    std::vector<std::int64_t> missing;
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (!present_[static_cast<std::size_t>(rows[i])]) missing.push_back(static_cast<std::int64_t>(i));
    const auto row_at = [&](std::int64_t position) { return rows[static_cast<std::size_t>(position)]; };
    const auto keep = [&](const std::vector<std::int64_t>& positions, const torch::Tensor& values) {
        std::vector<std::int64_t> places;
        for (const auto position : positions)
            places.push_back(row_at(position));
        table_.index_copy_(0, upload(places, options_.device), values);
        for (const auto place : places) // not before: a row that could not be written is not there
            mark(place);
    };
    if (!missing.empty()) {
        const Found found = find_in_file(rows, missing);
        if (!found.positions.empty()) keep(found.positions, found.values);
    }
    if (!missing.empty()) {
        keep(missing, ask(batch).index_select(0, upload(missing, options_.device)));
        if (writer_)
            for (const auto position : missing)
                fresh_.push_back(row_at(position));
    }
    return table_.index_select(0, device_rows(batch));
}

torch::Tensor AnswerCache::from_file(const Batch& batch, const std::vector<std::int64_t>& rows) {
    std::vector<std::int64_t> missing(rows.size());
    std::iota(missing.begin(), missing.end(), 0);
    const Found found = find_in_file(rows, missing);
    for (const auto position : found.positions)
        mark(rows[static_cast<std::size_t>(position)]);
    if (missing.empty()) return found.values;
    auto values = ask(batch).clone();
    if (!found.positions.empty())
        values.index_copy_(0, upload(found.positions, options_.device), found.values);
    if (!writer_->failed()) {
        for (const auto position : missing) {
            fresh_.push_back(rows[static_cast<std::size_t>(position)]);
            mark(fresh_.back());
        }
        fresh_values_.push_back(values.index_select(0, upload(missing, options_.device)));
    }
    return values;
}

void AnswerCache::mark(std::int64_t row) {
    auto present = present_[static_cast<std::size_t>(row)];
    if (!present) ++kept_;
    present = true;
}

void AnswerCache::hand_over() {
    if (fresh_.empty()) return;
    const torch::NoGradGuard no_grad;
    const auto values = table_.defined() ? table_.index_select(0, upload(fresh_, options_.device))
                                         : torch::cat(fresh_values_);
    writer_->post(std::exchange(fresh_, {}), to_host(values));
    fresh_values_.clear();
}

Result<void> AnswerCache::settle() {
    if (options_.half && overflow_.item<bool>())
        return failure(ErrorKind::numeric,
                       "The teacher gave an answer beyond ±65504, which half precision cannot hold. Set "
                       "teacher.cache to float32.",
                       "teacher.cache");
    hand_over();
    return {};
}

void AnswerCache::finish_writing() {
    if (writer_) writer_->finish();
}

std::vector<std::string> AnswerCache::take_notes() {
    auto notes = std::exchange(notes_, {});
    if (writer_)
        if (const auto error = writer_->take_error())
            notes.push_back(error->message + " The teacher's answers are no longer kept on the disk; the "
                                             "training goes on.");
    return notes;
}

std::string AnswerCache::summary() const {
    if (batches_ == 0) return {};
    return "Teacher's answers: cached (" + kept_precision(options_.half) + "), " + grouped(kept_) + " of " +
           grouped(options_.asked) + " kept; the teacher was asked in " + grouped(asked_live_) + " of " +
           grouped(batches_) + " steps.";
}

} // namespace limbeck
