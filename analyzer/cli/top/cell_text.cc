// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/top/cell_text.h"

#include <locale.h>
#include <wchar.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace stray::analyzer {
namespace {

bool IsContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

// Bytes and code point of the character that `text` begins with.
std::pair<size_t, wchar_t> FirstOf(absl::string_view text) {
  size_t length = 1;
  while (length < text.size() && IsContinuation(text[length])) ++length;
  const auto lead = static_cast<unsigned char>(text[0]);
  wchar_t point = lead < 0x80 ? lead : lead & (0xFF >> (length + 1));
  for (size_t i = 1; i < length; ++i) point = point << 6 | (static_cast<unsigned char>(text[i]) & 0x3F);
  return {length, point};
}

// wcwidth() goes by the locale of the thread, which may know no more than ASCII. libc always has this one.
class Unicode {
 public:
  Unicode() : locale_(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {}

  size_t WidthOf(wchar_t point) const {
    if (point < 0x80 || locale_ == nullptr) return 1;
    const locale_t before = uselocale(locale_);
    const int width = wcwidth(point);
    uselocale(before);
    return width < 0 ? 1 : static_cast<size_t>(width);
  }

 private:
  const locale_t locale_;
};

size_t WidthOf(wchar_t point) {
  static const Unicode* const kUnicode = new Unicode;
  return kUnicode->WidthOf(point);
}

// As many whole characters as fit into `width` cells.
absl::string_view Fitting(absl::string_view text, size_t width) {
  size_t end = 0;
  while (end < text.size()) {
    const auto [length, point] = FirstOf(text.substr(end));
    const size_t cells = WidthOf(point);
    if (cells > width) break;
    width -= cells;
    end += length;
  }
  return text.substr(0, end);
}

std::string Cut(absl::string_view text, size_t width) {
  if (CellWidth(text) <= width) return std::string(text);
  if (width < 3) return std::string(Fitting(text, width));
  return absl::StrCat(Fitting(text, width - 2), "..");
}

}  // namespace

size_t CellWidth(absl::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const auto [length, point] = FirstOf(text);
    width += WidthOf(point);
    text.remove_prefix(length);
  }
  return width;
}

std::string FitCells(absl::string_view text, size_t width) {
  std::string fit = Cut(text, width);
  fit.append(width - CellWidth(fit), ' ');
  return fit;
}

std::string FitCellsRight(absl::string_view text, size_t width) {
  const std::string fit = Cut(text, width);
  return absl::StrCat(std::string(width - CellWidth(fit), ' '), fit);
}

std::string SkipCells(absl::string_view text, size_t cells) {
  while (!text.empty() && cells > 0) {
    const auto [length, point] = FirstOf(text);
    const size_t width = WidthOf(point);
    text.remove_prefix(length);
    if (width > cells) return absl::StrCat(" ", text);
    cells -= width;
  }
  return std::string(text);
}

}  // namespace stray::analyzer
