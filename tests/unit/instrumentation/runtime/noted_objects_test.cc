// SPDX-License-Identifier: Apache-2.0
#include "instrumentation/runtime/noted_objects.h"

#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "stray/annotate.h"

namespace stray::runtime {
namespace {

TEST(NotedObjects, AreFoundByAddressUntilForgotten) {
  int one = 0, two = 0;
  EXPECT_EQ(NotedObjects::Find(&one), nullptr);
  NotedObject* object = NotedObjects::FindOrMake(&one);
  ASSERT_NE(object, nullptr);
  object->holder = 7;
  EXPECT_EQ(NotedObjects::FindOrMake(&one), object);
  EXPECT_EQ(NotedObjects::Find(&one), object);
  EXPECT_NE(NotedObjects::FindOrMake(&two), object);
  NotedObjects::Forget(&one);
  NotedObjects::Forget(&one);
  EXPECT_EQ(NotedObjects::Find(&one), nullptr);
  EXPECT_EQ(NotedObjects::FindOrMake(&one)->holder.load(), 0u) << "a new one at the same address";
  NotedObjects::Forget(&one);
  NotedObjects::Forget(&two);
}

TEST(NotedObjects, OfMoreAddressesThanBuckets) {
  std::vector<std::string> objects(20'000);
  for (const std::string& object : objects) NotedObjects::FindOrMake(&object)->name = "object";
  for (const std::string& object : objects) ASSERT_NE(NotedObjects::Find(&object), nullptr);
  for (const std::string& object : objects) NotedObjects::Forget(&object);
  for (const std::string& object : objects) ASSERT_EQ(NotedObjects::Find(&object), nullptr);
}

TEST(NotedObjects, MayBeMadeAndForgottenByManyThreads) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      int mine[8];
      for (int round = 0; round < 2'000; ++round) {
        for (int& object : mine) EXPECT_NE(NotedObjects::FindOrMake(&object), nullptr);
        for (int& object : mine) EXPECT_EQ(NotedObjects::Find(&object)->address.load(), &object);
        for (int& object : mine) NotedObjects::Forget(&object);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Annotate, DoesNothingWithoutTheAgent) {
  int object = 0;
  stray_task* task = stray_task_created("task");
  EXPECT_EQ(task, nullptr);
  EXPECT_EQ(stray_thread_runs_tasks("main"), nullptr);
  stray_task_named(task, "other");
  stray_task_running(task);
  EXPECT_EQ(stray_task_current(), nullptr);
  stray_wait_begin(STRAY_WAIT_LOCK, &object);
  stray_task_parked(task, STRAY_WAIT_LOCK, &object);
  stray_wait_end();
  stray_task_ready(task);
  stray_acquired(&object);
  stray_object_named(&object, "object");
  EXPECT_EQ(NotedObjects::Find(&object), nullptr);
  stray_released(&object);
  stray_object_gone(&object);
  stray_task_ended(task);
}

}  // namespace
}  // namespace stray::runtime
