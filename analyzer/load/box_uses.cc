// SPDX-License-Identifier: Apache-2.0
// box_uses.cc: BoxRecords: who has used which side of the runtime's objects.
#include <string>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "agent/wire/goroutine_records.h"
#include "analyzer/load/box_records.h"
#include "analyzer/load/words.h"

namespace stray::analyzer {

using box::RegionId;

std::string BoxRecords::NameOfUser(uint32_t task) const {
  auto it = user_names_.find(task);
  return it == user_names_.end() ? "" : box_.Text(it->second);
}

uint64_t BoxRecords::EndOfUser(uint32_t task, uint64_t time_ns) const {
  const auto it = user_ends_.find(task);
  if (it == user_ends_.end()) return 0;
  const uint64_t before_ns = uint64_t{it->second - 1} * 1'000'000;
  return before_ns < time_ns ? time_ns - before_ns : 0;
}

void BoxRecords::AddUses(std::vector<wire::Object>& objects) {
  absl::flat_hash_set<std::tuple<uint32_t, uint32_t, uint32_t>> seen;
  absl::flat_hash_map<uint32_t, size_t> index;
  for (size_t i = 0; i < objects.size(); ++i) index.emplace(objects[i].id(), i);
  for (uint64_t i = 1; i <= box_.Count(RegionId::kUses); ++i) {
    const auto use = box_.At<box::UseRecord>(RegionId::kUses, i);
    auto it = index.find(use.object);
    if (it == index.end()) continue;
    wire::Object& object = objects[it->second];
    if (use.task == 0) {
      object.set_other_uses(use.count);
      continue;
    }
    if (!seen.insert({use.object, use.task, use.side}).second) continue;  // described more than once
    user_names_.emplace(use.task, use.name);
    if (use.ended_ms != 0) user_ends_.emplace(use.task, use.ended_ms);
    wire::Use* out = object.add_uses();
    out->set_task(use.task);
    out->set_side(std::string(UseSideWord(object.kind(), use.side)));
    out->set_count(use.count);
    out->set_last(use.rank == 0);
    if ((use.site & box::kSiteIsStack) != 0) {
      out->mutable_site()->set_stack(static_cast<uint32_t>(use.site & ~box::kSiteIsStack));
    } else if (use.site != 0) {
      out->mutable_site()->set_address(use.site);
    }
  }
}

}  // namespace stray::analyzer
