// SPDX-License-Identifier: Apache-2.0
// request.h: what a reader writes into BlackBoxHeader::request_reason: a SnapshotReason, and how it is to be
// done.
#ifndef STRAY_AGENT_WIRE_REQUEST_H_
#define STRAY_AGENT_WIRE_REQUEST_H_

#include <cstdint>

namespace stray::box {

inline constexpr uint32_t kRequestReasonMask = 0xff;
// Who can reach what is wanted, too, if the process was started for that: all threads are stopped for a moment.
inline constexpr uint32_t kRequestProof = 0x100;

}  // namespace stray::box

#endif  // STRAY_AGENT_WIRE_REQUEST_H_
