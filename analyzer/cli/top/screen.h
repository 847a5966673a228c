// SPDX-License-Identifier: Apache-2.0
// screen.h: the terminal: lines out, keys in. The only place that knows ncurses.
//
// What was on the terminal before is there again when a Screen goes. It is so, too, while
// the process is stopped by Ctrl-Z. That is not left to ncurses, which ignores the key while it draws. Signals
// that concern the terminal are let through in Wait() only, so that none comes between a look at what it has
// done and the wait for the next.
#ifndef STRAY_ANALYZER_CLI_TOP_SCREEN_H_
#define STRAY_ANALYZER_CLI_TOP_SCREEN_H_

#include <cstddef>
#include <cstdio>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "analyzer/cli/top/screen_line.h"
#include "analyzer/cli/top/top_view.h"

namespace stray::analyzer {

class Screen {
 public:
  // Switches the terminal that standard output is. Keys come from standard input, or, if that is something
  // else, from the terminal itself. Fails, with nothing switched, for a terminal that cannot do it. One object
  // at a time.
  static absl::StatusOr<std::unique_ptr<Screen>> Open();

  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  size_t width() const;
  size_t height() const;

  // Waits until keys have come, the size has changed, the process goes on after Ctrl-Z, or one of these
  // descriptors is readable (-1: none). False: the terminal is gone.
  bool Wait(int first, int second);

  // What has come: a key, or that the size is another now. Does not wait.
  struct Input {
    bool resized = false;
    Key key;
  };
  std::optional<Input> Read();

  // `cursor`: where it is shown in the last line.
  void Draw(const std::vector<ScreenLine>& lines, std::optional<size_t> cursor);

 private:
  void StopIfAsked();

  struct Terminal;
  explicit Screen(std::unique_ptr<Terminal> terminal);

  std::unique_ptr<Terminal> terminal_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_TOP_SCREEN_H_
