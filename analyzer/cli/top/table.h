// SPDX-License-Identifier: Apache-2.0
// table.h: the rows of one tab: chosen by a filter, sorted, compared with an earlier moment.
//
// A Table holds numbers of rows of its Picture and no text; the text of a row is made when it is shown.
#ifndef STRAY_ANALYZER_CLI_TOP_TABLE_H_
#define STRAY_ANALYZER_CLI_TOP_TABLE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "analyzer/cli/top/facet.h"
#include "analyzer/cli/top/picture.h"
#include "analyzer/report/page.h"

namespace stray::analyzer {

enum class Tab { kFindings, kGroups, kTasks, kObjects };
inline constexpr size_t kTabs = 4;

absl::string_view TabTitle(Tab tab);

// What is looked for: a text in any of the words of a row. Capital letters count if there are any in it.
class Pattern {
 public:
  explicit Pattern(const std::string& text);

  bool empty() const { return text_.empty(); }
  bool IsIn(absl::string_view text) const;

 private:
  std::string text_;
  bool ignores_case_ = true;
};

// Tasks of one group only.
struct Within {
  Facet facet = Facet::kSite;
  std::string text;
};

struct TableSettings {
  Facet facet = Facet::kSite;  // by which tasks are grouped
  size_t sort = 0;             // in SortNames()
  bool reversed = false;
  std::string filter;
  std::optional<Within> within;  // of the tab of tasks
};

struct GroupRow {
  uint32_t text = 0;  // number in Picture::words
  uint64_t tasks = 0;
  uint64_t blocked = 0;
  uint64_t oldest_ns = 0;
  uint64_t newest_ns = 0;  // of those that wait
  int64_t grown = 0;       // since the moment it is compared with
  bool is_new = false;
};

struct Column {
  std::string title;
  size_t width = 0;  // in cells; 0: all that is left, as the last one
  bool right = false;
  size_t from = 0;  // screens that are narrower do without it
};

struct Table {
  Tab tab = Tab::kFindings;
  Facet facet = Facet::kSite;
  std::vector<uint32_t> rows;    // in the order of the screen: numbers in the list that the tab shows
  std::vector<GroupRow> groups;  // of the tab of groups
  bool has_before = false;       // there is a moment to compare with
};

// By what a tab can be sorted; the first is how it begins.
std::vector<absl::string_view> SortNames(Tab tab);

// `before`: of an earlier moment, or null.
Table MakeTable(const Picture& picture, Tab tab, const TableSettings& settings, const PictureCounts* before);

std::vector<Column> ColumnsOf(const Picture& picture, const Table& table);
// A text for each column. Printable.
std::vector<std::string> CellsOf(const Picture& picture, const Table& table, size_t row,
                                 const PictureCounts* before);
Tone ToneOf(const Picture& picture, const Table& table, size_t row);

// What a row is about, the same in the picture of another moment.
std::string KeyOf(const Picture& picture, const Table& table, size_t row);
// The row with that key.
std::optional<size_t> FindKey(const Picture& picture, const Table& table, absl::string_view key);

bool RowHas(const Picture& picture, const Table& table, size_t row, const Pattern& pattern);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_TOP_TABLE_H_
