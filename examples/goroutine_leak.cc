// SPDX-License-Identifier: Apache-2.0
// goroutine_leak.cc: asks three mirrors and takes the first answer. The other two send theirs to nobody, and
// wait for ever: a channel with room for all of them, MakeChan<Answer>(3), is the usual cure.
#include <stray/channel.h>
#include <stray/go.h>

#include <chrono>
#include <cstdio>
#include <string>

using namespace std::chrono_literals;

struct Answer {
  std::string mirror;
};

static Answer Fetch(const std::string& mirror) {
  stray::Sleep(1ms);  // the network
  return {mirror};
}

static Answer FirstAnswer() {
  auto answers = stray::MakeChan<Answer>();
  for (const char* mirror : {"berlin", "lisbon", "oslo"}) {
    stray::Go(mirror, [answers, mirror] { answers.Send(Fetch(mirror)); });
  }
  return *answers.Recv();
}

int main() {
  return stray::Main([] { std::printf("%s\n", FirstAnswer().mirror.empty() ? "nothing" : "an answer"); });
}
