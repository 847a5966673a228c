// SPDX-License-Identifier: Apache-2.0
// reported_json.h: what a race detector's finding has in JSON beyond its tasks. Part of json_report.h's schema.
#ifndef STRAY_ANALYZER_REPORT_REPORTED_JSON_H_
#define STRAY_ANALYZER_REPORT_REPORTED_JSON_H_

#include <functional>

#include "analyzer/analysis/finding.h"
#include "nlohmann/json.hpp"

namespace stray::analyzer {

using FramesToJson = std::function<nlohmann::ordered_json(uint32_t stack)>;

nlohmann::ordered_json AccessJson(const EvidenceAccess& access);

// `frames` prints a stack of the process by its id.
nlohmann::ordered_json ReportedJson(const EvidenceReport& reported, const FramesToJson& frames);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_REPORTED_JSON_H_
