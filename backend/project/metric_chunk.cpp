// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/project/metric_chunk.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace limbeck {
namespace {

static_assert(std::endian::native == std::endian::little, "columns are written as they lie in memory");

constexpr std::uint32_t even_steps = 1, single_values = 2;

template <class T>
void put(Blob& blob, T value) {
    static_assert(std::is_trivially_copyable_v<T>);
    const std::size_t end = blob.size();
    blob.resize(end + sizeof value);
    std::memcpy(blob.data() + end, &value, sizeof value);
}

class Reader {
  public:
    explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

    template <class T>
    T take() {
        T value{};
        if (bytes_.size() < sizeof value) {
            short_ = true;
        } else {
            std::memcpy(&value, bytes_.data(), sizeof value);
            bytes_ = bytes_.subspan(sizeof value);
        }
        return value;
    }

    bool complete() const { return !short_ && bytes_.empty(); }

  private:
    std::span<const std::byte> bytes_;
    bool short_ = false;
};

bool same_bits(float a, float b) {
    return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
}

/// Distance of two steps; unsigned, so that no pair of steps overflows.
std::uint64_t stride(const MetricPoint& from, const MetricPoint& to) {
    return static_cast<std::uint64_t>(to.step) - static_cast<std::uint64_t>(from.step);
}

std::uint32_t flags_of(std::span<const MetricPoint> points) {
    std::uint32_t flags = even_steps | single_values;
    for (std::size_t i = 0; i < points.size(); ++i) {
        const MetricPoint& point = points[i];
        if (i > 1 && stride(points[i - 1], point) != stride(points[0], points[1])) flags &= ~even_steps;
        const auto mean = static_cast<float>(point.mean);
        if (!same_bits(point.minimum, mean) || !same_bits(point.maximum, mean)) flags &= ~single_values;
    }
    return flags;
}

} // namespace

Blob encode_points(std::span<const MetricPoint> points) {
    const std::uint32_t flags = flags_of(points);
    Blob blob;
    blob.reserve(24 + points.size() * 24);
    put(blob, static_cast<std::uint32_t>(points.size()));
    put(blob, flags);
    if (flags & even_steps) {
        put(blob, points.empty() ? std::int64_t{0} : points.front().step);
        put(blob, points.size() < 2 ? std::uint64_t{0} : stride(points[0], points[1]));
    } else {
        for (const MetricPoint& point : points)
            put(blob, point.step);
    }
    for (const MetricPoint& point : points)
        put(blob, point.mean);
    if (!(flags & single_values)) {
        for (const MetricPoint& point : points)
            put(blob, point.minimum);
        for (const MetricPoint& point : points)
            put(blob, point.maximum);
    }
    return blob;
}

std::optional<std::vector<MetricPoint>> decode_points(std::span<const std::byte> bytes) {
    Reader reader(bytes);
    const auto count = reader.take<std::uint32_t>();
    const auto flags = reader.take<std::uint32_t>();
    if (count < 1 || count > points_per_chunk || (flags & ~(even_steps | single_values)) != 0)
        return std::nullopt;
    std::vector<MetricPoint> points(count);
    if (flags & even_steps) {
        auto step = static_cast<std::uint64_t>(reader.take<std::int64_t>());
        const auto distance = reader.take<std::uint64_t>();
        for (MetricPoint& point : points) {
            point.step = static_cast<std::int64_t>(step);
            step += distance;
        }
    } else {
        for (MetricPoint& point : points)
            point.step = reader.take<std::int64_t>();
    }
    for (MetricPoint& point : points) {
        point.mean = reader.take<double>();
        point.minimum = point.maximum = static_cast<float>(point.mean);
    }
    if (!(flags & single_values)) {
        for (MetricPoint& point : points)
            point.minimum = reader.take<float>();
        for (MetricPoint& point : points)
            point.maximum = reader.take<float>();
    }
    if (!reader.complete()) return std::nullopt;
    return points;
}

} // namespace limbeck
