// SPDX-License-Identifier: Apache-2.0
// go_header.h: the line that a goroutine begins with in what Go's runtime prints.
//
//   goroutine 18 [chan receive, 5 minutes, locked to thread]:
//   goroutine 1 gp=0xc0000061c0 m=0 mp=0x5c5a80 [select (durable), synctest bubble 4]{user: "a b"}:
//
// The grammar, of Go 1.11 to 1.27:
//
//   "goroutine" ID ["gp=" ADDR "m=" (NUMBER | "nil") ["mp=" ADDR]]
//   "[" STATUS {" (leaked)" | " (scan)" | " (durable)"} {", " ADDITION} "]" ["{" KEY ": " VALUE {", " ...} "}"]
//   ":"
//
// A value, or a key, that has more than letters in it stands in quotes, with a colon or a bracket as it may be.
#ifndef STRAY_ANALYZER_LOAD_GO_HEADER_H_
#define STRAY_ANALYZER_LOAD_GO_HEADER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace stray::analyzer {

// What stands between the brackets.
struct GoStatus {
  absl::string_view words;  // "chan receive (nil chan)", "running"; points into the line
  bool leaked = false;      // Go's collector has found that nothing can wake it
  bool durable = false;     // only tasks of its synctest bubble can
  bool locked_to_thread = false;
  uint64_t minutes = 0;  // that it has waited at least; 0: not told
  uint64_t bubble = 0;   // of testing/synctest; 0: none
};

struct GoHeader {
  uint64_t id = 0;
  bool has_machine = false;  // "m=3" stands there
  GoStatus status;
  std::vector<std::pair<std::string, std::string>> labels;
};

// `line` has no white space around it. nullopt: it is no such line.
std::optional<GoHeader> ParseGoHeader(absl::string_view line);

// What stands between the brackets, and in the messages of leak tests behind "in state ".
GoStatus ParseGoStatus(absl::string_view text);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_GO_HEADER_H_
