// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "analyzer/cli/run/run_settings.h"

namespace stray::analyzer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> Names(const std::vector<Setting>& settings) {
  std::vector<std::string> names;
  for (const Setting& setting : settings) {
    names.push_back(setting.name + (setting.values.empty() ? "" : "=" + setting.values[0]));
  }
  return names;
}

TEST(SettingsVariableTest, SpacesAndColonsSeparate) {
  EXPECT_THAT(Names(ParseSettingsVariable("grace=2s fail-on=proved")),
              ElementsAre("grace=2s", "fail-on=proved"));
  EXPECT_THAT(Names(ParseSettingsVariable("grace=2s:quiet:color=never")),
              ElementsAre("grace=2s", "quiet", "color=never"));
  EXPECT_THAT(Names(ParseSettingsVariable("  \n")), ElementsAre());
}

TEST(SettingsVariableTest, ColonInsideAPathSeparatesNothing) {
  EXPECT_THAT(Names(ParseSettingsVariable("output=/a:/b/c:grace=1s")),
              ElementsAre("output=/a:/b/c", "grace=1s"));
}

// A scratch directory with a settings file, and the command line of `stray run` before it is filled.
class SettingsFileTest : public testing::Test {
 protected:
  SettingsFileTest() {
    char name[] = "/tmp/stray_settings_XXXXXX";
    folder_ = mkdtemp(name);
    run_ = app_.add_subcommand("run");
    AddRunOptions(*run_, settings_);
    OutputSettings other;
    app_.add_subcommand("report")->add_option("--width", width_);
  }
  ~SettingsFileTest() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& text) {
    const std::string path = folder_ + "/.stray.toml";
    std::ofstream(path) << text;
    return path;
  }

  absl::Status Apply(const std::string& text) {
    const auto settings = ReadSettingsFile(Write(text));
    return settings.ok() ? ApplySettings(*settings, app_, *run_) : settings.status();
  }

  std::string folder_;
  CLI::App app_;
  CLI::App* run_ = nullptr;
  RunSettings settings_;
  int width_ = 0;
};

TEST_F(SettingsFileTest, NearestFileAboveIsFound) {
  const std::string path = Write("");
  std::filesystem::create_directories(folder_ + "/a/b");
  EXPECT_EQ(FindSettingsFile(folder_ + "/a/b"), path);
  EXPECT_EQ(FindSettingsFile(folder_), path);
}

TEST_F(SettingsFileTest, FileThatEverybodyCanWriteIsNotTrusted) {
  chmod(Write("").c_str(), 0666);
  EXPECT_EQ(FindSettingsFile(folder_), "");
}

TEST_F(SettingsFileTest, TopLevelAndOwnSectionApply) {
  ASSERT_TRUE(
      Apply("grace = \"2s\"\nquiet = true\n[run]\nexit-code = 5\nfail-on = [\"proved\", \"leak.alive\"]\n")
          .ok());
  EXPECT_EQ(settings_.grace, seconds(2));
  EXPECT_TRUE(settings_.quiet);
  EXPECT_EQ(settings_.findings_status, 5);
  Finding likely;
  likely.id = "lock-order.cycle";
  likely.confidence = Confidence::kLikely;
  EXPECT_FALSE(settings_.judge.fail_on.Matches(likely));
}

TEST_F(SettingsFileTest, OtherSectionsAndOptionsOfOtherCommandsAreLeftAlone) {
  ASSERT_TRUE(Apply("width = 100\n[report]\ngrace = \"9s\"\n").ok());
  EXPECT_EQ(settings_.grace, seconds(1));
  EXPECT_EQ(width_, 0);
}

TEST_F(SettingsFileTest, CommandLineComesFirst) {
  app_.parse("run --grace 3s");
  ASSERT_TRUE(Apply("grace = \"2s\"\nsettle = \"10ms\"\n").ok());
  EXPECT_EQ(settings_.grace, seconds(3));
  EXPECT_EQ(settings_.settle, milliseconds(10));
}

TEST_F(SettingsFileTest, VariableComesBeforeTheFile) {
  ASSERT_TRUE(ApplySettings(ParseSettingsVariable("grace=4s no-follow"), app_, *run_).ok());
  ASSERT_TRUE(Apply("grace = \"2s\"\n").ok());
  EXPECT_EQ(settings_.grace, seconds(4));
  EXPECT_FALSE(settings_.follow);
}

TEST_F(SettingsFileTest, PathsAreRelativeToTheFile) {
  ASSERT_TRUE(Apply("suppressions = \"ci/rules.supp\"\noutput = \"/var/dumps\"\n").ok());
  EXPECT_EQ(settings_.judge.suppressions, folder_ + "/ci/rules.supp");
  EXPECT_EQ(settings_.dump_directory, "/var/dumps");
}

TEST_F(SettingsFileTest, UnknownNameIsAnErrorWithASuggestion) {
  const absl::Status status = Apply("gracee = \"2s\"\n");
  EXPECT_THAT(std::string(status.message()), HasSubstr(".stray.toml:1: there is no setting \"gracee\""));
  EXPECT_THAT(std::string(status.message()), HasSubstr("did you mean \"grace\""));
}

TEST_F(SettingsFileTest, BadValueNamesTheFile) {
  const absl::Status status = Apply("grace = \"soon\"\n");
  EXPECT_THAT(std::string(status.message()), HasSubstr(".stray.toml:1: "));
  EXPECT_THAT(std::string(status.message()), HasSubstr("\"soon\" is not a duration"));
}

TEST_F(SettingsFileTest, CommentsMayFollowValues) {
  ASSERT_TRUE(Apply("# project settings\ngrace = \"2s\"  # slow machines\nquiet = true # less\n").ok());
  EXPECT_EQ(settings_.grace, seconds(2));
  EXPECT_TRUE(settings_.quiet);
}

TEST_F(SettingsFileTest, MistakesNameTheirLine) {
  const auto error = [this](const std::string& text) { return std::string(Apply(text).message()); };
  EXPECT_THAT(error("# why\n\n[run]\nquiet = true\nfail_on = \"proved\"\n"),
              HasSubstr(".stray.toml:5: there is no setting \"fail_on\"; did you mean \"fail-on\"?"));
  EXPECT_THAT(error("[rum]\nquiet = true\n"),
              HasSubstr(".stray.toml:2: there is no command \"rum\"; did you mean \"run\"?"));
  EXPECT_THAT(error("quiet = true\ngrace = 2s\n"), HasSubstr(".stray.toml:2: "));
  EXPECT_THAT(error("quiet = true\ngrace = 2s\n"), HasSubstr("text stands in quotes"));
  EXPECT_THAT(error("[run.more]\nquiet = true\n"), HasSubstr("\"more\" is no text, number"));
  EXPECT_THAT(error("grace = 1979-05-27\n"), HasSubstr(".stray.toml:1: \"grace\" is no text, number"));
}

TEST_F(SettingsFileTest, OwnSectionCountsBeforeTheTop) {
  ASSERT_TRUE(Apply("settle = \"1s\"\ngrace = \"5s\"\n[run]\nsettle = \"2s\"\n").ok());
  EXPECT_EQ(settings_.settle, seconds(2));
  EXPECT_EQ(settings_.grace, seconds(5));
}

TEST_F(SettingsFileTest, VariableOfAnOptionComesBeforeTheOthers) {
  const auto variable = [](const char* name) -> const char* {
    if (std::string(name) == "STRAY_GRACE") return "6s";
    if (std::string(name) == "STRAY_NO_FOLLOW") return "1";
    if (std::string(name) == "STRAY_SETTLE") return "";
    return nullptr;
  };
  const std::vector<Setting> settings = SettingsOfVariables(*run_, variable);
  EXPECT_THAT(Names(settings), testing::UnorderedElementsAre("grace=6s", "no-follow=1"));
  ASSERT_TRUE(ApplySettings(settings, app_, *run_).ok());
  ASSERT_TRUE(ApplySettings(ParseSettingsVariable("grace=4s settle=3s"), app_, *run_).ok());
  EXPECT_EQ(settings_.grace, seconds(6));
  EXPECT_EQ(settings_.settle, seconds(3));
  EXPECT_FALSE(settings_.follow);
}

TEST_F(SettingsFileTest, EveryOptionHasAVariable) {
  for (const CLI::Option* option : run_->get_options()) {
    if (option->get_lnames().empty()) ADD_FAILURE() << option->get_name() << " has no long name";
  }
  const auto all = SettingsOfVariables(*run_, [](const char*) -> const char* { return "x"; });
  EXPECT_EQ(all.size() + 2, run_->get_options().size()) << "all but --help and --sched";
}

TEST_F(SettingsFileTest, BadVariableIsNamed) {
  const auto variable = [](const char* name) -> const char* {
    return std::string(name) == "STRAY_FORMAT" ? "jsn" : nullptr;
  };
  const absl::Status status = ApplySettings(SettingsOfVariables(*run_, variable), app_, *run_);
  EXPECT_THAT(std::string(status.message()), HasSubstr("STRAY_FORMAT: "));
  EXPECT_THAT(std::string(status.message()), HasSubstr("did you mean \"json\""));
}

TEST_F(SettingsFileTest, MistypedVariablesAreNoticed) {
  const char* const environment[] = {"STRAY_FORMTA=json", "STRAY_AGENT=/a", "STRAY_FORMAT=json",
                                     "STRAY_CAT=1",       "HOME=/",         "STRAY_SCHED=seed:1"};
  EXPECT_THAT(MistypedVariables(environment, app_),
              ElementsAre("STRAY_FORMTA is no setting; did you mean STRAY_FORMAT?"));
}

TEST(SettingsVariableTest, QuotesKeepSpacesAndColonsTogether) {
  EXPECT_THAT(Names(ParseSettingsVariable("output=\"my dumps:quiet\" quiet")),
              ElementsAre("output=my dumps:quiet", "quiet"));
  EXPECT_THAT(Names(ParseSettingsVariable("output=\"not closed")), ElementsAre("output=not closed"));
}

}  // namespace
}  // namespace stray::analyzer
