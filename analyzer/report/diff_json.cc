// SPDX-License-Identifier: Apache-2.0
// diff_json.cc: schema stray.diff/1 (docs/diff.schema.json). Fields are only ever added. Part of dump_diff.h.
#include "analyzer/report/dump_diff.h"
#include "analyzer/report/finding_text.h"
#include "nlohmann/json.hpp"

namespace stray::analyzer {
namespace {

using Json = nlohmann::ordered_json;

Json DumpJson(const DumpPoint& dump) {
  return {{"path", dump.path},
          {"programs", dump.programs},
          {"time_ns", dump.time_ns.has_value() ? Json(*dump.time_ns) : Json(nullptr)},
          {"tasks", dump.tasks},
          {"findings", dump.findings},
          {"incomplete", dump.incomplete}};
}

Json TrendJson(const std::optional<SeriesTrend>& trend) {
  if (!trend.has_value()) return nullptr;
  return {{"per_dump", trend->per_dump},
          {"per_minute", trend->per_minute.has_value() ? Json(*trend->per_minute) : Json(nullptr)}};
}

Json TaskJson(const TaskSeries& series) {
  Json waits = Json::array();
  for (const std::optional<WaitTimes>& times : series.waits) {
    waits.push_back(
        times.has_value()
            ? Json{{"min_ns", times->least_ns}, {"median_ns", times->median_ns}, {"max_ns", times->most_ns}}
            : Json(nullptr));
  }
  return {{"change", ChangeText(series.change)},
          {"program", series.program},
          {"kind", series.kind},
          {"state", series.state},
          {"wait_reason", series.wait_reason},
          {"waits_on", series.waits_on.empty() ? Json(nullptr) : Json(series.waits_on)},
          {"holds_locks", series.holds_locks},
          {"functions", series.functions},
          {"place", series.place},
          {"counts", series.counts},
          {"waits", std::move(waits)},
          {"trend", TrendJson(series.trend)}};
}

Json FindingJson(const FindingSeries& series) {
  return {{"change", ChangeText(series.change)},
          {"id", series.id},
          {"signature", series.signature},
          {"program", series.program},
          {"title", series.title},
          {"place", series.place},
          {"confidence", ConfidenceText(series.confidence)},
          {"excused", series.excused},
          {"counts", series.counts},
          {"trend", TrendJson(series.trend)}};
}

}  // namespace

std::string DiffJson(const DumpDiff& diff) {
  Json json;
  json["schema"] = "stray.diff/1";
  for (const char* list : {"dumps", "findings", "tasks"}) json[list] = Json::array();
  for (const DumpPoint& dump : diff.dumps) json["dumps"].push_back(DumpJson(dump));
  for (const FindingSeries& series : diff.findings) json["findings"].push_back(FindingJson(series));
  for (const TaskSeries& series : diff.tasks) json["tasks"].push_back(TaskJson(series));
  // Names from the program may be no UTF-8; such bytes become U+FFFD.
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace stray::analyzer
