// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <torch/types.h>

#include "backend/types/dataset.h"

namespace limbeck {

/// What one step trains on. All tensors are on the training device.
struct Batch {
    torch::Tensor inputs;     ///< [B, …input shape], normalised float32
    torch::Tensor labels;     ///< [B] int64
    torch::Tensor sample_ids; ///< [B] int64, indices into the data set
    torch::Tensor view_ids;   ///< [B] int64, see view_id(); undefined without augmentation

    /// The same ids and views on the host, of a batch that is trained on, until the next one is drawn: who
    /// keeps books by them need not wait for the device.
    std::span<const std::int64_t> host_ids, host_views;
};

/// Crops and flips each picture of [B, C, H, W] (any element type) as its view says, zeros around it. On the
/// pictures' device: pad, compute the index of every output pixel, one gather.
torch::Tensor crop_and_flip(const torch::Tensor& pictures, const torch::Tensor& view_ids,
                            std::int64_t padding);

/// Blends every sample with another of the batch: x = λx + (1 − λ)x', λ uniform in 0..1, one λ and one order
/// a batch, from the stream "mixup" of the step (Zhang 2018; without labels: Beyer 2022). A label becomes
/// that of the larger part; it serves the counts only.
void mix(Batch& batch, std::uint64_t seed, std::int64_t step);

/// Host numbers as an int64 tensor on the device, without waiting for it.
torch::Tensor upload(const std::vector<std::int64_t>& values, torch::Device device);

/// A whole data set on the training device: pictures as bytes, the rest as float. On the CPU it is the data
/// set's own memory, no copy.
class ResidentData {
  public:
    ResidentData(std::shared_ptr<const Dataset> data, torch::Device device);

    const Dataset& dataset() const { return *data_; }

    torch::Device device() const { return device_; }

    /// Gathers samples, augments them where there are views, normalises them.
    Batch gather(const torch::Tensor& sample_ids, const torch::Tensor& view_ids, std::int64_t padding) const;

  private:
    std::shared_ptr<const Dataset> data_;
    torch::Device device_;
    torch::Tensor samples_, labels_;
    torch::Tensor scale_, shift_; ///< normalised = x · scale + shift, shaped to broadcast over a batch
};

/// The training part in the order of its epochs: sample ids and views of a whole epoch go up at once.
class BatchSource {
  public:
    BatchSource(std::shared_ptr<const ResidentData> data, std::int64_t batch_size, std::int64_t padding,
                bool flip, std::uint64_t seed);

    std::int64_t steps_per_epoch() const { return steps_per_epoch_; }

    /// The batch of the step after `step` steps.
    Batch at(std::int64_t step) { return filled(ids_at(step)); }

    /// Of that batch the ids and views alone; what is missing is what filled() adds, by operations of the
    /// device.
    Batch ids_at(std::int64_t step);
    Batch filled(const Batch& ids) const;

    std::int64_t batch_size() const { return batch_size_; }

  private:
    void begin_epoch(std::int64_t epoch);

    std::shared_ptr<const ResidentData> data_;
    std::int64_t batch_size_, padding_;
    bool flip_;
    std::uint64_t seed_;
    std::int64_t steps_per_epoch_;
    std::int64_t epoch_ = -1;
    torch::Tensor order_, views_; ///< of epoch_
    Batch whole_; ///< all of epoch_ in its order, where that is little: batches are cut from it
    std::vector<std::int64_t> host_order_, host_views_;
};

} // namespace limbeck
