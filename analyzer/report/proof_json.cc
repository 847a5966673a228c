// SPDX-License-Identifier: Apache-2.0
// proof_json.cc: schema stray.explain/1 (docs/explain.schema.json). Fields are only ever added.
#include "analyzer/report/finding_text.h"
#include "analyzer/report/names.h"
#include "analyzer/report/proof_report.h"
#include "nlohmann/json.hpp"

namespace stray::analyzer {
namespace {

using Json = nlohmann::ordered_json;

Json FindingJson(const NumberedFinding& which) {
  const Finding& finding = *which.finding;
  Json json;
  json["number"] = which.number == 0 ? Json(nullptr) : Json(which.number);
  json["id"] = finding.id;
  json["title"] = finding.title;
  json["explanation"] = finding.explanation;
  json["confidence"] = ConfidenceText(finding.confidence);
  json["count"] = finding.count;
  json["signature"] = finding.signature;
  json["program"] = finding.process == nullptr ? Json(nullptr) : Json(ProgramName(*finding.process));
  json["pid"] = finding.process == nullptr ? 0 : finding.process->process.pid();
  if (finding.suppressed) json["suppressed_by"] = finding.suppressed_by;
  return json;
}

Json StepsJson(const Proof& proof) {
  Json steps = Json::array();
  for (const ProofStep& step : proof.steps) {
    Json json;
    json["step"] = steps.size() + 1;
    json["task"] = step.task == 0 ? Json(nullptr) : Json(step.task);
    json["claim"] = step.claim;
    json["evidence"] = Json::array();
    for (const ProofLine& line : step.lines) {
      json["evidence"].push_back(
          {{"text", line.text}, {"step", line.step == 0 ? Json(nullptr) : Json(line.step)}});
    }
    steps.push_back(std::move(json));
  }
  return steps;
}

const char* KindWord(DiagramNode::Shape shape) {
  switch (shape) {
    case DiagramNode::Shape::kTask:
      return "task";
    case DiagramNode::Shape::kObject:
      return "object";
    case DiagramNode::Shape::kOther:
      return "other";
  }
  return "";
}

Json MarkWord(Mark mark) {
  switch (mark) {
    case Mark::kPlain:
      return nullptr;
    case Mark::kStuck:
      return "stuck";
    case Mark::kLive:
      return "live";
    case Mark::kEnded:
      return "ended";
  }
  return nullptr;
}

Json DiagramJson(const Diagram& diagram) {
  Json json;
  json["nodes"] = Json::array();
  for (const DiagramNode& node : diagram.nodes()) {
    json["nodes"].push_back({{"id", node.id},
                             {"kind", KindWord(node.shape)},
                             {"label", node.label},
                             {"state", MarkWord(node.mark)}});
  }
  json["edges"] = Json::array();
  for (const DiagramEdge& edge : diagram.edges()) {
    json["edges"].push_back({{"from", diagram.nodes()[edge.from].id},
                             {"to", diagram.nodes()[edge.to].id},
                             {"label", edge.label},
                             {"dead", edge.dead}});
  }
  return json;
}

}  // namespace

std::string ProofJson(const NumberedFinding& which, const Proof& proof) {
  Json json;
  json["schema"] = "stray.explain/1";
  json["finding"] = FindingJson(which);
  json["steps"] = StepsJson(proof);
  json["conclusion"] = proof.conclusion;
  json["diagram"] = DiagramJson(proof.diagram);
  // Names from the program may be no UTF-8; such bytes become U+FFFD.
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace stray::analyzer
