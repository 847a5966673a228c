// SPDX-License-Identifier: Apache-2.0
// suite_catch3.cc: the same tests behind the command line of Catch2 3, which Debian 12 does not have.
//
// A stand-in for the one purpose of --per-test. It does what Catch2 3 does, as its sources say
// (catch_session.cpp, catch_reporter_helpers.cpp, catch_test_spec_parser.cpp), with these words and no others:
//
//   --list-tests --verbosity quiet   a name a line, one that begins with # in quotes; status 0
//   NAME                             runs that test. A backslash takes the meaning from what follows; without
//   one a comma
//                                    separates, [ begins a tag, " a quoted name and ~ excludes; several words:
//                                    all must fit
//   status                           how many assertions have failed; 2 if no test fits; 255 for unknown words
//
// What is not needed here (tags, quotes, wildcards, --shard-index and the rest) is an unknown word.
#include <pthread.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

namespace {

constexpr char kUsage[] = "only --list-tests, --verbosity quiet and names; not --shard-index\n";

void* Sleep(void*) {
  pause();
  return nullptr;
}

// Each returns how many assertions have failed.
int Pass() { return 0; }
int Fail() { return 1; }
int LeaveAThreadBehind() {
  pthread_t thread;
  if (pthread_create(&thread, nullptr, Sleep, nullptr) != 0) return 1;
  pthread_detach(thread);
  return 0;
}

constexpr struct {
  const char* name;
  int (*run)();
} kTests[] = {{"passes, [really] \\ ~well", Pass},
              {"#1 \"passes\" too", Pass},
              {"fails", Fail},
              {"leaves a thread behind", LeaveAThreadBehind}};

// The name that is meant; nullopt: it has a meaning that is not known here.
std::optional<std::string> NameIn(const char* word) {
  std::string name;
  for (const char* c = word; *c != '\0'; ++c) {
    const bool is_first = name.empty();
    if (*c == '\\' && c[1] != '\0') {
      name += *++c;
    } else if (*c == ',' || *c == '[' || (is_first && std::strchr("~\" -", *c) != nullptr)) {
      return std::nullopt;
    } else {
      name += *c;
    }
  }
  return name;
}

int List() {
  for (const auto& test : kTests) std::printf(test.name[0] == '#' ? "\"%s\"\n" : "%s\n", test.name);
  return 0;
}

int Run(const std::vector<std::string>& names) {
  int failed = 0, ran = 0;
  for (const auto& test : kTests) {
    bool fits = true;
    for (const std::string& name : names) fits = fits && name == test.name;
    if (!fits) continue;
    ++ran;
    failed += test.run();
  }
  return ran == 0 ? 2 : failed;
}

}  // namespace

int main(int count, char** words) {
  std::vector<std::string> names;
  bool lists = false, is_quiet = false;
  for (int i = 1; i < count; ++i) {
    const std::optional<std::string> name = NameIn(words[i]);
    if (std::strcmp(words[i], "--list-tests") == 0) {
      lists = true;
    } else if (std::strcmp(words[i], "--verbosity") == 0 && i + 1 < count &&
               std::strcmp(words[i + 1], "quiet") == 0) {
      is_quiet = true;
      ++i;
    } else if (name.has_value()) {
      names.push_back(*name);
    } else {
      std::fputs(kUsage, stderr);
      return 255;
    }
  }
  if (lists != is_quiet) return 255;  // what it lists otherwise is for people
  return lists ? List() : Run(names);
}
