// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/run/run_settings.h"

#include <signal.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "analyzer/cli/options.h"
#include "analyzer/cli/run/periodic_watch.h"

namespace stray::analyzer {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

// Variables in which test runners tell their limit, in seconds.
constexpr const char* kTimeoutVariables[] = {"TEST_TIMEOUT", "CTEST_TEST_TIMEOUT", "CTEST_TIMEOUT"};

constexpr seconds kLeastReserve(2);
constexpr seconds kListing(60);

// The same language as in instrumentation/runtime/seeded_order.h, which cannot be included here.
absl::Status CheckOrder(const std::string& text) {
  const std::vector<std::string> words = absl::StrSplit(text, absl::MaxSplits(':', 1));
  if (words[0] == "steer" && words.size() == 2 && !words[1].empty()) return absl::OkStatus();
  const std::vector<std::string> numbers = absl::StrSplit(words.back(), ',');
  const size_t wanted = words[0] == "seed" ? 1 : words[0] == "pct" ? 2 : 0;
  bool is_good = words.size() == 2 && numbers.size() == wanted;
  for (const std::string& number : numbers) {
    uint64_t value = 0;
    is_good = is_good && std::all_of(number.begin(), number.end(), absl::ascii_isdigit) &&
              absl::SimpleAtoi(number, &value) && (&number == &numbers[0] || (value >= 1 && value <= 1000));
  }
  if (is_good) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "--sched: \"", text, "\" is neither seed:N nor pct:N,D nor steer:FILE (N a number, D from 1 to 1000)"));
}

CLI::Option* AddPerTestOptions(CLI::App& app, RunSettings& settings) {
  CLI::Option* per_test = app.add_flag("--per-test{auto}", settings.per_test,
                                       "Each test in a process of its own: GoogleTest, Catch2, doctest; "
                                       "=gtest, =catch2, ... to say which")
                              ->check(OneOf({"auto", "gtest", "catch2", "catch3", "doctest", "off"}));
  app.add_option("-j,--jobs", settings.jobs,
                 "How many tests of --per-test at a time (default: one a processor)")
      ->check(CLI::Range(1, 1024).description(""))
      ->type_name("N")
      ->needs(per_test);
  AddParsed<std::string>(app, "--keep", "Which dumps --output keeps: all (default), or findings",
                         [&settings](const std::string& word) {
                           settings.keep_all = word == "all";
                           return absl::OkStatus();
                         })
      ->check(OneOf({"all", "findings"}))
      ->type_name("WHICH");
  return per_test;
}

void AddTraceOptions(CLI::App& app, RunSettings& settings) {
  CLI::Option* trace =
      app.add_flag("--trace{wait}", settings.trace,
                   "Record what tasks do; find what another order would show. =drop: rather lose than wait")
          ->check(OneOf({"wait", "drop"}));
  AddParsed<std::string>(app, "--trace-size", "How much of a packed trace is kept, in MiB (default: 1024)",
                         [&settings](const std::string& text) {
                           uint64_t mebibytes = 0;
                           if (!absl::SimpleAtoi(text, &mebibytes) || mebibytes == 0 || mebibytes > (1u << 20))
                             return absl::InvalidArgumentError("--trace-size: a number of MiB from 1 on");
                           settings.trace_bytes = mebibytes << 20;
                           return absl::OkStatus();
                         })
      ->type_name("N")
      ->needs(trace);
  app.add_option("--trace-events", settings.trace_events,
                 "Foresee nothing of a longer trace (default: what fits into half of the memory)")
      ->check(CLI::Range(uint32_t{0}, kNoEvent - 2).description(""))
      ->type_name("N")
      ->needs(trace);
}

}  // namespace

void AddRunOptions(CLI::App& app, RunSettings& settings) {
  AddReportOutputOptions(app, settings.output);
  AddJudgeOptions(app, settings.judge);
  AddDuration(app, "--timeout", settings.timeout, "When to say what hangs and exit 124 (0: never)");
  AddDuration(app, "--grace", settings.grace, "How long a hang must last to be one (default: 1s)");
  AddDuration(app, "--settle", settings.settle, "What tasks get to end after main (default: 400ms)");
  app.add_option("--output", settings.dump_directory, "Keep dumps there, as PROGRAM.PID.stray")
      ->type_name("DIR");
  app.add_option("--exit-code", settings.findings_status, "Exit status if there are findings (default: 66)")
      ->check(CLI::Range(0, 255).description(""))
      ->type_name("N");
  CLI::Option* seeds = app.add_option("--seeds", settings.seeds,
                                      "Run it with orders of goroutines 1 to K, up to the first finding")
                           ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 32).description(""))
                           ->type_name("K");
  app.add_flag("--all-seeds", settings.all_seeds, "Go on to the last of the --seeds")->needs(seeds);
  AddParsed<std::string>(app, "--sched", "Order of goroutines: seed:N, pct:N,D, steer:FILE (STRAY_SCHED)",
                         [&settings](const std::string& text) {
                           settings.order = text;
                           return CheckOrder(text);
                         })
      ->type_name("ORDER")
      ->excludes(seeds);
  CLI::Option* watch = AddWatchOption(app, settings.watch)->excludes(seeds);
  CLI::Option* http = AddHttpOptions(app, settings.http)->excludes(seeds);
  AddWaitRateOptions(app, settings.wait_rates);
  AddPerTestOptions(app, settings)->excludes(seeds)->excludes(http)->excludes(watch);
  app.add_flag("--prove", settings.prove, "Prove leaks by what the tasks left can reach (costs memory)");
  AddTraceOptions(app, settings);
  app.add_flag("--quiet", settings.quiet, "Print nothing if nothing was found");
  app.add_flag_function(
      "--no-follow", [&settings](int64_t count) { settings.follow = count <= 0; },
      "Look at the command alone, not at its children");
  app.add_option("--signal", settings.signal, "Signal that asks the agent for a snapshot")
      ->check(CLI::Range(1, SIGRTMAX).description(""))
      ->type_name("N");
  app.add_flag("--list-ignores", settings.list_ignores, "List the threads ignored by default, and why");
}

std::string AgentOptions(const RunSettings& settings) {
  const auto settle = std::chrono::duration_cast<std::chrono::milliseconds>(settings.settle);
  std::string options = absl::StrCat("settle=", settle.count(), " follow=", settings.follow ? 1 : 0);
  if (settings.prove) absl::StrAppend(&options, " prove=1");
  if (!settings.trace.empty()) absl::StrAppend(&options, " trace=", settings.trace == "wait" ? 1 : 2);
  if (settings.wait_rates.block.count() != 0)
    absl::StrAppend(&options, " block_rate_ns=", settings.wait_rates.block.count());
  if (settings.wait_rates.mutex_fraction != 0)
    absl::StrAppend(&options, " mutex_fraction=", settings.wait_rates.mutex_fraction);
  if (settings.signal != 0) absl::StrAppend(&options, " signal=", settings.signal);
  return options;
}

std::optional<nanoseconds> EffectiveTimeout(const RunSettings& settings,
                                            const std::function<const char*(const char*)>& variable) {
  if (settings.timeout == nanoseconds::zero()) return std::nullopt;
  if (settings.timeout > nanoseconds::zero()) return settings.timeout;
  for (const char* name : kTimeoutVariables) {
    const char* value = variable(name);
    double limit_seconds = 0;
    if (value == nullptr || !absl::SimpleAtod(value, &limit_seconds) || limit_seconds <= 0) continue;
    const nanoseconds limit(static_cast<int64_t>(limit_seconds * 1e9));
    const nanoseconds reserve = std::max<nanoseconds>(limit / 20, kLeastReserve);
    return std::max(limit - reserve, limit / 2);
  }
  return std::nullopt;
}

std::optional<nanoseconds> ListingLimit(const RunSettings& settings,
                                        const std::function<const char*(const char*)>& variable) {
  const std::optional<nanoseconds> limit = EffectiveTimeout(settings, variable);
  const bool is_never = settings.timeout == nanoseconds::zero();
  return limit.has_value() || is_never ? limit : kListing;
}

}  // namespace stray::analyzer
