// SPDX-License-Identifier: Apache-2.0
// openmp.c: OpenMP's pool sleeps between parallel regions and at the end. It is on the list of default ignores.
//
// compile: -fopenmp
#include <stdio.h>

int main(void) {
  long sum = 0;
  for (int round = 0; round < 3; ++round) {
#pragma omp parallel for reduction(+ : sum) num_threads(4)
    for (int i = 0; i < 1000; ++i) sum += i;
  }
  printf("%ld\n", sum);
  return 0;
}
