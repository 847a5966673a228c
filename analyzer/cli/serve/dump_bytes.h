// SPDX-License-Identifier: Apache-2.0
// dump_bytes.h: a dump in memory.
#ifndef STRAY_ANALYZER_CLI_SERVE_DUMP_BYTES_H_
#define STRAY_ANALYZER_CLI_SERVE_DUMP_BYTES_H_

#include <string>

#include "absl/status/statusor.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// What WriteDump() writes into a file. Takes room for it in the directory for temporary files meanwhile.
absl::StatusOr<std::string> DumpBytes(const Model& model);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_SERVE_DUMP_BYTES_H_
