// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <cmath>

#include "backend/types/dataset.h"
#include "backend/types/exact_math.h"
#include "backend/types/nearest.h"
#include "backend/types/numbers.h"
#include "backend/types/random.h"
#include "backend/types/tensor_map.h"

namespace limbeck {
namespace {

TEST(ExactMath, AgreesWithTheLibraryToTwelveDigits) {
    for (int i = 1; i < 4000; ++i) {
        const double x = i / 1000.0;
        EXPECT_NEAR(exact::log(x), std::log(x), 1e-13) << x;
        EXPECT_NEAR(exact::exp(x - 2), std::exp(x - 2), 1e-12) << x;
        EXPECT_NEAR(exact::sine(x - 2), std::sin((x - 2) * 6.283185307179586), 1e-13) << x;
        EXPECT_NEAR(exact::cosine(x - 2), std::cos((x - 2) * 6.283185307179586), 1e-13) << x;
    }
    EXPECT_NEAR(exact::log(0x1p-53), -53 * std::log(2.0), 1e-12);
    EXPECT_NEAR(exact::exp(-300), std::exp(-300), 1e-142);
}

TEST(RandomNumbers, AreTheSameOnEveryMachine) {
    Random random(stream_seed(7, "order"));
    EXPECT_EQ(random.next(), Random(stream_seed(7, "order")).next());
    EXPECT_EQ(mix(0), 0xE220A8397B1DCDAFull) << "SplitMix64's first number from seed 0, as published";
    EXPECT_NE(stream_seed(7, "order"), stream_seed(7, "augmentation"));
    EXPECT_NE(stream_seed(7, "order", 0), stream_seed(7, "order", 1));
}

TEST(RandomNumbers, AreNormalWithMeanZeroAndSpreadOne) {
    Random random(1);
    double sum = 0, squares = 0;
    constexpr int count = 100000;
    for (int i = 0; i < count; ++i) {
        const double x = random.normal();
        sum += x;
        squares += x * x;
    }
    EXPECT_NEAR(sum / count, 0, 0.01);
    EXPECT_NEAR(squares / count, 1, 0.02);
}

TEST(Numbers, AreReadWholeOrNotAtAll) {
    EXPECT_EQ(parse_integer("-12"), -12);
    EXPECT_FALSE(parse_integer("12 "));
    EXPECT_FALSE(parse_integer("9223372036854775808"));
    EXPECT_EQ(parse_real("1e-3"), 1e-3);
    EXPECT_FALSE(parse_real("1,5"));
    EXPECT_FALSE(parse_real("inf"));
    EXPECT_FALSE(parse_real(""));
}

TEST(Numbers, ReadBackFromTheirShortestText) {
    for (double value : {0.0, 0.1, 5e-4, 1e-5, 1e-9, 0.1 + 0.2, 123456789.0, 1e22, 5e-324, -2.5}) {
        EXPECT_EQ(parse_real(number_text(value)), value) << number_text(value);
    }
    EXPECT_EQ(number_text(5e-4), "0.0005");
    EXPECT_EQ(number_text(100), "100");
    EXPECT_EQ(number_text(1e-8), "1e-08");
    EXPECT_EQ(rounded_text(12.3456, 4), "12.35");
}

TEST(Utf8, IsToldFromOtherBytes) {
    EXPECT_TRUE(is_utf8("aä€😀"));
    for (const char* bad :
         {"\xff", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "a\x80", "\xe2\x82"})
        EXPECT_FALSE(is_utf8(bad));
}

TEST(EditDistance, CountsASwapAsOne) {
    EXPECT_EQ(edit_distance("sdg", "sgd"), 1u);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
    EXPECT_EQ(edit_distance("", "abc"), 3u);
}

TEST(Quotes, CutLongTextAndHideControlBytes) {
    EXPECT_EQ(in_quotes("a\nb"), "\"a?b\"");
    EXPECT_LT(in_quotes(std::string(5000, 'x')).size(), 100u);
    EXPECT_TRUE(is_utf8(in_quotes("\xff\xfe")));
}

TEST(InputSpecs, KnowTheirValuesAndText) {
    const InputSpec picture{{3, 32, 32}}, point{{2}};
    EXPECT_EQ(to_string(picture), "3x32x32");
    EXPECT_EQ(picture.values(), 3072);
    EXPECT_EQ(picture.channels(), 3);
    EXPECT_EQ(point.channels(), 2);
    EXPECT_FALSE(point.is_image());
    EXPECT_EQ(size_of(DType::bf16), 2u);
}

TEST(Numbers, AreGroupedAndSizesGivenUnitsForPeople) {
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1234), "1,234");
    EXPECT_EQ(grouped(1234567), "1,234,567");
    EXPECT_EQ(grouped(-1234), "-1,234");
    EXPECT_EQ(size_text(12), "12 bytes");
    EXPECT_EQ(size_text(4096), "4.1 kB");
    EXPECT_EQ(size_text(292'000'000), "292 MB");
    EXPECT_EQ(size_text(2'916'000'000), "2.9 GB");
    EXPECT_EQ(size_text(8'000'000'000), "8 GB");
}

} // namespace
} // namespace limbeck
