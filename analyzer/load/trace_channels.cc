// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/trace_channels.h"

#include "absl/strings/str_format.h"

namespace stray::analyzer {

void NameThings(const ProcessModel& process, absl::string_view kind, ThingTable& table,
                std::vector<uint32_t>& objects, std::vector<std::string>& names) {
  absl::flat_hash_map<uint64_t, const wire::Object*> known;
  for (const wire::Object& object : process.objects) {
    if (object.kind() == kind) known[object.address()] = &object;
  }
  for (uint32_t number = 0; number < table.things().size(); ++number) {
    const uint64_t address = table[number].address;
    const auto found = table.IsLast(number) ? known.find(address) : known.end();
    objects.push_back(found == known.end() ? 0 : found->second->id());
    const bool has_name = found != known.end() && !found->second->name().empty();
    names.push_back(has_name ? found->second->name() : absl::StrFormat("0x%x", address));
  }
}

}  // namespace stray::analyzer
