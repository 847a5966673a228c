// SPDX-License-Identifier: Apache-2.0
// invoked_name.h: the name under which a program was started, where its file has several.
//
// redis-server may be a link to redis-check-rdb, and sh one to dash: people know the program by the name they
// typed.
#ifndef STRAY_ANALYZER_LOAD_INVOKED_NAME_H_
#define STRAY_ANALYZER_LOAD_INVOKED_NAME_H_

#include <string>

#include "agent/wire/dump.pb.h"

namespace stray::analyzer {

// The last part of the first argument, if that is another name of the program's file; else "". Looks at files.
std::string InvokedName(const wire::Process& process);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_LOAD_INVOKED_NAME_H_
