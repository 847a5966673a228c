// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/top/screen.h"

#define NCURSES_NOMACROS 1
#include <langinfo.h>
#include <locale.h>
#include <ncurses.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>
#include <wchar.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iterator>
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

volatile sig_atomic_t g_is_asked_to_stop = 0;

void AskToStop(int) { g_is_asked_to_stop = 1; }

// Holds back the signals that concern the terminal, and takes Ctrl-Z over, unless it was ignored.
class TerminalSignals {
 public:
  TerminalSignals() {
    sigset_t held;
    sigemptyset(&held);
    sigaddset(&held, SIGWINCH);
    sigaddset(&held, SIGTSTP);
    pthread_sigmask(SIG_BLOCK, &held, &before_);
    sigaction(SIGTSTP, nullptr, &stop_before_);
    is_taken_ = stop_before_.sa_handler == SIG_DFL;
    if (is_taken_) Handle(AskToStop);
  }
  ~TerminalSignals() {
    if (is_taken_) sigaction(SIGTSTP, &stop_before_, nullptr);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  TerminalSignals(const TerminalSignals&) = delete;
  TerminalSignals& operator=(const TerminalSignals&) = delete;

  // For ppoll().
  const sigset_t* let_through() const { return &before_; }

  // Stops the process as if nobody had taken Ctrl-Z over. Returns when it goes on.
  static void Stop() {
    Handle(SIG_DFL);
    sigset_t stop, held;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTSTP);
    raise(SIGTSTP);
    pthread_sigmask(SIG_UNBLOCK, &stop, &held);
    pthread_sigmask(SIG_SETMASK, &held, nullptr);
    Handle(AskToStop);
  }

 private:
  static void Handle(void (*handler)(int)) {
    struct sigaction action = {};
    action.sa_handler = handler;
    sigaction(SIGTSTP, &action, nullptr);
  }

  sigset_t before_;
  struct sigaction stop_before_;
  bool is_taken_ = false;
};

}  // namespace

struct Screen::Terminal {
  TerminalSignals signals;    // before ncurses, which leaves alone what is taken already
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

bool Screen::Wait(int first, int second) {
  pollfd descriptors[] = {{.fd = fileno(terminal_->input()), .events = POLLIN, .revents = 0},
                          {.fd = first, .events = POLLIN, .revents = 0},
                          {.fd = second, .events = POLLIN, .revents = 0}};
  const int ready = ppoll(descriptors, std::size(descriptors), nullptr, terminal_->signals.let_through());
  if (ready < 0 && errno != EINTR) return false;
  StopIfAsked();
  return ready < 0 || (descriptors[0].revents & (POLLHUP | POLLERR | POLLNVAL)) == 0;
}

void Screen::StopIfAsked() {
  if (g_is_asked_to_stop == 0) return;
  g_is_asked_to_stop = 0;
  endwin();
  TerminalSignals::Stop();
  wclear(stdscr);  // others have written on the terminal
  wrefresh(stdscr);
}

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
