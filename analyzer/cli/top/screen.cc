// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/top/screen.h"

#define NCURSES_NOMACROS 1
#include <langinfo.h>
#include <locale.h>
#include <ncurses.h>
#include <unistd.h>
#include <wchar.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace stray::analyzer {
namespace {

constexpr int kEscapeDelayMs = 25;  // after which an Esc is no beginning of another key
constexpr short kAlarmPair = 1, kCautionPair = 2;

// Names are UTF-8, and so is what terminals show, whatever a forgotten LANG says.
void UseUnicode() {
  const char* set = setlocale(LC_CTYPE, "");
  if (set == nullptr || std::strcmp(nl_langinfo(CODESET), "UTF-8") != 0) setlocale(LC_CTYPE, "C.UTF-8");
}

bool WantsColor() {
  const char* no_color = getenv("NO_COLOR");
  return no_color == nullptr || *no_color == '\0';
}

attr_t AttributesOf(Tone tone, bool has_color) {
  switch (tone) {
    case Tone::kPlain:
      return A_NORMAL;
    case Tone::kStrong:
      return A_BOLD;
    case Tone::kAlarm:
      return has_color ? A_BOLD | static_cast<attr_t>(COLOR_PAIR(kAlarmPair)) : A_BOLD;
    case Tone::kCaution:
      return has_color ? static_cast<attr_t>(COLOR_PAIR(kCautionPair)) : A_BOLD;
    case Tone::kFaint:
      return A_DIM;
  }
  return A_NORMAL;
}

std::wstring Wide(const std::string& text) {
  std::wstring wide(text.size(), L'\0');
  const size_t size = mbstowcs(wide.data(), text.c_str(), wide.size());
  wide.resize(size == static_cast<size_t>(-1) ? 0 : size);
  return wide;
}

std::string Narrow(wint_t character) {
  char bytes[MB_LEN_MAX];
  mbstate_t state = {};
  const size_t size = wcrtomb(bytes, static_cast<wchar_t>(character), &state);
  return size == static_cast<size_t>(-1) ? "" : std::string(bytes, size);
}

std::optional<Key> FunctionKey(wint_t code) {
  switch (code) {
    case KEY_UP:
      return Key{Key::kUp, ""};
    case KEY_DOWN:
      return Key{Key::kDown, ""};
    case KEY_PPAGE:
      return Key{Key::kPageUp, ""};
    case KEY_NPAGE:
      return Key{Key::kPageDown, ""};
    case KEY_HOME:
      return Key{Key::kHome, ""};
    case KEY_END:
      return Key{Key::kEnd, ""};
    case KEY_LEFT:
      return Key{Key::kLeft, ""};
    case KEY_RIGHT:
      return Key{Key::kRight, ""};
    case KEY_ENTER:
      return Key{Key::kEnter, ""};
    case KEY_BACKSPACE:
      return Key{Key::kBackspace, ""};
    case KEY_BTAB:
      return Key{Key::kBackTab, ""};
    case KEY_F(1):
      return Key{Key::kText, "?"};
    default:
      return std::nullopt;
  }
}

std::optional<Key> CharacterKey(wint_t character) {
  switch (character) {
    case '\r':
    case '\n':
      return Key{Key::kEnter, ""};
    case '\t':
      return Key{Key::kTab, ""};
    case 27:
      return Key{Key::kEscape, ""};
    case 8:
    case 127:
      return Key{Key::kBackspace, ""};
    default:
      break;
  }
  if (character < ' ') return std::nullopt;
  return Key{Key::kText, Narrow(character)};
}

}  // namespace

struct Screen::Terminal {
  std::FILE* keys = nullptr;  // null: standard input
  SCREEN* screen = nullptr;
  bool has_color = false;

  std::FILE* input() const { return keys == nullptr ? stdin : keys; }
  ~Terminal() {
    if (screen != nullptr) {
      endwin();
      delscreen(screen);
    }
    if (keys != nullptr) std::fclose(keys);
  }
};

absl::StatusOr<std::unique_ptr<Screen>> Screen::Open() {
  auto terminal = std::make_unique<Terminal>();
  if (isatty(STDIN_FILENO) == 0) {
    terminal->keys = std::fopen("/dev/tty", "r+e");
    if (terminal->keys == nullptr)
      return absl::FailedPreconditionError("no terminal to read keys from; --once needs none");
  }
  UseUnicode();
  const char* type = getenv("TERM");
  terminal->screen = newterm(nullptr, stdout, terminal->input());
  if (terminal->screen == nullptr) {
    return absl::FailedPreconditionError(
        type == nullptr || *type == '\0'
            ? std::string("TERM does not say what this terminal is; --once needs none")
            : absl::StrCat("this terminal (TERM=", type,
                           ") is not known, or cannot show a screen; --once needs none"));
  }
  if (WantsColor() && has_colors()) {
    start_color();
    use_default_colors();
    init_pair(kAlarmPair, COLOR_RED, -1);
    init_pair(kCautionPair, COLOR_YELLOW, -1);
    terminal->has_color = true;
  }
  cbreak();  // Ctrl-C and Ctrl-Z stay signals
  noecho();
  nonl();
  keypad(stdscr, true);
  nodelay(stdscr, true);
  set_escdelay(kEscapeDelayMs);
  return std::unique_ptr<Screen>(new Screen(std::move(terminal)));
}

Screen::Screen(std::unique_ptr<Terminal> terminal) : terminal_(std::move(terminal)) {}
Screen::~Screen() = default;

size_t Screen::width() const { return static_cast<size_t>(getmaxx(stdscr)); }
size_t Screen::height() const { return static_cast<size_t>(getmaxy(stdscr)); }
int Screen::descriptor() const { return fileno(terminal_->input()); }

std::optional<Screen::Input> Screen::Read() {
  while (true) {
    wint_t character = 0;
    const int kind = get_wch(&character);
    if (kind == ERR) return std::nullopt;
    if (kind == KEY_CODE_YES && character == KEY_RESIZE) return Input{.resized = true, .key = {}};
    const std::optional<Key> key = kind == KEY_CODE_YES ? FunctionKey(character) : CharacterKey(character);
    if (key.has_value()) return Input{.resized = false, .key = *key};
  }
}

void Screen::Draw(const std::vector<ScreenLine>& lines, std::optional<size_t> cursor) {
  werase(stdscr);
  int row = 0;
  for (const ScreenLine& line : lines) {
    wmove(stdscr, row++, 0);
    for (const ScreenPiece& piece : line) {
      const attr_t attributes =
          AttributesOf(piece.tone, terminal_->has_color) | (piece.reversed ? A_REVERSE : A_NORMAL);
      wattrset(stdscr, static_cast<int>(attributes));
      waddwstr(stdscr, Wide(piece.text).c_str());
    }
  }
  wattrset(stdscr, A_NORMAL);
  curs_set(cursor.has_value() ? 1 : 0);
  if (cursor.has_value()) wmove(stdscr, row - 1, static_cast<int>(*cursor));
  wrefresh(stdscr);
}

}  // namespace stray::analyzer
