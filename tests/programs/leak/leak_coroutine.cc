// SPDX-License-Identifier: Apache-2.0
// leak_coroutine.cc: a coroutine awaits an answer that never comes.
//
// link: runtime
// modes: gcc-O0 gcc-O2
#include "tests/support/observed_job.h"

static Answer answers[2];
static int sum = 0;

static Job Add(Answer* answer) {
  sum += co_await *answer;  // want leak.blocked: fiber "job" blocked \[future\]
}

int main() {
  Add(&answers[0]);
  Add(&answers[1]);
  answers[0].Set(1);
  return sum == 1 ? 0 : 1;
}
