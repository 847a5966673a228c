// SPDX-License-Identifier: Apache-2.0
// today.h: which day it is.
#ifndef STRAY_ANALYZER_CLI_TODAY_H_
#define STRAY_ANALYZER_CLI_TODAY_H_

#include "analyzer/report/calendar_date.h"

namespace stray::analyzer {

// In UTC. The day of SOURCE_DATE_EPOCH (seconds since 1970), where that is set: a build that is repeated gives
// the same result.
Date Today();

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_CLI_TODAY_H_
