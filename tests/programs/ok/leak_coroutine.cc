// SPDX-License-Identifier: Apache-2.0
// leak_coroutine.cc: both answers come.
//
// link: runtime
// modes: gcc-O0 gcc-O2
#include "tests/support/observed_job.h"

static Answer answers[2];
static int sum = 0;

static Job Add(Answer* answer) { sum += co_await *answer; }

int main() {
  Add(&answers[0]);
  Add(&answers[1]);
  answers[0].Set(1);
  answers[1].Set(2);
  return sum == 3 ? 0 : 1;
}
