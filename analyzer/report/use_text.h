// SPDX-License-Identifier: Apache-2.0
// use_text.h: who has used the other side of a channel that a task waits on, as far as that was kept.
#ifndef STRAY_ANALYZER_REPORT_USE_TEXT_H_
#define STRAY_ANALYZER_REPORT_USE_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// For a wait for `wait_reason` on `object`: "G5 "consumer", which has ended, received from it 3 times, first at
// Consume (cart.cc:12); ...", or that nobody has used that side. Empty for anything but a channel of which uses
// are kept.
std::string PeersText(const ProcessModel& process, absl::string_view wait_reason, uint32_t object);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_USE_TEXT_H_
