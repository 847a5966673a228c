// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/baseline.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analyzer/analysis/signature.h"
#include "analyzer/report/page.h"

namespace stray::analyzer {
namespace {

using Key = std::pair<std::string, std::string>;  // program, signature

Key KeyOf(const BaselineEntry& entry) { return {entry.program, entry.signature}; }

Key KeyOf(const Finding& finding) {
  return {finding.process == nullptr ? "" : ProgramOf(*finding.process), finding.signature};
}

std::set<std::string> ProgramsOf(const Model& model) {
  std::set<std::string> programs;
  for (const auto& process : model.processes) programs.insert(ProgramOf(*process));
  return programs;
}

BaselineEntry EntryOf(const Finding& finding, Date today, const std::string& reason) {
  BaselineEntry entry;
  entry.signature = finding.signature;
  entry.program = KeyOf(finding).first;
  entry.title = Printable(finding.title);
  for (const std::string& site : SignatureSites(finding)) entry.sites.push_back(Printable(site));
  entry.added = today;
  entry.reason = reason;
  entry.findings = 0;  // counted by the caller
  return entry;
}

// One for each program and signature, with the highest number of such findings in a process.
std::map<Key, BaselineEntry> EntriesOf(const std::vector<Finding>& findings, Date today,
                                       const std::string& reason) {
  std::map<Key, BaselineEntry> entries;
  std::map<std::pair<Key, const ProcessModel*>, uint64_t> counts;
  for (const Finding& finding : findings) {
    const Key key = KeyOf(finding);
    const auto it = entries.try_emplace(key, EntryOf(finding, today, reason)).first;
    it->second.findings = std::max(it->second.findings, ++counts[{key, finding.process}]);
  }
  return entries;
}

bool ComesBefore(const BaselineEntry& a, const BaselineEntry& b) {
  const absl::string_view id_of_a = IdOfSignature(a.signature), id_of_b = IdOfSignature(b.signature);
  return std::tie(a.program, id_of_a, a.sites, a.signature) <
         std::tie(b.program, id_of_b, b.sites, b.signature);
}

}  // namespace

std::string ProgramOf(const ProcessModel& process) {
  if (!process.process.invoked_name().empty()) return Printable(process.process.invoked_name());
  const std::string& path = process.process.program();
  return Printable(path.substr(path.rfind('/') + 1));
}

absl::string_view IdOfSignature(absl::string_view signature) {
  return signature.substr(0, signature.rfind('-'));
}

void Baseline::Apply(std::vector<Finding>& findings) {
  std::map<Key, BaselineEntry*> entries;
  for (BaselineEntry& entry : entries_) entries[KeyOf(entry)] = &entry;
  std::map<std::pair<const BaselineEntry*, const ProcessModel*>, uint64_t> met;
  for (Finding& finding : findings) {
    if (finding.suppressed) continue;
    const auto it = entries.find(KeyOf(finding));
    finding.known = it != entries.end() && ++met[{it->second, finding.process}] <= it->second->findings;
    if (*finding.known) it->second->found = true;
  }
}

absl::Status Baseline::CheckPrograms(const Model& model) const {
  const std::set<std::string> programs = ProgramsOf(model);
  const bool is_known = programs_.empty() || programs.empty() ||
                        std::any_of(programs_.begin(), programs_.end(),
                                    [&](const std::string& program) { return programs.contains(program); });
  if (is_known) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("baseline: ", name_, " is about ", absl::StrJoin(programs_, ", "), ", not about ",
                   absl::StrJoin(programs, ", "), ": add it with `stray baseline update ", name_, " DUMP`"));
}

size_t Baseline::CountMissing(const Model& model) const {
  const std::set<std::string> programs = ProgramsOf(model);
  return static_cast<size_t>(std::count_if(entries_.begin(), entries_.end(), [&](const BaselineEntry& entry) {
    return !entry.found && programs.contains(entry.program);
  }));
}

BaselineChange Baseline::Update(const Model& model, const std::vector<Finding>& findings, bool keep, Date today,
                                const std::string& reason) {
  BaselineChange change;
  const std::set<std::string> programs = ProgramsOf(model);
  std::map<Key, BaselineEntry> now = EntriesOf(findings, today, reason);
  std::vector<BaselineEntry> entries;
  for (BaselineEntry& entry : entries_) {
    const auto it = now.find(KeyOf(entry));
    if (it == now.end() && !keep && programs.contains(entry.program)) {
      change.removed.push_back(std::move(entry));
      continue;
    }
    if (it != now.end()) {
      entry.findings = keep ? std::max(entry.findings, it->second.findings) : it->second.findings;
      now.erase(it);
    }
    ++change.kept;
    entries.push_back(std::move(entry));
  }
  for (auto& [key, entry] : now) {
    change.added.push_back(entry);
    entries.push_back(std::move(entry));
  }
  std::sort(entries.begin(), entries.end(), ComesBefore);
  entries_ = std::move(entries);
  std::set<std::string> all(programs_.begin(), programs_.end());
  all.insert(programs.begin(), programs.end());
  all.erase("");
  programs_.assign(all.begin(), all.end());
  return change;
}

}  // namespace stray::analyzer
