// SPDX-License-Identifier: Apache-2.0
// random_model.h: Models with random content, and when two Models are equal.
#ifndef STRAY_TESTS_SUPPORT_RANDOM_MODEL_H_
#define STRAY_TESTS_SUPPORT_RANDOM_MODEL_H_

#include <cstdint>
#include <string>
#include <vector>

#include "analyzer/model/model.h"

namespace stray::test {

// A Model of 1 to 3 processes in which every field of every kind of record may be set. It makes no sense, but
// each Process differs. Some records are of unknown kinds, and some have unknown fields, as a newer writer
// would leave them.
analyzer::Model RandomModel(uint64_t seed);

// All records of `model`, serialized, in the order of a dump. Models are equal if these are.
std::vector<std::string> RecordsOf(const analyzer::Model& model);

}  // namespace stray::test

#endif  // STRAY_TESTS_SUPPORT_RANDOM_MODEL_H_
