// SPDX-License-Identifier: Apache-2.0
// stray.h: the embedded runtime: goroutines, channels and all that belongs to them. Each header says how it is
// used.
#ifndef STRAY_STRAY_H_
#define STRAY_STRAY_H_

#include "stray/channel.h"
#include "stray/context.h"
#include "stray/errgroup.h"
#include "stray/error.h"
#include "stray/go.h"
#include "stray/io.h"
#include "stray/labels.h"
#include "stray/runtime.h"
#include "stray/select.h"
#include "stray/sync.h"
#include "stray/time.h"

#endif  // STRAY_STRAY_H_
