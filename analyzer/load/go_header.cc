// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/go_header.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "analyzer/load/log_report.h"
#include "analyzer/load/utf8.h"

namespace stray::analyzer {
namespace {

// Takes " gp=0xc0000061c0" off the beginning. False if it is not there.
bool ConsumeWord(absl::string_view& text, absl::string_view lead) {
  if (!absl::ConsumePrefix(&text, lead)) return false;
  const size_t end = text.find_first_of(" [");
  if (end == absl::string_view::npos) return false;
  text.remove_prefix(end);
  return true;
}

// Takes a key or a value off the beginning: in quotes as Go's %q has it, or up to one of `ends`.
bool ConsumeLabelPart(absl::string_view& text, absl::string_view ends, std::string& part) {
  if (!absl::StartsWith(text, "\"")) {
    const size_t end = text.find_first_of(ends);
    if (end == absl::string_view::npos) return false;
    part = ToUtf8(text.substr(0, end));
    text.remove_prefix(end);
    return true;
  }
  size_t end = 1;
  while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
  if (end >= text.size()) return false;
  const absl::string_view quoted = text.substr(1, end - 1);
  std::string plain;
  part = ToUtf8(absl::CUnescape(quoted, &plain) ? absl::string_view(plain) : quoted);
  text.remove_prefix(end + 1);
  return true;
}

// "{user: \"a b\", path: /pay}", from the brace to the brace.
bool ConsumeLabels(absl::string_view& text, std::vector<std::pair<std::string, std::string>>& labels) {
  if (!absl::ConsumePrefix(&text, "{")) return true;
  while (!absl::ConsumePrefix(&text, "}")) {
    std::string key, value;
    if (!ConsumeLabelPart(text, ":", key) || !absl::ConsumePrefix(&text, ":")) return false;
    absl::ConsumePrefix(&text, " ");
    if (!ConsumeLabelPart(text, ",}", value)) return false;
    labels.emplace_back(std::move(key), std::move(value));
    if (absl::ConsumePrefix(&text, ",")) absl::ConsumePrefix(&text, " ");
  }
  return true;
}

void TakeAddition(absl::string_view text, GoStatus& status) {
  uint64_t number = 0;
  absl::string_view rest = text;
  if (text == "locked to thread") {
    status.locked_to_thread = true;
  } else if (ConsumeNumber(rest, number) && absl::StartsWith(rest, " minute")) {
    status.minutes = number;
  } else if (absl::ConsumePrefix(&text, "synctest bubble ") || absl::ConsumePrefix(&text, "synctest group ")) {
    ConsumeNumber(text, status.bubble);
  }
}

}  // namespace

GoStatus ParseGoStatus(absl::string_view text) {
  GoStatus status;
  const size_t comma = text.find(", ");
  status.words = text.substr(0, comma);
  for (bool more = true; more;) {
    const bool leaked = absl::ConsumeSuffix(&status.words, " (leaked)");
    const bool durable = absl::ConsumeSuffix(&status.words, " (durable)");
    status.leaked |= leaked;
    status.durable |= durable;
    more = leaked || durable || absl::ConsumeSuffix(&status.words, " (scan)");
  }
  while (!text.empty()) {
    const size_t end = text.find(", ");
    if (end == absl::string_view::npos) break;
    text.remove_prefix(end + 2);
    TakeAddition(text.substr(0, text.find(", ")), status);
  }
  return status;
}

std::optional<GoHeader> ParseGoHeader(absl::string_view line) {
  GoHeader header;
  if (!absl::ConsumePrefix(&line, "goroutine ") || !ConsumeNumber(line, header.id)) return std::nullopt;
  ConsumeWord(line, " gp=");
  header.has_machine = ConsumeWord(line, " m=");
  ConsumeWord(line, " mp=");
  if (!absl::ConsumePrefix(&line, " [")) return std::nullopt;
  const size_t end = line.find(']');
  if (end == 0 || end == absl::string_view::npos) return std::nullopt;
  header.status = ParseGoStatus(line.substr(0, end));
  line.remove_prefix(end + 1);
  absl::ConsumePrefix(&line, " ");
  if (!ConsumeLabels(line, header.labels) || line != ":") return std::nullopt;
  return header;
}

}  // namespace stray::analyzer
