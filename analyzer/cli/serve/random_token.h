// SPDX-License-Identifier: Apache-2.0
// random_token.h: what nobody can guess.
#ifndef STRAY_ANALYZER_CLI_SERVE_RANDOM_TOKEN_H_
#define STRAY_ANALYZER_CLI_SERVE_RANDOM_TOKEN_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace stray::analyzer {

// 128 random bits as 32 hexadecimal digits. Fails if the kernel has none.
absl::StatusOr<std::string> RandomToken();

// Whether `given` is `token`; takes as long as it takes to compare them all.
bool IsSameToken(absl::string_view given, absl::string_view token);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_SERVE_RANDOM_TOKEN_H_
