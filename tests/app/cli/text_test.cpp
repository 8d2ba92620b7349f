// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "app/cli/text.h"

namespace limbeck::cli {
namespace {

TEST(Text, ShowsNumbersAsPeopleReadThem) {
    EXPECT_EQ(percent(0.97136), "97.1 %");
    EXPECT_EQ(percent({}), "–");
    EXPECT_EQ(loss_text(0.123456), "0.1235");
    EXPECT_EQ(grouped(3412.4), "3,412");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(-1234567), "-1,234,567");
    EXPECT_EQ(bytes_text(1536), "1.5 KiB");
}

TEST(Text, ShowsTimesAsMinutesAndSeconds) {
    EXPECT_EQ(duration_text(0), "0:00");
    EXPECT_EQ(duration_text(59.6), "1:00");
    EXPECT_EQ(duration_text(3725), "1:02:05");
    EXPECT_EQ(duration_text(-1), "–:––");
}

TEST(Text, CountsCharactersAndNotBytes) {
    EXPECT_EQ(width_of("▓░a"), 3u);
    EXPECT_EQ(cut("▓░abc", 3), "▓░a");
    EXPECT_EQ(cut("ab", 9), "ab");
}

TEST(Text, LinesUpTables) {
    EXPECT_EQ(table({{"a", "x"}, {"bb", "10.0 %"}}, 1), "a         x\nbb   10.0 %");
}

TEST(Text, BreaksLinesAtSpaces) {
    EXPECT_EQ(wrapped("aa bb cc", 2, 7), "  aa bb\n  cc");
}

} // namespace
} // namespace limbeck::cli
