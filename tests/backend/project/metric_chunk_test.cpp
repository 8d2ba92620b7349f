// SPDX-License-Identifier: GPL-3.0-or-later
#include <bit>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>

#include "backend/project/metric_chunk.h"

namespace limbeck {
namespace {

MetricPoint single(std::int64_t step, double value) {
    return {step, value, static_cast<float>(value), static_cast<float>(value)};
}

bool same_bits(const MetricPoint& a, const MetricPoint& b) {
    return a.step == b.step && std::bit_cast<std::uint64_t>(a.mean) == std::bit_cast<std::uint64_t>(b.mean) &&
           std::bit_cast<std::uint32_t>(a.minimum) == std::bit_cast<std::uint32_t>(b.minimum) &&
           std::bit_cast<std::uint32_t>(a.maximum) == std::bit_cast<std::uint32_t>(b.maximum);
}

void expect_same_after_a_round_trip(const std::vector<MetricPoint>& points) {
    const auto back = decode_points(encode_points(points));
    ASSERT_TRUE(back.has_value());
    ASSERT_EQ(back->size(), points.size());
    for (std::size_t i = 0; i < points.size(); ++i)
        EXPECT_TRUE(same_bits((*back)[i], points[i])) << "point " << i;
}

TEST(MetricChunk, GivesBackThePointsToTheBit) {
    expect_same_after_a_round_trip({single(0, 1.0)});
    expect_same_after_a_round_trip({single(1, 0.1), single(2, 0.2), single(3, 1e300)});
    expect_same_after_a_round_trip({{5, 0.1, 0.0f, 0.2f}, {9, -0.0, -0.0f, 0.0f}});
    expect_same_after_a_round_trip({single(7, NAN), single(8, INFINITY), single(20, -5e-324)});
    expect_same_after_a_round_trip({single(std::numeric_limits<std::int64_t>::min(), 1),
                                    single(std::numeric_limits<std::int64_t>::max(), 2)});
    expect_same_after_a_round_trip({single(3, 1), single(3, 2), single(3, 3)});
    expect_same_after_a_round_trip({{1, -0.0, 0.0f, 0.0f}}); // the mean's own float would be −0
}

TEST(MetricChunk, TakesEightBytesForAPointOfASingleStep) {
    std::vector<MetricPoint> points;
    for (int i = 0; i < 1024; ++i)
        points.push_back(single(i * 10, 0.5 * i));
    EXPECT_EQ(encode_points(points).size(), 24u + 1024 * 8);
    points.back().step += 1;
    EXPECT_EQ(encode_points(points).size(), 8u + 1024 * 16);
    points.back().maximum = 1e9f;
    EXPECT_EQ(encode_points(points).size(), 8u + 1024 * 24);
    expect_same_after_a_round_trip(points);
}

TEST(MetricChunk, RefusesBytesThatItDidNotWrite) {
    const Blob whole = encode_points(std::vector{single(1, 2), single(5, 3), single(6, 3)});
    for (std::size_t length = 0; length < whole.size(); ++length)
        EXPECT_FALSE(decode_points(std::span(whole).first(length))) << length;
    Blob more = whole;
    more.push_back(std::byte{0});
    EXPECT_FALSE(decode_points(more));
    Blob many = whole;
    many[1] = many[2] = many[3] = std::byte{0xFF};
    EXPECT_FALSE(decode_points(many));
    Blob flags = whole;
    flags[4] |= std::byte{0x80};
    EXPECT_FALSE(decode_points(flags));
}

} // namespace
} // namespace limbeck
