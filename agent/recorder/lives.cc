// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder/lives.h"

#include "agent/recorder/box.h"
#include "agent/wire/goroutine_records.h"

namespace stray::agent {
namespace {

using runtime_abi::GoroutineRecord;
using wire::LifeRecord;
using wire::RegionId;

LifeRecord* At(uint32_t number) { return Box::At<LifeRecord>(RegionId::kLives, number); }

uint32_t ParentOf(const runtime_abi::Life& life) {
  if ((life.parent & runtime_abi::kThreadLife) != 0) return life.parent & ~runtime_abi::kThreadLife;
  return life.parent == 0 ? 0 : At(life.parent)->task;
}

uint32_t NewEpoch(Thread* thread) {
  const uint32_t clock = __atomic_add_fetch(&Box::Header()->life_clock, 1, __ATOMIC_ACQ_REL);
  return thread->record->life_epoch = clock;
}

}  // namespace

uint32_t Lives::Number(GoroutineRecord* task) {
  if (task->life.number != 0) return task->life.number;
  const uint32_t number = Box::Append(RegionId::kLives);
  if (number == 0) return 0;
  LifeRecord* record = At(number);
  record->parent = ParentOf(task->life);
  record->fork = task->life.fork;
  record->creation = task->creation;
  record->name = task->name == nullptr ? 0 : Box::AddString(task->name);
  const uint64_t id = task->id.load(std::memory_order_relaxed);
  __atomic_store_n(&record->task, wire::kFirstGoroutine + static_cast<uint32_t>(id), __ATOMIC_RELEASE);
  task->life.number = number;
  return number;
}

void Lives::Fork(Thread* thread, GoroutineRecord* child, GoroutineRecord* creator) {
  if (creator != nullptr && creator->kind != runtime_abi::kThread) {
    child->life = {.number = 0,
                   .parent = Number(creator),
                   .fork = ++creator->life.forks,
                   .forks = 0,
                   .teller = 0,
                   .reserved = 0};
    return;
  }
  child->life = {.number = 0,
                 .parent = runtime_abi::kThreadLife | thread->record->serial,
                 .fork = NewEpoch(thread),
                 .forks = 0,
                 .teller = 0,
                 .reserved = 0};
}

void Lives::Tell(GoroutineRecord* task, std::atomic<uint32_t>* list) {
  const uint32_t number = task->life.number;
  LifeRecord* record = At(number);
  uint32_t next = 0;
  // In one list at most, and there once.
  if (!__atomic_compare_exchange_n(&record->next, &next, wire::kEndOfTold, false, __ATOMIC_ACQ_REL,
                                   __ATOMIC_RELAXED)) {
    return;
  }
  uint32_t first = list->load(std::memory_order_relaxed);
  do {
    __atomic_store_n(&record->next, first == 0 ? wire::kEndOfTold : first, __ATOMIC_RELAXED);
  } while (!list->compare_exchange_weak(first, number, std::memory_order_acq_rel, std::memory_order_relaxed));
}

void Lives::Join(Thread* thread, GoroutineRecord* task, uint32_t number, bool is_list) {
  const bool is_thread = task->kind == runtime_abi::kThread;
  if (!is_thread && Number(task) == 0) return;
  task->life.teller = task->life.number;
  const uint32_t epoch = is_thread ? NewEpoch(thread) : ++task->life.forks;
  const uint32_t by =
      is_thread ? thread->record->serial
                : wire::kFirstGoroutine + static_cast<uint32_t>(task->id.load(std::memory_order_relaxed));
  while (number != 0 && number != wire::kEndOfTold) {
    LifeRecord* record = At(number);
    record->join_life = epoch;
    __atomic_store_n(&record->joined_by, by, __ATOMIC_RELEASE);
    if (!is_list) return;
    number = __atomic_exchange_n(&record->next, 0, __ATOMIC_ACQ_REL);
  }
}

void Lives::GoOn(const GoroutineRecord* task) {
  if (task->life.number != 0) __atomic_store_n(&At(task->life.number)->joined_by, 0, __ATOMIC_RELAXED);
}

}  // namespace stray::agent
