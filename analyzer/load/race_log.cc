// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/race_log.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "analyzer/load/go_deadlock_report.h"
#include "analyzer/load/go_race_report.h"
#include "analyzer/load/log_lines.h"
#include "analyzer/load/log_process.h"
#include "analyzer/load/tsan_report.h"

namespace stray::analyzer {
namespace {

constexpr absl::string_view kTsanHead = "WARNING: ThreadSanitizer: ";
constexpr absl::string_view kGoRaceHead = "WARNING: DATA RACE";
constexpr absl::string_view kGoDeadlockHead = "WARNING: DEADLOCK";
constexpr absl::string_view kTsanTotal = "ThreadSanitizer: reported ";
constexpr absl::string_view kGoTotal = "Found ";
constexpr absl::string_view kGoTotalEnd = " data race(s)";
constexpr absl::string_view kFatal = "FATAL: ThreadSanitizer";

// A model takes several times the memory of its text.
constexpr size_t kMaxLogBytes = size_t{1} << 30;
constexpr size_t kMaxReports = 1u << 18;
constexpr size_t kMaxProcesses = 1u << 16;
constexpr size_t kMaxDamage = 100;

absl::string_view LastPart(absl::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == absl::string_view::npos ? path : path.substr(slash + 1);
}

// "log.4711" of log_path: 4711.
int32_t PidInName(absl::string_view name) {
  const size_t dot = name.rfind('.');
  int32_t pid = 0;
  if (dot == absl::string_view::npos || !absl::SimpleAtoi(name.substr(dot + 1), &pid)) return 0;
  return std::max(pid, 0);
}

// The line of equal signs before and after a report.
bool IsRule(absl::string_view line) {
  line = absl::StripAsciiWhitespace(line);
  return line.size() >= 10 && line.find_first_not_of('=') == absl::string_view::npos;
}

class RaceLogReader {
 public:
  RaceLogReader(absl::string_view bytes, const std::string& name, LogSource source)
      : lines_(bytes.substr(0, kMaxLogBytes)),
        name_(name),
        source_(source),
        whole_(bytes.size() <= kMaxLogBytes) {}

  Model Read();

 private:
  void TakeLine();
  bool TakeHead();
  void Begin(std::unique_ptr<LogReportReader> reader, LogProcess& process);
  void End(bool cut);
  void TakeTotal();
  void Count(absl::string_view text);
  LogProcess* ProcessOf(int32_t pid);
  void AddDamage(size_t line, absl::string_view what);

  LogLines lines_;
  const std::string& name_;
  const LogSource source_;
  bool whole_;
  std::map<int32_t, std::unique_ptr<LogProcess>> processes_;
  std::vector<LogProcess*> in_order_;
  std::unique_ptr<LogReportReader> reader_;  // of the report that these lines are part of, or null
  LogProcess* process_ = nullptr;            // its
  size_t begin_ = 0;                         // the line it begins in
  uint64_t reports_ = 0;                     // seen, whole or not
  uint64_t counted_ = 0;                     // that the detectors say they have printed
  std::vector<std::string> damage_;
};

void RaceLogReader::AddDamage(size_t line, absl::string_view what) {
  if (damage_.size() == kMaxDamage)
    damage_.push_back(absl::StrCat(name_, ": there is more damage than is named"));
  if (damage_.size() >= kMaxDamage) return;
  damage_.push_back(line == 0 ? absl::StrCat(name_, ": ", what) : absl::StrCat(name_, ":", line, ": ", what));
}

LogProcess* RaceLogReader::ProcessOf(int32_t pid) {
  auto [it, is_new] = processes_.try_emplace(pid, nullptr);
  if (is_new) {
    it->second = std::make_unique<LogProcess>(name_, pid);
    in_order_.push_back(it->second.get());
  }
  return it->second.get();
}

void RaceLogReader::Begin(std::unique_ptr<LogReportReader> reader, LogProcess& process) {
  ++reports_;
  reader_ = std::move(reader);
  process_ = &process;
  begin_ = lines_.number();
}

void RaceLogReader::End(bool cut) {
  if (reader_ == nullptr) return;
  const std::unique_ptr<LogReportReader> reader = std::move(reader_);
  cut = cut && reader->HasEndMark();
  LogReport read = reader->Finish(cut);
  if (cut) AddDamage(begin_, "the report that begins here was cut");
  for (const std::string& loss : reader->losses())
    AddDamage(begin_, absl::StrCat("of the report that begins here, ", loss));
  if (!reader->IsUsable()) return;
  read.report.set_origin(absl::StrCat(LastPart(name_), ":", begin_));
  process_->Add(std::move(read));
}

// The first line of a report, whatever stands before it.
bool RaceLogReader::TakeHead() {
  for (const absl::string_view head :
       {kTsanHead, kGoRaceHead, kGoDeadlockHead, GoDeadlockReportReader::kHead}) {
    const size_t at = lines_.line().find(head);
    if (at == absl::string_view::npos) continue;
    End(/*cut=*/true);
    lines_.SetPrefix(at);
    if (reports_ >= kMaxReports || processes_.size() >= kMaxProcesses) {
      ++reports_;
      return true;
    }
    absl::string_view title = absl::StripAsciiWhitespace(lines_.line().substr(head.size()));
    int32_t pid = PidInName(name_);
    if (head == GoDeadlockReportReader::kHead) {
      LogProcess* process = ProcessOf(pid);
      Begin(std::make_unique<GoDeadlockReportReader>(process->code(), title), *process);
      return true;
    }
    if (head != kTsanHead) {
      LogProcess* process = ProcessOf(pid);
      Begin(std::make_unique<GoRaceReportReader>(process->code(), head.substr(9)), *process);
      return true;
    }
    const size_t begin_pid = title.rfind(" (pid=");
    if (begin_pid != absl::string_view::npos) {
      uint64_t number = 0;
      absl::string_view rest = title.substr(begin_pid + 6);
      if (ConsumeNumber(rest, number) && number <= INT32_MAX) pid = static_cast<int32_t>(number);
      title = title.substr(0, begin_pid);
    }
    LogProcess* process = ProcessOf(pid);
    Begin(std::make_unique<TsanReportReader>(process->code(), title), *process);
    return true;
  }
  return false;
}

void RaceLogReader::Count(absl::string_view text) {
  uint64_t number = 0;
  if (ConsumeNumber(text, number) && number < kMaxReports) counted_ += number;
}

// What a detector says at the end, and what it says when it gives up.
void RaceLogReader::TakeTotal() {
  const absl::string_view line = lines_.line();
  if (const size_t at = line.find(kTsanTotal); at != absl::string_view::npos) {
    Count(line.substr(at + kTsanTotal.size()));
  } else if (const size_t begin = line.rfind(kGoTotal);
             begin != absl::string_view::npos && absl::StrContains(line, kGoTotalEnd)) {
    Count(line.substr(begin + kGoTotal.size()));
  } else if (absl::StrContains(line, kFatal) || absl::StrContains(line, "ThreadSanitizer: CHECK failed") ||
             absl::StrContains(line, "ThreadSanitizer:DEADLYSIGNAL")) {
    AddDamage(lines_.number(),
              absl::StrCat("the detector gave up: ", absl::StripAsciiWhitespace(line).substr(0, 200)));
  }
}

void RaceLogReader::TakeLine() {
  if (TakeHead()) return;
  if (reader_ == nullptr) return TakeTotal();
  if (IsRule(lines_.line())) return End(/*cut=*/false);
  reader_->Take(lines_.line());
  if (reader_->IsComplete()) End(/*cut=*/false);
}

Model RaceLogReader::Read() {
  while (lines_.Next()) TakeLine();
  End(/*cut=*/true);
  if (!whole_) AddDamage(0, "only its first 1 GiB was read");
  if (reports_ > kMaxReports) AddDamage(0, "it has too many reports: not all of them were read");
  if (source_ == LogSource::kFile && counted_ > reports_) {
    AddDamage(0, absl::StrCat(counted_ - reports_, " of the ", counted_,
                              " reports that the detector has counted are not in it"));
  }
  if (processes_.empty()) ProcessOf(PidInName(name_));
  Model model;
  for (LogProcess* process : in_order_) {
    model.processes.push_back(process->Finish());
    model.processes.back()->Index();
  }
  model.damage = std::move(damage_);
  return model;
}

}  // namespace

bool LooksLikeRaceLog(absl::string_view bytes) {
  bytes = bytes.substr(0, kMaxLogBytes);
  for (const absl::string_view mark : {kTsanHead, kGoRaceHead, kGoDeadlockHead, kTsanTotal, kGoTotalEnd, kFatal,
                                       GoDeadlockReportReader::kHead}) {
    if (memmem(bytes.data(), bytes.size(), mark.data(), mark.size()) != nullptr) return true;
  }
  return false;
}

Model ReadRaceLog(absl::string_view bytes, const std::string& name, LogSource source) {
  return RaceLogReader(bytes, name, source).Read();
}

}  // namespace stray::analyzer
