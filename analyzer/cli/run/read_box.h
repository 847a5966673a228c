// SPDX-License-Identifier: Apache-2.0
// read_box.h: the black box of a process of the run, with what lies elsewhere and belongs to it.
#ifndef STRAY_ANALYZER_CLI_RUN_READ_BOX_H_
#define STRAY_ANALYZER_CLI_RUN_READ_BOX_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "analyzer/cli/run/box_view.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// As ReadBlackBox(). Where ThreadSanitizer does not hand its reports to the agent, the file is read into which
// it was told to write them.
absl::StatusOr<std::unique_ptr<ProcessModel>> ReadBox(const BoxView& box, const std::string& name, bool alive,
                                                      std::vector<std::string>& damage);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_RUN_READ_BOX_H_
