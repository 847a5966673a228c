// SPDX-License-Identifier: Apache-2.0
#include "analyzer/report/reported_json.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace stray::analyzer {
namespace {

using Json = nlohmann::ordered_json;

std::string Hex(uint64_t value) { return absl::StrCat("0x", absl::Hex(value)); }

template <typename Number>
Json NumberOrNull(Number number) {
  return number == 0 ? Json(nullptr) : Json(number);
}

Json TextOrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json PlaceJson(const wire::MemoryPlace& place, const FramesToJson& frames) {
  Json json;
  json["kind"] = place.kind();
  json["name"] = TextOrNull(place.name());
  json["address"] = place.address() == 0 ? Json(nullptr) : Json(Hex(place.address()));
  json["size"] = NumberOrNull(place.size());
  json["task"] = NumberOrNull(place.task());
  json["frames"] = frames(place.stack());
  if (place.kind() == "fd") {
    json["fd"] = place.fd();
    json["closed"] = place.closed();
  }
  if (!place.file().empty()) {
    json["file"] = place.file();
    json["line"] = NumberOrNull(place.line());
  }
  return json;
}

Json StepsJson(const google::protobuf::RepeatedPtrField<wire::ScheduleStep>& steps,
               const FramesToJson& frames) {
  Json all = Json::array();
  for (const wire::ScheduleStep& step : steps)
    all.push_back({{"task", step.task()}, {"what", step.what()}, {"frames", frames(step.stack())}});
  return all;
}

}  // namespace

Json AccessJson(const EvidenceAccess& access) {
  Json json;
  json["write"] = access.write;
  json["atomic"] = access.atomic;
  json["size"] = NumberOrNull(access.size);
  json["address"] = access.address == 0 ? Json(nullptr) : Json(Hex(access.address));
  json["object_type"] = TextOrNull(access.object_type);
  return json;
}

Json ReportedJson(const EvidenceReport& reported, const FramesToJson& frames) {
  const wire::SanitizerReport& report = *reported.shown;
  Json json;
  json["kind"] = report.kind();
  json["title"] = report.title();
  json["reporter"] = report.reporter();
  json["locks_known"] = !report.locks_unknown();
  json["cut"] = report.cut();
  json["call_paths"] = reported.call_paths;
  json["pids"] = reported.pids;
  json["origins"] = reported.origins;
  json["memory"] = Json::array();
  for (const wire::MemoryPlace& place : report.places()) json["memory"].push_back(PlaceJson(place, frames));
  json["stacks"] = Json::array();
  for (const wire::ReportStack& stack : report.stacks())
    json["stacks"].push_back({{"role", stack.role()}, {"frames", frames(stack.stack())}});
  if (report.has_schedule()) {
    json["schedule"] = {{"left_out", report.schedule().left_out()},
                        {"steps", StepsJson(report.schedule().steps(), frames)},
                        {"next", StepsJson(report.schedule().next(), frames)}};
  }
  json["unread"] = Json::array();
  for (const std::string& line : report.unread()) json["unread"].push_back(line);
  return json;
}

}  // namespace stray::analyzer
