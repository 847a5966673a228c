// SPDX-License-Identifier: Apache-2.0
// top_view.h: `stray top` without a terminal: what stands on a screen of a given size, and what keys do.
//
//   picture (picture.h) + size + keys so far ---> lines of text (screen_text.h draws nothing else)
//
// Pure: no terminal, no clock, no file. A row that is selected stays selected when the next picture comes,
// wherever it stands then.
#ifndef STRAY_ANALYZER_CLI_TOP_TOP_VIEW_H_
#define STRAY_ANALYZER_CLI_TOP_TOP_VIEW_H_

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analyzer/cli/top/picture.h"
#include "analyzer/cli/top/screen_line.h"
#include "analyzer/cli/top/table.h"

namespace stray::analyzer {

struct Key {
  enum Kind {
    kText,
    kUp,
    kDown,
    kPageUp,
    kPageDown,
    kHome,
    kEnd,
    kLeft,
    kRight,
    kEnter,
    kEscape,
    kBackspace,
    kTab,
    kBackTab
  };
  Kind kind = kText;
  std::string text;  // one character, UTF-8; of kText
};

// Where pictures come from, and how that goes.
struct SourceState {
  std::string name;  // "process 4711", "app.4711.stray"
  bool is_live = false;
  std::string period;      // "2.0 s"
  uint64_t looks = 0;      // snapshots so far
  std::string took;        // "35 ms": the last one, with all that was concluded from it
  bool has_ended = false;  // the process
  std::string trouble;     // why there is no newer picture
};

class TopView {
 public:
  enum class Wish { kNothing, kQuit, kLookNow };

  explicit TopView(Facet facet) { settings_[static_cast<size_t>(Tab::kGroups)].facet = facet; }

  // A newer moment.
  void Show(std::shared_ptr<const Picture> picture);
  void SetSource(SourceState source) { source_ = std::move(source); }
  void Resize(size_t width, size_t height);

  // Does what the key stands for. A wish is for the caller to fulfil.
  Wish Press(const Key& key);

  bool is_paused() const { return is_paused_; }

  // As many lines as the screen has; none is wider.
  std::vector<ScreenLine> Lines() const;
  // Where the cursor stands in a line that is typed; nullopt: nowhere.
  std::optional<size_t> CursorColumn() const;

 private:
  enum class Mode { kList, kDetails, kHelp };
  enum class Typing { kNone, kSearch, kFilter };

  // Where one tab stands.
  struct Place {
    size_t row = 0;
    size_t first = 0;    // on the screen
    size_t skipped = 0;  // cells of the last column
    std::string key;     // of the row
  };

  TableSettings& settings() { return settings_[static_cast<size_t>(tab_)]; }
  const TableSettings& settings() const { return settings_[static_cast<size_t>(tab_)]; }
  Place& place() { return places_[static_cast<size_t>(tab_)]; }
  const Place& place() const { return places_[static_cast<size_t>(tab_)]; }
  const PictureCounts* Before() const;
  size_t RowsShown() const;  // lines that there are for rows, or for lines of details

  void Refresh();  // makes the table again, and finds the selected row in it
  void Select(size_t row);
  void SwitchTo(Tab tab);
  void Move(ptrdiff_t rows);
  void Scroll(ptrdiff_t lines);
  void ScrollAside(bool right);
  void OpenSelected();
  void GoBack();
  void OpenDetails();
  void Find(bool forward, bool here);
  void SetFilter(const std::string& filter);
  void StartTyping(Typing typing);
  void Type(const Key& key);
  void EndTyping(bool keep);
  Wish PressCommand(char command);
  void PressMotion(Key::Kind kind);
  void ChangeGrouping(char command);
  void ChangeSort(bool reverse);
  void ToggleMark();

  std::vector<ScreenLine> HeaderLines() const;
  std::string SourceText() const;
  ScreenLine TabLine() const;
  std::string TableText() const;
  void AddTableLines(std::vector<ScreenLine>& lines) const;
  void AddDetailLines(std::vector<ScreenLine>& lines) const;
  ScreenLine BottomLine() const;

  SourceState source_;
  std::shared_ptr<const Picture> picture_;
  std::optional<PictureCounts> previous_, mark_;
  size_t width_ = 80, height_ = 24;
  Mode mode_ = Mode::kList;
  Typing typing_ = Typing::kNone;
  std::string typed_, typed_before_;
  Place place_before_;  // where the search began
  std::string search_;
  std::string message_;  // for the bottom line, up to the next key
  bool is_paused_ = false;

  Tab tab_ = Tab::kFindings;
  std::string filter_;  // of all tabs
  std::array<TableSettings, kTabs> settings_;
  std::array<Place, kTabs> places_;
  Table table_;

  std::vector<std::string> details_;
  std::string details_key_;
  bool details_gone_ = false;
  size_t details_first_ = 0, details_skipped_ = 0;  // lines, cells
};

// One page for a pipe: headline, findings, groups of tasks. Ends with a newline.
std::string PlainPage(const Picture& picture, const SourceState& source, Facet facet, size_t width);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_TOP_TOP_VIEW_H_
