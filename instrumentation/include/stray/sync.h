// SPDX-License-Identifier: Apache-2.0
// sync.h: all of Go's packages sync and sync/atomic.
#ifndef STRAY_SYNC_H_
#define STRAY_SYNC_H_

#include "stray/atomic.h"
#include "stray/cond.h"
#include "stray/map.h"
#include "stray/mutex.h"
#include "stray/once.h"
#include "stray/pool.h"
#include "stray/semaphore.h"
#include "stray/wait_group.h"

#endif  // STRAY_SYNC_H_
