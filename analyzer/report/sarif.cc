// SPDX-License-Identifier: Apache-2.0
// sarif.cc: findings as SARIF 2.1.0, which code scanning services and editors read.
//
//   rule       a finding id, with what it means and how it is usually fixed
//   result     a finding; its place, the stacks of its tasks, and for each task the way there as a thread flow:
//              created, lock taken, blocked. Its fingerprint is the signature, which stays the same when lines
//              move.
//   level      proved: error, likely: warning, heuristic: note
//   invocation what the report does not know, as notifications; it is successful if data is complete
//
// Paths below the root of the sources are relative to SRCROOT.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "analyzer/analysis/analyze.h"
#include "analyzer/analysis/describe.h"
#include "analyzer/report/data_remarks.h"
#include "analyzer/report/finding_place.h"
#include "analyzer/report/finding_text.h"
#include "analyzer/report/names.h"
#include "analyzer/report/page.h"
#include "analyzer/report/report.h"
#include "analyzer/report/task_stack.h"
#include "nlohmann/json.hpp"

namespace stray::analyzer {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kRoot[] = "SRCROOT";
constexpr size_t kMostTasks = 50;  // of one finding, with stacks

struct Rule {
  const char* id;
  const char* name;
  const char* meaning;
  const char* fix;
};

constexpr Rule kRules[] = {
#define STRAY_FINDING_ID(id, name, meaning, fix) {id, name, meaning, fix},
#include "analyzer/analysis/finding_ids.inc"
#undef STRAY_FINDING_ID
};

Json TextJson(absl::string_view text) { return {{"text", Printable(text)}}; }

// The characters that a path of a URI may have stay; all others become %XX.
std::string UriPath(absl::string_view path) {
  std::string uri;
  for (char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain =
        absl::ascii_isalnum(byte) || absl::string_view("/-._~!$&'()*+,;=@").find(c) != absl::string_view::npos;
    if (plain) {
      uri += c;
    } else {
      absl::StrAppendFormat(&uri, "%%%02X", byte);
    }
  }
  return uri;
}

Json ArtifactJson(absl::string_view root, absl::string_view path) {
  const std::string below = PathBelow(root, path);
  if (absl::StartsWith(below, "/")) return {{"uri", absl::StrCat("file://", UriPath(below))}};
  return {{"uri", UriPath(below)}, {"uriBaseId", kRoot}};
}

// `message` may be empty.
Json LocationJson(const std::optional<FrameView>& view, absl::string_view message, absl::string_view root) {
  Json json = Json::object();
  if (const std::optional<SourcePlace> source = SourceOf(view)) {
    Json place;
    place["artifactLocation"] = ArtifactJson(root, source->file);
    if (source->line != 0) place["region"] = {{"startLine", source->line}};
    json["physicalLocation"] = std::move(place);
  }
  if (view.has_value()) {
    Json function;
    function["fullyQualifiedName"] = Printable(DisplayName(*view));
    if (view->location != nullptr && !view->location->function().empty()) function["kind"] = "function";
    json["logicalLocations"] = Json::array({std::move(function)});
  }
  if (!message.empty()) json["message"] = TextJson(message);
  return json;
}

class ResultWriter {
 public:
  ResultWriter(const Finding& finding, const ReportOptions& options, bool with_suppressions)
      : finding_(finding),
        process_(finding.process == nullptr ? Nothing() : *finding.process),
        options_(options),
        with_suppressions_(with_suppressions) {}

  Json Write() const {
    Json json;
    json["ruleId"] = finding_.id;
    const auto* const rule = std::find_if(std::begin(kRules), std::end(kRules),
                                          [&](const Rule& known) { return finding_.id == known.id; });
    if (rule != std::end(kRules)) json["ruleIndex"] = rule - std::begin(kRules);
    json["level"] = Level();
    json["message"] = TextJson(absl::StrCat(finding_.title, ". ", finding_.explanation));
    json["locations"] = Json::array();
    const std::optional<FrameView> place = PlaceOf(finding_);
    if (place.has_value()) json["locations"].push_back(LocationJson(place, "", options_.source_root));
    AddStacks(json);
    AddFlows(json);
    json["partialFingerprints"] = {{"strayFinding/v1", Printable(finding_.signature)}};
    json["occurrenceCount"] = std::max<uint64_t>(finding_.count, 1);
    if (finding_.known.has_value()) json["baselineState"] = *finding_.known ? "unchanged" : "new";
    if (with_suppressions_) json["suppressions"] = SuppressionsJson();
    json["properties"] = PropertiesJson();
    return json;
  }

 private:
  static const ProcessModel& Nothing() {
    static const ProcessModel* const kNone = new ProcessModel;
    return *kNone;
  }

  const char* Level() const {
    switch (finding_.confidence) {
      case Confidence::kProved:
        return "error";
      case Confidence::kLikely:
        return "warning";
      case Confidence::kHeuristic:
        return "note";
    }
    return "none";
  }

  // "T2 "flusher" and 3 more: blocked in pthread_mutex_lock"
  std::string StackMessage(const TaskGroup& group, const EvidenceStack& stack) const {
    const EvidenceTask& task = group.tasks.front();
    std::string text = TaskLabel(process_, task.task);
    if (group.tasks.size() > 1) absl::StrAppend(&text, " and ", group.tasks.size() - 1, " more");
    absl::StrAppend(&text, ": ", stack.role.empty() ? "here" : stack.role);
    if (stack.role == "blocked" && !task.wait_reason.empty()) absl::StrAppend(&text, " in ", task.wait_reason);
    if (stack.cut) absl::StrAppend(&text, " (deeper frames are not recorded)");
    return text;
  }

  Json StackJson(const TaskGroup& group, const EvidenceStack& stack) const {
    Json json;
    json["message"] = TextJson(StackMessage(group, stack));
    json["frames"] = Json::array();
    for (const FrameView& view : FramesToShow(process_, stack.addresses)) {
      Json frame;
      frame["location"] = LocationJson(view, "", options_.source_root);
      if (view.module != nullptr) frame["module"] = Printable(ModuleName(view.module));
      json["frames"].push_back(std::move(frame));
    }
    return json;
  }

  void AddStacks(Json& json) const {
    Json stacks = Json::array();
    for (size_t i = 0; i < std::min(finding_.groups.size(), kMostTasks); ++i) {
      const TaskGroup& group = finding_.groups[i];
      if (group.tasks.empty()) continue;
      for (const EvidenceStack& stack : group.tasks.front().stacks) {
        if (!stack.addresses.empty()) stacks.push_back(StackJson(group, stack));
      }
    }
    if (!stacks.empty()) json["stacks"] = std::move(stacks);
  }

  static Json StepJson(Json location, const std::vector<const char*>& kinds) {
    Json step;
    step["location"] = std::move(location);
    if (!kinds.empty()) step["kinds"] = kinds;
    return step;
  }

  // How the task came to where it is: oldest first.
  Json FlowJson(const EvidenceTask& task) const {
    Json steps = Json::array();
    const auto add_stacks = [&](const auto& is_wanted) {
      for (const EvidenceStack& stack : task.stacks) {
        if (stack.addresses.empty() || !is_wanted(stack.role)) continue;
        const std::string role = stack.role == "blocked" && !task.wait_reason.empty()
                                     ? absl::StrCat("blocked in ", task.wait_reason)
                                     : stack.role;
        steps.push_back(
            StepJson(LocationJson(PlaceOfStack(process_, stack),
                                  absl::StrCat(TaskLabel(process_, task.task), role.empty() ? "" : " ", role),
                                  options_.source_root),
                     {}));
      }
    };
    add_stacks([](const std::string& role) { return role == "created"; });
    for (const EvidenceHeld& held : task.held) {
      const std::optional<FrameView> site = TopUserFrame(process_, held.site);
      if (!site.has_value()) continue;
      steps.push_back(StepJson(
          LocationJson(
              site, absl::StrCat(TaskLabel(process_, task.task), " takes ", ObjectLabel(process_, held.object)),
              options_.source_root),
          {"acquire", "lock"}));
    }
    // The same places again, unless what was held then is held no more.
    if (task.held.empty()) add_stacks([](const std::string& role) { return role == "acquired"; });
    add_stacks([](const std::string& role) { return role != "created" && role != "acquired"; });
    Json flow;
    flow["id"] = absl::StrCat(task.task);
    flow["message"] = TextJson(TaskLabel(process_, task.task));
    flow["locations"] = std::move(steps);
    return flow;
  }

  void AddFlows(Json& json) const {
    Json flows = Json::array();
    for (size_t i = 0; i < std::min(finding_.groups.size(), kMostTasks); ++i) {
      if (finding_.groups[i].tasks.empty()) continue;
      Json flow = FlowJson(finding_.groups[i].tasks.front());
      if (!flow["locations"].empty()) flows.push_back(std::move(flow));
    }
    if (!flows.empty()) json["codeFlows"] = Json::array({{{"threadFlows", std::move(flows)}}});
  }

  Json SuppressionsJson() const {
    if (finding_.suppressed) {
      return Json::array({{{"kind", "external"},
                           {"status", "accepted"},
                           {"justification", Printable(finding_.suppressed_by)}}});
    }
    if (!IsQuarantined(finding_)) return Json::array();
    return Json::array({{{"kind", "external"},
                         {"status", "underReview"},
                         {"justification", Printable(finding_.quarantine->rule)}}});
  }

  Json PropertiesJson() const {
    Json json;
    json["confidence"] = ConfidenceText(finding_.confidence);
    json["process"] = Printable(ProcessName(process_));
    size_t tasks = 0;
    for (const TaskGroup& group : finding_.groups) tasks += group.tasks.size();
    json["taskCount"] = tasks;
    const std::vector<std::string> tests = TestsOf(finding_);
    for (const std::string& test : tests) json["tests"].push_back(Printable(test));
    return json;
  }

  const Finding& finding_;
  const ProcessModel& process_;
  const ReportOptions& options_;
  const bool with_suppressions_;
};

Json RulesJson() {
  Json rules = Json::array();
  for (const Rule& rule : kRules) {
    Json json;
    json["id"] = rule.id;
    json["name"] = rule.name;
    json["shortDescription"] = {{"text", rule.meaning}};
    json["fullDescription"] = {{"text", rule.meaning}};
    json["help"] = {{"text", absl::StrCat(rule.meaning, " Usual fix: ", rule.fix)},
                    {"markdown", absl::StrCat(rule.meaning, "\n\n**Usual fix:** ", rule.fix)}};
    json["defaultConfiguration"] = {{"level", "error"}};
    json["properties"] = {{"tags", {"concurrency"}}};
    rules.push_back(std::move(json));
  }
  return rules;
}

Json InvocationJson(const Model& model, const ReportOptions& options) {
  Json json;
  json["executionSuccessful"] = !IsIncomplete(model);
  json["toolExecutionNotifications"] = Json::array();
  for (const DataRemark& remark : DataRemarks(model)) {
    json["toolExecutionNotifications"].push_back(
        {{"level", remark.incomplete ? "error" : "note"}, {"message", TextJson(remark.text)}});
  }
  for (const std::string& note : options.notes)
    json["toolExecutionNotifications"].push_back({{"level", "note"}, {"message", TextJson(note)}});
  return json;
}

}  // namespace

std::string SarifReport(const Model& model, const std::vector<Finding>& findings,
                        const ReportOptions& options) {
  Json run;
  run["tool"]["driver"] = {{"name", "stray"}, {"semanticVersion", STRAY_VERSION}, {"rules", RulesJson()}};
  run["invocations"] = Json::array({InvocationJson(model, options)});
  run["columnKind"] = "unicodeCodePoints";
  if (absl::StartsWith(options.source_root, "/")) {
    std::string root = absl::StrCat("file://", UriPath(options.source_root));
    if (root.back() != '/') root += '/';
    run["originalUriBaseIds"][kRoot] = {{"uri", std::move(root)}};
  }
  const bool with_suppressions = std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.suppressed || IsQuarantined(finding);
  });
  run["results"] = Json::array();
  for (const Finding* finding : InReportOrder(findings))
    run["results"].push_back(ResultWriter(*finding, options, with_suppressions).Write());
  for (const Finding& finding : findings) {
    if (finding.suppressed || finding.known.value_or(false))
      run["results"].push_back(ResultWriter(finding, options, with_suppressions).Write());
  }
  Json json;
  json["$schema"] =
      "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
  json["version"] = "2.1.0";
  json["runs"] = Json::array({std::move(run)});
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace stray::analyzer
