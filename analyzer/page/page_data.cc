// SPDX-License-Identifier: Apache-2.0
#include "analyzer/page/page_data.h"

#include <set>

#include "analyzer/analysis/analyze.h"
#include "analyzer/page/finding_entries.h"
#include "analyzer/page/profile_columns.h"
#include "analyzer/page/rows.h"
#include "analyzer/page/tables.h"
#include "analyzer/page/timeline_columns.h"
#include "analyzer/report/data_remarks.h"
#include "analyzer/report/names.h"
#include "analyzer/report/page.h"
#include "analyzer/report/report.h"

namespace stray::analyzer {
namespace {

Json SnapshotJson(const ProcessModel& model) {
  const SnapshotModel* snapshot = SnapshotToJudge(model);
  if (snapshot == nullptr) return nullptr;
  const wire::Process& process = model.process;
  const wire::Snapshot& info = snapshot->info;
  const bool has_date = process.start_realtime_ns() != 0 && info.time_ns() >= process.start_ns();
  const uint64_t date_ns = process.start_realtime_ns() + (info.time_ns() - process.start_ns());
  return {
      {"reason", Printable(info.reason())},
      {"date_ms", has_date ? Json(date_ns / 1'000'000) : Json(nullptr)},
      {"since_start_ms", has_date ? Json((info.time_ns() - process.start_ns()) / 1'000'000) : Json(nullptr)},
      {"tasks", snapshot->tasks.size()},
      {"unknown_threads", info.unknown_threads()},
      {"stacks_missing", info.stacks_missing()},
      {"reach", Printable(info.reach())}};
}

Json ProcessJson(const ProcessModel& model) {
  const wire::Process& process = model.process;
  Json arguments = Json::array();
  for (const std::string& argument : process.arguments()) arguments.push_back(Printable(argument));
  return {{"name", Printable(ProgramName(model))},
          {"label", Printable(ProcessName(model))},
          {"path", Printable(process.program())},
          {"pid", process.pid()},
          {"arguments", std::move(arguments)},
          {"working_directory", Printable(process.working_directory())},
          {"state", Printable(process.state())},
          {"exit_status", process.has_exit_status() ? Json(process.exit_status()) : Json(nullptr)},
          {"fatal_signal", process.fatal_signal() == 0 ? Json(nullptr) : Json(process.fatal_signal())},
          {"tasks", model.tasks.size()},
          {"snapshots", model.snapshots.size()},
          {"snapshot", SnapshotJson(model)}};
}

Json TextsJson(const std::vector<std::string>& texts) {
  Json all = Json::array();
  for (const std::string& text : texts) all.push_back(Printable(text));
  return all;
}

Json SuppressedJson(const std::vector<Finding>& findings) {
  std::set<std::string> rules;
  for (const Finding& finding : findings) {
    if (finding.suppressed) rules.insert(Printable(finding.suppressed_by));
  }
  return rules;
}

}  // namespace

std::string PageData(const Model& model, const std::vector<Finding>& findings, const PageOptions& options) {
  Texts texts;
  Lists lists;
  Stacks stacks(texts, options.source_lines);
  const TaskVerdicts verdicts(findings);
  Rows rows(model, verdicts, texts, lists, stacks);
  Json json;
  json["schema"] = "stray.page/1";
  json["headline"] = Headline(model, findings);
  json["incomplete"] = IsIncomplete(model);
  json["remarks"] = Json::array();
  for (const DataRemark& remark : DataRemarks(model))
    json["remarks"].push_back({{"text", Printable(remark.text)}, {"incomplete", remark.incomplete}});
  json["notes"] = TextsJson(options.notes);
  json["suppressed"] = SuppressedJson(findings);
  json["dumps"] = TextsJson(options.dumps);
  json["processes"] = Json::array();
  for (const auto& process : model.processes) json["processes"].push_back(ProcessJson(*process));
  json["findings"] = FindingEntries(model, findings, options, texts, stacks, rows);
  json["timeline"] = TimelineJson(model, texts, stacks, rows);
  json["profiles"] = ProfilesJson(model, texts, stacks);
  json.update(rows.ToJson());
  json["stacks"] = stacks.StacksJson();
  json["frames"] = stacks.FramesJson();
  json["lists"] = lists.ToJson();
  json["texts"] = texts.ToJson();
  json["changes"] = options.changes == nullptr ? Json(nullptr) : Json::parse(DiffJson(*options.changes));
  json["refresh_ms"] = options.refresh_ms;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace stray::analyzer
