// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "tests/backend/engine/training/toys.h"

namespace limbeck {
namespace {

TEST(Engine, SaysWhatItRunsOn) {
    const auto info = toys::engine().info();
    EXPECT_TRUE(info.libtorch_version.starts_with("2.11.")) << info.libtorch_version;
    EXPECT_TRUE(info.flavour == "cpu" || info.flavour == "cuda");
    EXPECT_FALSE(info.instruction_set.empty());
    EXPECT_EQ(info.threads, 2);
}

TEST(Devices, AreTheCpuAndEitherAGpuOrTheReasonWhyThereIsNone) {
    const auto devices = toys::engine().devices();
    ASSERT_GE(devices.size(), 2u);
    EXPECT_EQ(devices[0].id, "cpu");
    EXPECT_TRUE(devices[0].available);
    EXPECT_GT(devices[0].memory_bytes, 0);
    EXPECT_NE(devices[0].name.find("core"), std::string::npos);
    EXPECT_EQ(devices[1].id, "cuda:0");
    EXPECT_EQ(devices[1].reason.empty(), devices[1].available);
}

TEST(Devices, AutoTakesTheFirstGpuElseTheCpu) {
    auto task = toys::alone();
    task.device = "auto";
    const auto job = toys::start(task, toys::moons());
    EXPECT_EQ(job->device(), toys::engine().devices()[1].available ? "cuda:0" : "cpu");
}

} // namespace
} // namespace limbeck
