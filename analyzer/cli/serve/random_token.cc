// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/serve/random_token.h"

#include <sys/random.h>

#include <cerrno>
#include <cstdint>

#include "absl/strings/str_cat.h"

namespace stray::analyzer {

absl::StatusOr<std::string> RandomToken() {
  uint64_t random[2];
  if (getrandom(random, sizeof(random), 0) != sizeof(random))
    return absl::ErrnoToStatus(errno, "no randomness for a token");
  return absl::StrCat(absl::Hex(random[0], absl::kZeroPad16), absl::Hex(random[1], absl::kZeroPad16));
}

bool IsSameToken(absl::string_view given, absl::string_view token) {
  if (given.size() != token.size()) return false;
  unsigned difference = 0;
  for (size_t i = 0; i < given.size(); ++i) difference |= static_cast<unsigned char>(given[i] ^ token[i]);
  return difference == 0;
}

}  // namespace stray::analyzer
