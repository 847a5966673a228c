// SPDX-License-Identifier: Apache-2.0
// report_fixture.h: a small shop with a deadlock, as input for tests of reports.
//
// main starts T2 "flusher" and T3 "writer", which wait for each other's mutex; T4 "reader" waits on a
// condition.
#ifndef STRAY_TESTS_UNIT_ANALYZER_REPORT_REPORT_FIXTURE_H_
#define STRAY_TESTS_UNIT_ANALYZER_REPORT_REPORT_FIXTURE_H_

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analyzer/analysis/finding.h"
#include "analyzer/load/load.h"

namespace stray::analyzer {

inline constexpr char kShopText[] = R"shop(
process { pid: 4711 program: "/home/dev/shop/build/cart_test" working_directory: "/home/dev/shop" state: "running" }
module { id: 1 path: "/home/dev/shop/build/cart_test" base: 0x400000 start: 0x400000 end: 0x480000 }
module { id: 2 path: "/lib/x86_64-linux-gnu/libc.so.6" base: 0x7f0000000000 start: 0x7f0000000000 end: 0x7f0000200000 }
frame { address: 0x401100 module: 1 offset: 0x1100
  locations { function: "Cart::Flush()" file: "/home/dev/shop/src/cart.cc" line: 81 } }
frame { address: 0x401200 module: 1 offset: 0x1200
  locations { function: "std::mutex::lock()" file: "/usr/include/c++/12/bits/std_mutex.h" line: 100 }
  locations { function: "Ledger::Append(Entry const&)" file: "/home/dev/shop/src/ledger.cc" line: 40 } }
frame { address: 0x401300 module: 1 offset: 0x1300
  locations { function: "Ledger::Post(Entry const&)" file: "/home/dev/shop/src/ledger.cc" line: 22 } }
frame { address: 0x401400 module: 1 offset: 0x1400
  locations { function: "Cart::Total() const" file: "/home/dev/shop/src/cart.cc" line: 103 } }
frame { address: 0x401500 module: 1 offset: 0x1500
  locations { function: "main" file: "/home/dev/shop/src/main.cc" line: 12 } }
frame { address: 0x401600 module: 1 offset: 0x1600
  locations { function: "Queue::Pop()" file: "/opt/lib/queue/queue.cc" line: 44 } }
frame { address: 0x7f0000001100 module: 2 offset: 0x1100 locations { function: "pthread_mutex_lock" } }
frame { address: 0x7f0000001200 module: 2 offset: 0x1200 locations { function: "start_thread" } }
stack { id: 1 addresses: [0x7f0000001100, 0x401200, 0x401100, 0x7f0000001200] }
stack { id: 2 addresses: [0x7f0000001100, 0x401400, 0x401300, 0x7f0000001200] }
stack { id: 3 addresses: [0x401500] }
stack { id: 4 addresses: [0x401600, 0x7f0000001200] }
object { id: 1 kind: "mutex" address: 0x404100 name: "g_cart" first_site { address: 0x401100 } }
object { id: 2 kind: "mutex" address: 0x7f10 first_site { address: 0x401300 } }
object { id: 3 kind: "condition" address: 0x7f20 first_site { address: 0x401600 } }
task { id: 1 kind: "thread" name: "cart_test" main: true
  events { kind: "signal" object: 3 sequence: 6 site { address: 0x401500 } } }
task { id: 2 kind: "thread" name: "flusher" parent: 1 create_stack: 3
  events { kind: "lock" object: 1 sequence: 1 site { address: 0x401100 } } }
task { id: 3 kind: "thread" name: "writer" parent: 1 create_stack: 3 }
task { id: 4 kind: "thread" name: "reader" parent: 1 create_stack: 3
  events { kind: "wait" object: 3 sequence: 7 site { address: 0x401600 } } }
snapshot { id: 1 reason: "hang" time_ns: 9000000000 }
task_state { task: 1 state: "running" }
task_state { task: 2 state: "blocked" wait_reason: "pthread_mutex_lock" object: 2 stack: 1 wait_ns: 2100000000
  held { object: 1 site { address: 0x401100 } } }
task_state { task: 3 state: "blocked" wait_reason: "pthread_mutex_lock" object: 1 stack: 2 wait_ns: 2000000000
  held { object: 2 site { address: 0x401300 } } }
task_state { task: 4 state: "blocked" wait_reason: "pthread_cond_wait" object: 3 stack: 4 wait_ns: 500000000 }
)shop";

// kShopText and more records.
inline Model ShopModel(const std::string& more = "") {
  absl::StatusOr<Model> model = ReadText(absl::StrCat(kShopText, more), "shop.txt");
  EXPECT_TRUE(model.ok()) << model.status();
  return model.ok() ? *std::move(model) : Model();
}

inline EvidenceStack StackOf(const Model& model, const std::string& role, uint32_t stack) {
  const wire::Stack* record = model.processes.front()->FindStack(stack);
  EvidenceStack evidence;
  evidence.role = role;
  evidence.addresses.assign(record->addresses().begin(), record->addresses().end());
  return evidence;
}

// Task `id` as it stands in the snapshot, with the stack it is blocked at and the one of its creation.
inline EvidenceTask TaskOf(const Model& model, uint32_t id, uint32_t waits_for = 0) {
  const ProcessModel& process = *model.processes.front();
  const wire::TaskState* state = process.LastSnapshot()->Find(id);
  EvidenceTask task;
  task.task = id;
  task.state = state->state();
  task.wait_reason = state->wait_reason();
  task.wait_ns = state->wait_ns();
  task.object = state->object();
  task.waits_for_task = waits_for;
  for (const wire::Held& held : state->held()) task.held.push_back({held.object(), held.read(), held.site()});
  if (state->stack() != 0) task.stacks.push_back(StackOf(model, "blocked", state->stack()));
  if (const wire::Task* record = process.FindTask(id); record->create_stack() != 0) {
    task.stacks.push_back(StackOf(model, "created", record->create_stack()));
  }
  return task;
}

inline Finding DeadlockOf(const Model& model) {
  Finding finding;
  finding.id = "deadlock.cycle";
  finding.title = "Two threads wait for each other";
  finding.explanation = "T2 \"flusher\" and T3 \"writer\" each hold the mutex that the other one wants.";
  finding.groups = {{{TaskOf(model, 2, 3)}}, {{TaskOf(model, 3, 2)}}};
  finding.objects = {1, 2};
  finding.signature = "deadlock.cycle:Cart::Flush:Ledger::Post";
  finding.process = model.processes.front().get();
  return finding;
}

inline Finding LeakOf(const Model& model) {
  Finding finding;
  finding.id = "leak.blocked";
  finding.title = "A thread waits for ever on a condition";
  finding.explanation = "Nobody is left who could signal it.";
  finding.groups = {{{TaskOf(model, 4)}}};
  finding.objects = {3};
  finding.process = model.processes.front().get();
  return finding;
}

}  // namespace stray::analyzer

#endif  // STRAY_TESTS_UNIT_ANALYZER_REPORT_REPORT_FIXTURE_H_
