// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/training/batches.h"

#include <algorithm>
#include <utility>

#include <numeric>

#include <torch/torch.h>

#include "backend/types/random.h"

#include "backend/engine/training/sampler.h"

namespace limbeck {

torch::Tensor crop_and_flip(const torch::Tensor& pictures, const torch::Tensor& view_ids,
                            std::int64_t padding) {
    const auto batch = pictures.size(0), channels = pictures.size(1);
    const auto height = pictures.size(2), width = pictures.size(3);
    const auto side = 2 * padding + 1;
    const auto flip = view_ids.bitwise_and(1);
    const auto shift = view_ids.bitwise_right_shift(1);
    const auto dy = shift.div(side, "floor"), dx = shift.remainder(side);

    const auto columns = torch::arange(width, view_ids.options());
    // Mirrored: column j shows what stood at width − 1 − j, that is j + flip · (width − 1 − 2j).
    const auto mirrored = torch::addcmul(columns.unsqueeze(0), flip.unsqueeze(1), width - 1 - 2 * columns);
    const auto source_x = mirrored + dx.unsqueeze(1);                                           // [B, W]
    const auto source_y = torch::arange(height, view_ids.options()) + dy.unsqueeze(1);          // [B, H]
    const auto pixel = (source_y * (width + 2 * padding)).unsqueeze(2) + source_x.unsqueeze(1); // [B, H, W]

    const auto padded =
        padding > 0 ? torch::constant_pad_nd(pictures, {padding, padding, padding, padding}) : pictures;
    const auto index = pixel.view({batch, 1, height * width}).expand({batch, channels, height * width});
    return padded.reshape({batch, channels, -1}).gather(2, index).view({batch, channels, height, width});
}

void mix(Batch& batch, std::uint64_t seed, std::int64_t step) {
    Random random(stream_seed(seed, "mixup", static_cast<std::uint64_t>(step)));
    const double share = random.uniform();
    std::vector<std::int64_t> order(static_cast<std::size_t>(batch.labels.size(0)));
    std::iota(order.begin(), order.end(), 0);
    for (std::size_t i = order.size(); i > 1; --i)
        std::swap(order[i - 1], order[random.below(i)]);
    const auto partners = upload(order, batch.inputs.device());
    batch.inputs = torch::add(batch.inputs * share, batch.inputs.index_select(0, partners), 1 - share);
    if (share < 0.5) batch.labels = batch.labels.index_select(0, partners);
}

torch::Tensor upload(const std::vector<std::int64_t>& values, torch::Device device) {
    // Pinned memory is what a GPU can fetch by itself; LibTorch frees it only after the copy is done.
    auto host = torch::empty({static_cast<std::int64_t>(values.size())},
                             torch::TensorOptions(torch::kInt64).pinned_memory(device.is_cuda()));
    std::copy(values.begin(), values.end(), host.data_ptr<std::int64_t>());
    return host.to(device, /*non_blocking=*/true);
}

ResidentData::ResidentData(std::shared_ptr<const Dataset> data, torch::Device device)
    : data_(std::move(data)), device_(device) {
    const auto count = data_->size();
    std::vector<std::int64_t> shape{count};
    shape.insert(shape.end(), data_->input.shape.begin(), data_->input.shape.end());
    const bool bytes = !data_->bytes.empty();
    // from_blob takes a pointer to mutable values; nothing here writes through it.
    auto* samples = bytes ? const_cast<void*>(static_cast<const void*>(data_->bytes.data()))
                          : const_cast<void*>(static_cast<const void*>(data_->values.data()));
    samples_ = torch::from_blob(samples, shape, bytes ? torch::kUInt8 : torch::kFloat32).to(device);
    labels_ =
        torch::from_blob(const_cast<std::int64_t*>(data_->labels.data()), {count}, torch::kInt64).to(device);

    const auto channels = data_->input.channels();
    auto scale = torch::empty({channels}, torch::kFloat32), shift = torch::empty({channels}, torch::kFloat32);
    for (std::int64_t c = 0; c < channels; ++c) {
        const double mean = data_->mean[static_cast<std::size_t>(c)];
        const double stddev = data_->stddev[static_cast<std::size_t>(c)];
        scale.data_ptr<float>()[c] = static_cast<float>(1 / (bytes ? 255 * stddev : stddev));
        shift.data_ptr<float>()[c] = static_cast<float>(-mean / stddev);
    }
    // [C, 1, 1] for pictures, [D] for vectors: both broadcast over [B, …].
    std::vector<std::int64_t> broadcast(data_->input.shape.size(), 1);
    broadcast.front() = channels;
    scale_ = scale.view(broadcast).to(device);
    shift_ = shift.view(broadcast).to(device);
}

Batch ResidentData::gather(const torch::Tensor& sample_ids, const torch::Tensor& view_ids,
                           std::int64_t padding) const {
    Batch batch;
    batch.sample_ids = sample_ids;
    batch.view_ids = view_ids;
    batch.labels = labels_.index_select(0, sample_ids);
    auto samples = samples_.index_select(0, sample_ids);
    if (view_ids.defined()) samples = crop_and_flip(samples, view_ids, padding);
    // Channels last is the order in which convolutions and pooling are quickest.
    const auto order = samples.dim() == 4 ? torch::MemoryFormat::ChannelsLast : torch::MemoryFormat::Preserve;
    samples = samples.to(torch::kFloat32, /*non_blocking=*/false, /*copy=*/false, order);
    batch.inputs = torch::addcmul(shift_, samples, scale_);
    return batch;
}

namespace {

/// 4 MB as float32: no cache is driven out by it, and no memory missed.
constexpr std::int64_t most_values_at_once = std::int64_t{1} << 20;

} // namespace

BatchSource::BatchSource(std::shared_ptr<const ResidentData> data, std::int64_t batch_size,
                         std::int64_t padding, bool flip, std::uint64_t seed)
    : data_(std::move(data))
    , batch_size_(batch_size)
    , padding_(padding)
    , flip_(flip)
    , seed_(seed)
    , steps_per_epoch_(
          limbeck::steps_per_epoch(static_cast<std::int64_t>(data_->dataset().train.size()), batch_size)) {}

Batch BatchSource::ids_at(std::int64_t step) {
    const auto epoch = step / steps_per_epoch_;
    if (epoch != epoch_) begin_epoch(epoch);
    const auto start = step % steps_per_epoch_ * batch_size_;
    const auto count = std::min(batch_size_, order_.size(0) - start);
    Batch batch;
    batch.sample_ids = order_.narrow(0, start, count);
    if (views_.defined()) batch.view_ids = views_.narrow(0, start, count);
    if (whole_.inputs.defined()) {
        batch.inputs = whole_.inputs.narrow(0, start, count);
        batch.labels = whole_.labels.narrow(0, start, count);
    }
    const auto first = static_cast<std::size_t>(start), number = static_cast<std::size_t>(count);
    batch.host_ids = std::span(host_order_).subspan(first, number);
    if (views_.defined()) batch.host_views = std::span(host_views_).subspan(first, number);
    return batch;
}

Batch BatchSource::filled(const Batch& ids) const {
    if (ids.inputs.defined()) return ids; // cut from the whole
    Batch batch = data_->gather(ids.sample_ids, ids.view_ids, padding_);
    batch.host_ids = ids.host_ids;
    batch.host_views = ids.host_views;
    return batch;
}

void BatchSource::begin_epoch(std::int64_t epoch) {
    host_order_ = epoch_order(seed_, epoch, data_->dataset().train);
    order_ = upload(host_order_, data_->device());
    if (padding_ > 0 || flip_) {
        host_views_.clear();
        host_views_.reserve(host_order_.size());
        const auto samples = static_cast<std::int64_t>(host_order_.size());
        for (std::int64_t i = 0; i < steps_per_epoch_; ++i) {
            const auto count = std::min(batch_size_, samples - i * batch_size_);
            const auto drawn = step_views(seed_, epoch * steps_per_epoch_ + i, count, padding_, flip_);
            host_views_.insert(host_views_.end(), drawn.begin(), drawn.end());
        }
        views_ = upload(host_views_, data_->device());
    }
    // One gather for the epoch instead of one for each step, where each step is little work.
    const auto values = order_.size(0) * data_->dataset().input.values();
    if (!views_.defined() && values <= most_values_at_once) whole_ = data_->gather(order_, {}, 0);
    epoch_ = epoch;
}

} // namespace limbeck
