// SPDX-License-Identifier: Apache-2.0
// bridge.cc: a channel of channels becomes one channel, the values in the order of the channels.
//
// When: the source hands out a new channel now and then (pages, reconnects, log files), and the reader does not
// care where one ends.
// Without: every reader has two loops, one inside the other, and each has to get the end of both right.
//
// prints: a1 a2 b1 b2 c1 c2
#include <stray/stray.h>

#include <cstdio>
#include <string>

using Lines = stray::RecvChan<std::string>;

static Lines Page(char name) {
  auto out = stray::MakeChan<std::string>();
  stray::Go("page", [=] {
    for (char line : {'1', '2'}) out.Send({name, line});
    out.Close();
  });
  return out;
}

static stray::RecvChan<Lines> Pages() {
  auto out = stray::MakeChan<Lines>();
  stray::Go("pages", [=] {
    for (char name : {'a', 'b', 'c'}) out.Send(Page(name));
    out.Close();
  });
  return out;
}

static Lines Bridge(stray::RecvChan<Lines> pages) {
  auto out = stray::MakeChan<std::string>();
  stray::Go("bridge", [=] {
    for (const Lines& page : pages) {
      for (const std::string& line : page) out.Send(line);
    }
    out.Close();
  });
  return out;
}

int main() {
  return stray::Main([] {
    std::string all;
    for (const std::string& line : Bridge(Pages())) all += all.empty() ? line : " " + line;
    std::printf("%s\n", all.c_str());
  });
}
