// SPDX-License-Identifier: Apache-2.0
// log_frame.h: one frame of a stack as race detectors print it.
//
//   ThreadSanitizer      #0 Cart::Add(int) /src/cart.cc:24:9 (shop+0xead99) (BuildId: 7695f3ef)
//                        #1 <null> <null> (libstdc++.so.6+0xd44a2)
//   Go                 main.(*Cart).add()
//                          /src/cart.go:16 +0x3c
#ifndef STRAY_ANALYZER_LOAD_LOG_FRAME_H_
#define STRAY_ANALYZER_LOAD_LOG_FRAME_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace stray::analyzer {

// What is not known is empty or 0.
struct LogFrame {
  std::string function;
  std::string file;
  uint32_t line = 0;
  uint32_t column = 0;
  std::string module;  // path, or its last part
  std::string build_id;
  uint64_t offset = 0;   // in the module
  uint64_t address = 0;  // where no module is known
};

// Innermost first.
struct LogStack {
  std::vector<LogFrame> frames;
  bool cut = false;      // deeper frames were not kept
  bool partial = false;  // frames in between are missing
};

// A frame of ThreadSanitizer and its number. It may have text before it: what the program printed at the same
// moment. Not a frame: nullopt.
struct NumberedFrame {
  uint32_t number = 0;
  LogFrame frame;
};
std::optional<NumberedFrame> ParseTsanFrame(absl::string_view line);

// The second line of a frame of Go, "      FILE:LINE +0xOFFSET"; file and line are put into `frame`. False if
// it is none.
bool ParseGoPlace(absl::string_view line, LogFrame& frame);

// Cuts "FILE:LINE" or "FILE:LINE:COLUMN" apart; what has no number is a file alone.
void ParsePlace(absl::string_view text, LogFrame& frame);

// "0x7f00" or "7f00" as a number. False if it is none.
bool ParseHex(absl::string_view text, uint64_t& number);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_LOG_FRAME_H_
