// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/app/cli/program.h"

namespace limbeck::test {
namespace {

using testing::HasSubstr;

TEST(Usage, WithoutACommandIsWrong) {
    const Outcome outcome = limbeck_cli({});
    EXPECT_EQ(outcome.code, 2);
    EXPECT_THAT(outcome.err, HasSubstr("A command is missing"));
    EXPECT_EQ(outcome.out, "");
}

TEST(Usage, HelpListsEveryCommandAndEndsWell) {
    const Outcome outcome = limbeck_cli({"--help"});
    EXPECT_EQ(outcome.code, 0);
    for (const char* command :
         {"devices", "datasets", "models", "objectives", "schemes", "new", "run", "resume", "repeat", "show",
          "cache", "check", "export", "objective", "forward", "weights", "cost"}) {
        EXPECT_THAT(outcome.out, HasSubstr(command));
        const Outcome own = limbeck_cli({command, "--help"});
        EXPECT_EQ(own.code, 0) << command;
        EXPECT_THAT(own.out, HasSubstr(std::string("Usage: limbeck-cli ") + command));
        EXPECT_EQ(limbeck_cli({"help", command}).out, own.out);
    }
}

TEST(Usage, VersionIsOneLine) {
    const Outcome outcome = limbeck_cli({"--version"});
    EXPECT_EQ(outcome.code, 0);
    EXPECT_THAT(outcome.out, testing::MatchesRegex("limbeck-cli [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST(Usage, AMistypedCommandOrOptionNamesTheNearest) {
    const Outcome command = limbeck_cli({"rnu"});
    EXPECT_EQ(command.code, 2);
    EXPECT_THAT(command.err, HasSubstr("nearest is run"));
    const Outcome option = limbeck_cli({"run", "p", "--devise", "cpu"});
    EXPECT_EQ(option.code, 2);
    EXPECT_THAT(option.err, HasSubstr("nearest is --device"));
}

TEST(Usage, MissingAndSurplusArgumentsAreTold) {
    EXPECT_THAT(limbeck_cli({"run"}).err, HasSubstr("PROJECT is missing"));
    EXPECT_THAT(limbeck_cli({"run", "a", "b"}).err, HasSubstr("\"b\" is one too many"));
    EXPECT_THAT(limbeck_cli({"run", "a", "--device"}).err, HasSubstr("--device is followed by no value"));
    EXPECT_THAT(limbeck_cli({"run", "a", "--json=yes"}).err, HasSubstr("takes no value"));
    EXPECT_THAT(limbeck_cli({"run", "a", "--device", "cpu", "--device=cpu"}).err, HasSubstr("given twice"));
    EXPECT_THAT(limbeck_cli({"repeat", "a"}).err, HasSubstr("--run ID"));
    EXPECT_THAT(limbeck_cli({"export", "a", "--run", "x", "--format", "csv", "-o", "f"}).err,
                HasSubstr("number of a run"));
    EXPECT_THAT(limbeck_cli({"export", "a", "--run", "1", "--format", "cvs", "-o", "f"}).err,
                HasSubstr("nearest is csv"));
    EXPECT_THAT(limbeck_cli({"resume", "a", "--set", "training.seed=3"}).err,
                HasSubstr("only training.epochs"));
    EXPECT_THAT(limbeck_cli({"objective", "kdd", "--in", "a", "--out", "b"}).err, HasSubstr("nearest is kd"));
    EXPECT_THAT(limbeck_cli({"forward", "resnet21", "--weights", "w", "--in", "a", "--out", "b"}).err,
                HasSubstr("resnet20"));
}

TEST(Usage, AWrongSettingIsToldBeforeTheProjectIsLookedAt) {
    for (const char* setting :
         {"training.epoch=3", "training.epochs=0", "epochs", "=3", "training.device=gpu"}) {
        const Outcome outcome = limbeck_cli({"run", "nowhere", "--set", setting});
        EXPECT_EQ(outcome.code, 2) << setting;
        EXPECT_THAT(outcome.err, testing::Not(HasSubstr("nowhere"))) << setting;
    }
    EXPECT_EQ(limbeck_cli({"run", "nowhere", "--device", "gpu"}).code, 2);
}

TEST(Usage, ErrorsAreObjectsTooWithJson) {
    const Outcome outcome = limbeck_cli({"run", "nowhere", "--set", "training.epoch=3", "--json"});
    EXPECT_EQ(outcome.code, 2);
    ASSERT_EQ(outcome.objects().size(), 1u);
    EXPECT_EQ(outcome.objects()[0].at("event"), "error");
    EXPECT_EQ(outcome.objects()[0].at("kind"), "configuration");
}

TEST(Lists, NameWhatThereIsInWordsAndAsJson) {
    EXPECT_THAT(limbeck_cli({"datasets"}).out, HasSubstr("glyphs"));
    EXPECT_THAT(limbeck_cli({"models"}).out, HasSubstr("resnet110"));
    EXPECT_THAT(limbeck_cli({"objectives"}).out, HasSubstr("mse-logits"));
    EXPECT_THAT(limbeck_cli({"schemes"}).out, HasSubstr("born-again"));
    EXPECT_THAT(limbeck_cli({"samples"}).out, HasSubstr("fashion-mnist"));
    for (const auto& [command, event] : {std::pair("datasets", "dataset"), std::pair("models", "model"),
                                         std::pair("objectives", "objective"), std::pair("schemes", "scheme"),
                                         std::pair("samples", "sample")}) {
        const Outcome outcome = limbeck_cli({command, "--json"});
        EXPECT_EQ(outcome.code, 0);
        ASSERT_FALSE(outcome.objects().empty());
        for (const auto& object : outcome.objects())
            EXPECT_EQ(object.at("event"), event);
    }
}

} // namespace
} // namespace limbeck::test
