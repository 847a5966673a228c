// SPDX-License-Identifier: Apache-2.0
// use_text.h: who has used the other side of what a task waits on, and what has become of them.
#ifndef STRAY_ANALYZER_REPORT_USE_TEXT_H_
#define STRAY_ANALYZER_REPORT_USE_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "analyzer/analysis/peers.h"
#include "analyzer/model/model.h"

namespace stray::analyzer {

// For a wait for `wait_reason` on `object`: "G5 "consumer", which ended 2.1 s before the snapshot, received
// from it 3 times, first at Consume (cart.cc:12); ...", or that nobody has used that side. Empty if nothing is
// known of it.
std::string PeersText(const ProcessModel& process, const PeerTable& peers, absl::string_view wait_reason,
                      uint32_t object);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_USE_TEXT_H_
