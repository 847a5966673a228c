// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/serve/pprof_index.h"

#include <event2/http.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace stray::analyzer {
namespace {

constexpr struct {
  const char* name;
  const char* text;
} kDescriptions[] = {
    {"block", "Stacks of tasks that wait for another task or for the outside, with their waiting time so far"},
    {"cmdline", "The command line of the program"},
    {"goroutine",
     "Stacks of all live tasks: threads and goroutines. Use debug=2 as a query parameter to get "
     "one block for each task"},
    {"goroutineleak", "Stacks of all tasks that nothing left alive can ever wake"},
    {"mutex", "Where locks were taken that others wait for"},
    {"threadcreate", "Stacks that led to the creation of threads"},
};

std::string Escaped(const std::string& text) {
  return absl::StrReplaceAll(text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}});
}

std::string UriEncoded(const std::string& text) {
  const std::unique_ptr<char, void (*)(void*)> encoded(evhttp_uriencode(text.c_str(), -1, 0), std::free);
  return encoded == nullptr ? "" : encoded.get();
}

std::string Link(const std::string& target, const std::string& text) {
  return absl::StrCat("<a href='", Escaped(target), "'>", Escaped(text), "</a>");
}

}  // namespace

std::string PprofIndexPage(const wire::Process& process, const std::vector<IndexEntry>& entries,
                           const std::vector<pid_t>& pids, const std::string& token) {
  std::string also = pids.size() > 1 ? absl::StrCat("&pid=", process.pid()) : "";
  const std::string secret = token.empty() ? "" : absl::StrCat("&token=", UriEncoded(token));
  absl::StrAppend(&also, secret);
  std::string page =
      absl::StrCat("<html>\n<head>\n<title>/debug/pprof/</title>\n</head>\n<body>\n/debug/pprof/\n<br>\n<p>",
                   Escaped(process.program()), ", process ", process.pid(),
                   "</p>\n<p>Set debug=1 as a query parameter to export in legacy text format</p>\n<br>\n"
                   "Types of profiles available:\n<table>\n<thead><td>Count</td><td>Profile</td></thead>\n");
  for (const IndexEntry& entry : entries) {
    absl::StrAppend(&page, "<tr><td>", entry.count, "</td><td>",
                    Link(absl::StrCat(entry.name, "?debug=1", also), entry.name), "</td></tr>\n");
  }
  absl::StrAppend(&page, "</table>\n",
                  Link(absl::StrCat("goroutine?debug=2", also), "full goroutine stack dump"),
                  "\n<br>\n<p>\nProfile Descriptions:\n<ul>\n");
  for (const auto& description : kDescriptions) {
    absl::StrAppend(&page, "<li><div>", description.name, ": ", Escaped(description.text), "</div></li>\n");
  }
  absl::StrAppend(&page, "</ul>\n</p>\n");
  if (pids.size() > 1) {
    absl::StrAppend(&page, "<p>Processes:");
    for (const pid_t pid : pids) {
      absl::StrAppend(&page, " ", Link(absl::StrCat("?pid=", pid, secret), absl::StrCat(pid)));
    }
    absl::StrAppend(&page, "</p>\n");
  }
  absl::StrAppend(&page, "</body>\n</html>\n");
  return page;
}

std::string CommandLineOf(pid_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/cmdline"), std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  while (!text.empty() && text.back() == '\0') text.pop_back();
  return text;
}

}  // namespace stray::analyzer
