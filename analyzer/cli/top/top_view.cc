// SPDX-License-Identifier: Apache-2.0
// top_view.cc: what keys do. What then stands on the screen is in top_lines.cc.
#include "analyzer/cli/top/top_view.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "analyzer/cli/top/cell_text.h"
#include "analyzer/cli/top/details.h"

namespace stray::analyzer {
namespace {

constexpr size_t kSidestep = 16;  // cells

// `text` without its last character.
void RemoveLast(std::string& text) {
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80) text.pop_back();
  if (!text.empty()) text.pop_back();
}

}  // namespace

const PictureCounts* TopView::Before() const {
  if (mark_.has_value()) return &*mark_;
  return previous_.has_value() ? &*previous_ : nullptr;
}

void TopView::Show(std::shared_ptr<const Picture> picture) {
  if (picture_ != nullptr) previous_ = picture_->counts;
  picture_ = std::move(picture);
  Refresh();
  if (mode_ == Mode::kDetails) OpenDetails();
}

void TopView::Resize(size_t width, size_t height) {
  width_ = width;
  height_ = height;
  Select(place().row);
  if (mode_ == Mode::kDetails) OpenDetails();
  Scroll(0);
}

void TopView::Refresh() {
  if (picture_ == nullptr) return;
  TableSettings chosen = settings();
  chosen.filter = filter_;
  table_ = MakeTable(*picture_, tab_, chosen, Before());
  const std::optional<size_t> row = FindKey(*picture_, table_, place().key);
  Select(row.value_or(place().row));
}

void TopView::Select(size_t row) {
  Place& at = place();
  at.row = table_.rows.empty() ? 0 : std::min(row, table_.rows.size() - 1);
  at.key = table_.rows.empty() || picture_ == nullptr ? "" : KeyOf(*picture_, table_, at.row);
  const size_t shown = RowsShown();
  const size_t last_first = table_.rows.size() > shown ? table_.rows.size() - shown : 0;
  at.first = std::min({at.first, at.row, last_first});
  if (at.row >= at.first + shown) at.first = at.row + 1 - shown;
}

void TopView::SwitchTo(Tab tab) {
  mode_ = Mode::kList;
  tab_ = tab;
  Refresh();
}

void TopView::Move(ptrdiff_t rows) {
  const auto row = static_cast<ptrdiff_t>(place().row) + rows;
  Select(static_cast<size_t>(std::max<ptrdiff_t>(row, 0)));
}

void TopView::Scroll(ptrdiff_t lines) {
  const size_t all = mode_ == Mode::kHelp ? HelpLines().size() : details_.size();
  const size_t shown = RowsShown();
  const auto last = static_cast<ptrdiff_t>(all > shown ? all - shown : 0);
  details_first_ =
      static_cast<size_t>(std::clamp<ptrdiff_t>(static_cast<ptrdiff_t>(details_first_) + lines, 0, last));
}

// Not behind the end of what is on the screen.
void TopView::ScrollAside(bool right) {
  size_t longest = 0;
  if (mode_ == Mode::kDetails) {
    for (const std::string& line : details_) longest = std::max(longest, CellWidth(line));
  } else if (mode_ == Mode::kList && picture_ != nullptr) {
    const size_t end = std::min(table_.rows.size(), place().first + RowsShown());
    for (size_t row = place().first; row < end; ++row)
      longest = std::max(longest, CellWidth(CellsOf(*picture_, table_, row, nullptr).back()));
  }
  size_t& skipped = mode_ == Mode::kDetails ? details_skipped_ : place().skipped;
  if (!right) skipped -= std::min(skipped, kSidestep);
  if (right && skipped + kSidestep < longest) skipped += kSidestep;
}

void TopView::OpenDetails() {
  if (picture_ == nullptr) return;
  std::optional<std::vector<std::string>> lines = DetailsOf(*picture_, tab_, details_key_, width_);
  details_gone_ = !lines.has_value();
  if (lines.has_value()) details_ = *std::move(lines);
  Scroll(0);
}

void TopView::OpenSelected() {
  if (table_.rows.empty()) return;
  if (tab_ == Tab::kGroups) {
    TableSettings& tasks = settings_[static_cast<size_t>(Tab::kTasks)];
    tasks.within = Within{.facet = settings().facet, .text = place().key};
    places_[static_cast<size_t>(Tab::kTasks)] = Place();
    SwitchTo(Tab::kTasks);
    return;
  }
  mode_ = Mode::kDetails;
  details_.clear();
  details_first_ = details_skipped_ = 0;
  details_key_ = place().key;
  OpenDetails();
}

void TopView::GoBack() {
  if (mode_ != Mode::kList) {
    mode_ = Mode::kList;
    Refresh();
  } else if (tab_ == Tab::kTasks && settings().within.has_value()) {
    settings().within.reset();
    SwitchTo(Tab::kGroups);
  } else if (!filter_.empty()) {
    SetFilter("");
  }
}

void TopView::SetFilter(const std::string& filter) {
  filter_ = filter;
  Refresh();
}

void TopView::Find(bool forward, bool here) {
  const Pattern pattern(search_);
  if (pattern.empty() || picture_ == nullptr) return;
  const bool in_text = mode_ != Mode::kList;
  const std::vector<std::string> help = mode_ == Mode::kHelp ? HelpLines() : std::vector<std::string>();
  const std::vector<std::string>& text = mode_ == Mode::kHelp ? help : details_;
  const size_t size = in_text ? text.size() : table_.rows.size();
  const size_t from = in_text ? details_first_ : place().row;
  for (size_t i = here ? 0 : 1; i <= size && size > 0; ++i) {
    const size_t at = forward ? (from + i) % size : (from + size - i % size) % size;
    if (!(in_text ? pattern.IsIn(text[at]) : RowHas(*picture_, table_, at, pattern))) continue;
    if (in_text) {
      Scroll(static_cast<ptrdiff_t>(at) - static_cast<ptrdiff_t>(details_first_));
    } else {
      Select(at);
    }
    return;
  }
  message_ = absl::StrCat("\"", search_, "\" is not here");
}

void TopView::StartTyping(Typing typing) {
  typing_ = typing;
  typed_before_ = typing == Typing::kSearch ? search_ : filter_;
  typed_ = typing == Typing::kSearch ? "" : filter_;
  place_before_ = place();
}

void TopView::Type(const Key& key) {
  if (key.kind == Key::kEnter || key.kind == Key::kEscape) {
    EndTyping(key.kind == Key::kEnter);
    return;
  }
  if (key.kind == Key::kBackspace) {
    if (typed_.empty()) return EndTyping(typing_ == Typing::kFilter);
    RemoveLast(typed_);
  } else if (key.kind == Key::kText) {
    absl::StrAppend(&typed_, Printable(key.text));
  } else {
    EndTyping(true);
    Press(key);
    return;
  }
  message_.clear();
  if (typing_ == Typing::kFilter) return SetFilter(typed_);
  search_ = typed_;
  if (mode_ == Mode::kList) Select(place_before_.row);
  Find(/*forward=*/true, /*here=*/true);
}

void TopView::EndTyping(bool keep) {
  if (typing_ == Typing::kSearch) {
    // An empty search is the one before once more.
    if (!keep || typed_.empty()) search_ = typed_before_;
    if (!keep && mode_ == Mode::kList) Select(place_before_.row);
    if (keep && typed_.empty()) Find(/*forward=*/true, /*here=*/false);
  } else if (!keep) {
    SetFilter(typed_before_);
  }
  typing_ = Typing::kNone;
}

void TopView::ChangeGrouping(char command) {
  if (tab_ != Tab::kGroups) SwitchTo(Tab::kGroups);
  mode_ = Mode::kList;
  settings().facet = command == 'b' ? NextFacet(settings().facet) : PreviousFacet(settings().facet);
  place() = Place();
  Refresh();
}

void TopView::ChangeSort(bool reverse) {
  if (reverse) {
    settings().reversed = !settings().reversed;
  } else {
    settings().sort = (settings().sort + 1) % SortNames(tab_).size();
    settings().reversed = false;
  }
  Refresh();
  Select(0);
}

void TopView::ToggleMark() {
  if (picture_ == nullptr) return;
  if (mark_.has_value()) {
    mark_.reset();
    message_ = "no mark: changes are told from snapshot to snapshot";
  } else {
    mark_ = picture_->counts;
    message_ = "marked: changes are told since now";
  }
  Refresh();
}

TopView::Wish TopView::PressCommand(char command) {
  if (command >= '1' && command <= '4') {
    SwitchTo(static_cast<Tab>(command - '1'));
    return Wish::kNothing;
  }
  switch (command) {
    case 'q':
      return Wish::kQuit;
    case '?':
    case 'h':
      mode_ = Mode::kHelp;
      details_first_ = 0;
      break;
    case 'j':
      PressMotion(Key::kDown);
      break;
    case 'k':
      PressMotion(Key::kUp);
      break;
    case 'g':
      PressMotion(Key::kHome);
      break;
    case 'G':
      PressMotion(Key::kEnd);
      break;
    case '/':
      StartTyping(Typing::kSearch);
      break;
    case 'n':
    case 'N':
      Find(command == 'n', /*here=*/false);
      break;
    case 'f':
      if (mode_ == Mode::kList) StartTyping(Typing::kFilter);
      break;
    case 'b':
    case 'B':
      ChangeGrouping(command);
      break;
    case 's':
    case 'S':
      if (mode_ == Mode::kList) ChangeSort(command == 'S');
      break;
    case 'm':
      ToggleMark();
      break;
    case 'p':
    case ' ':
      is_paused_ = source_.is_live && !is_paused_;
      break;
    case 'r':
      return source_.is_live ? Wish::kLookNow : Wish::kNothing;
    default:
      message_ = "? tells what keys do";
  }
  return Wish::kNothing;
}

void TopView::PressMotion(Key::Kind kind) {
  const auto page = static_cast<ptrdiff_t>(std::max<size_t>(RowsShown(), 1));
  const auto far = static_cast<ptrdiff_t>(std::max(table_.rows.size(), details_.size()) + HelpLines().size());
  const auto go = [this](ptrdiff_t lines) { mode_ == Mode::kList ? Move(lines) : Scroll(lines); };
  switch (kind) {
    case Key::kUp:
      return go(-1);
    case Key::kDown:
      return go(1);
    case Key::kPageUp:
      return go(-page);
    case Key::kPageDown:
      return go(page);
    case Key::kHome:
      return go(-far);
    case Key::kEnd:
      return go(far);
    case Key::kLeft:
    case Key::kRight:
      return ScrollAside(kind == Key::kRight);
    case Key::kEnter:
      return mode_ == Mode::kList ? OpenSelected() : go(1);
    case Key::kEscape:
    case Key::kBackspace:
      return GoBack();
    case Key::kTab:
      return SwitchTo(static_cast<Tab>((static_cast<size_t>(tab_) + 1) % kTabs));
    case Key::kBackTab:
      return SwitchTo(static_cast<Tab>((static_cast<size_t>(tab_) + kTabs - 1) % kTabs));
    case Key::kText:
      return;
  }
}

TopView::Wish TopView::Press(const Key& key) {
  message_.clear();
  if (typing_ != Typing::kNone) {
    Type(key);
    return Wish::kNothing;
  }
  if (key.kind == Key::kText) {
    // In details and help, q goes back, as in a pager.
    if (key.text == "q" && mode_ != Mode::kList) {
      GoBack();
      return Wish::kNothing;
    }
    return key.text.size() == 1 ? PressCommand(key.text[0]) : Wish::kNothing;
  }
  PressMotion(key.kind);
  return Wish::kNothing;
}

}  // namespace stray::analyzer
