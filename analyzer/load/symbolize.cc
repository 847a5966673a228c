// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/symbolize.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analyzer/load/module_file.h"

namespace stray::analyzer {
namespace {

// The code addresses of a process, each once, and how it is to be read. A return address belongs to the
// call before it: one that ends a function lies, taken as it is, in the next one.
class AddressSet {
 public:
  struct Address {
    uint64_t value = 0;
    bool exact = false;
  };

  void AddReturn(uint64_t address) { Add(address, kReturn); }
  void AddExact(uint64_t address) { Add(address, kExact); }
  void AddEntry(uint64_t address) { Add(address, kEntry); }

  // Sorted.
  std::vector<Address> Take() const {
    std::vector<Address> sorted;
    sorted.reserve(uses_.size());
    for (const auto& [address, use] : uses_) sorted.push_back({address, use != kReturn});
    std::sort(sorted.begin(), sorted.end(),
              [](const Address& a, const Address& b) { return a.value < b.value; });
    return sorted;
  }

 private:
  // In the order in which one use beats another: an interrupted instruction has the line of the call before
  // it, mostly; the entry of a function does not.
  enum Use { kExact, kReturn, kEntry };

  void Add(uint64_t address, Use use) {
    if (address == 0) return;
    auto [it, inserted] = uses_.try_emplace(address, use);
    if (!inserted) it->second = std::max(it->second, use);
  }

  absl::flat_hash_map<uint64_t, Use> uses_;
};

void AddSite(const wire::Site& site, AddressSet& addresses) { addresses.AddReturn(site.address()); }

void AddStack(const wire::Stack& stack, AddressSet& addresses) {
  for (int i = 0; i < stack.addresses_size(); ++i) {
    if (i == 0 && stack.first_is_exact()) {
      addresses.AddExact(stack.addresses(i));
    } else {
      addresses.AddReturn(stack.addresses(i));
    }
  }
}

std::vector<AddressSet::Address> AddressesOf(const ProcessModel& process) {
  AddressSet addresses;
  for (const wire::Stack& stack : process.stacks) AddStack(stack, addresses);
  for (const wire::Object& object : process.objects) {
    AddSite(object.first_site(), addresses);
    AddSite(object.held_site(), addresses);
    for (const wire::Use& use : object.uses()) AddSite(use.site(), addresses);
  }
  for (const wire::Task& task : process.tasks) {
    addresses.AddEntry(task.start_routine());
    for (const wire::Event& event : task.events()) AddSite(event.site(), addresses);
  }
  for (const SnapshotModel& snapshot : process.snapshots) {
    for (const wire::TaskState& state : snapshot.tasks) {
      AddSite(state.site(), addresses);
      for (const wire::Held& held : state.held()) AddSite(held.site(), addresses);
    }
  }
  for (const wire::LockChain& chain : process.lock_chains) {
    for (const wire::Held& entry : chain.entries()) AddSite(entry.site(), addresses);
  }
  for (const wire::Misuse& misuse : process.misuses) AddSite(misuse.other_site(), addresses);
  for (const wire::SanitizerReport& report : process.sanitizer_reports) {
    for (const wire::ReportTask& task : report.task_histories()) {
      for (const wire::Held& held : task.held()) AddSite(held.site(), addresses);
      for (const wire::Event& event : task.events()) AddSite(event.site(), addresses);
    }
  }
  return addresses.Take();
}

// Modules by address. Where one was unloaded and another loaded in its place, the one that is there.
class ModuleMap {
 public:
  explicit ModuleMap(const ProcessModel& process) {
    for (const wire::Module& module : process.modules) {
      if (module.start() < module.end()) modules_.push_back(&module);
    }
    // Loaded ones first, so that a search can stop at the first hit.
    std::stable_sort(modules_.begin(), modules_.end(), [](const wire::Module* a, const wire::Module* b) {
      return a->unloaded() < b->unloaded();
    });
  }

  const wire::Module* Find(uint64_t address) {
    if (last_ != nullptr && Holds(*last_, address) && !last_->unloaded()) return last_;
    for (const wire::Module* module : modules_) {
      if (Holds(*module, address)) return last_ = module;
    }
    return nullptr;
  }

 private:
  static bool Holds(const wire::Module& module, uint64_t address) {
    return module.start() <= address && address < module.end();
  }

  std::vector<const wire::Module*> modules_;
  const wire::Module* last_ = nullptr;  // addresses come sorted
};

// The vdso is no file; everything else is looked for where the process saw it.
std::string PathOf(const wire::Module& module, const wire::Process& process) {
  const std::string& path = module.path();
  if (path.empty() || path.front() == '[' || absl::StartsWith(path, "linux-vdso.so")) return "";
  if (path.front() == '/' || process.working_directory().empty()) return path;
  return absl::StrCat(process.working_directory(), "/", path);
}

bool IsUnnamedGlobal(const wire::MemoryPlace& place) {
  return place.kind() == "global" && place.name().empty();
}

// A sanitizer that has found no symbolizer does not name variables.
void NameMemory(wire::SanitizerReport& report, absl::FunctionRef<std::string(uint64_t)> variable_at) {
  const bool is_told = std::any_of(report.places().begin(), report.places().end(),
                                   [](const wire::MemoryPlace& place) { return !IsUnnamedGlobal(place); });
  if (is_told || report.accesses_size() == 0 || report.accesses(0).address() == 0) return;
  const std::string name = variable_at(report.accesses(0).address());
  if (name.empty()) return;
  wire::MemoryPlace& place = report.places_size() == 0 ? *report.add_places() : *report.mutable_places(0);
  place.set_kind("global");
  place.set_name(name);
  place.set_address(report.accesses(0).address());
}

// As reports call objects without a name.
absl::string_view LetterOf(const wire::Object* object) {
  if (object != nullptr && object->kind() == "channel") return "Ch";
  return object != nullptr && object->kind() == "wait group" ? "W" : "M";
}

// The steps of schedules say by name what they are about.
void NameSteps(google::protobuf::RepeatedPtrField<wire::ScheduleStep>& steps, const ProcessModel& process,
               absl::FunctionRef<std::string(uint64_t)> variable_at) {
  for (wire::ScheduleStep& step : steps) {
    std::string name;
    if (step.address() != 0) {
      name = variable_at(step.address());
      if (name.empty()) name = absl::StrCat("0x", absl::Hex(step.address()));
    } else if (step.object() != 0) {
      const wire::Object* object = process.FindObject(step.object());
      name = object == nullptr || object->name().empty() ? absl::StrCat(LetterOf(object), step.object())
                                                         : object->name();
    }
    if (name.empty()) continue;
    step.set_what(absl::StrCat(step.what(), " ", name));
    step.clear_address();
    step.clear_object();
  }
}

}  // namespace

class Symbolizer::ModuleFiles {
 public:
  explicit ModuleFiles(SymbolizeOptions options) : options_(std::move(options)) {}

  // Null if the file cannot be used.
  ModuleFile* Find(const wire::Module& module, const wire::Process& process) {
    std::string path = PathOf(module, process);
    if (path.empty()) return nullptr;
    auto [it, inserted] = files_.try_emplace({path, module.build_id()});
    if (inserted) it->second = ModuleFile::Open(path, module.build_id(), options_.debug_directories);
    return it->second.get();
  }

 private:
  SymbolizeOptions options_;
  std::map<std::pair<std::string, std::string>, std::unique_ptr<ModuleFile>> files_;
};

Symbolizer::Symbolizer(SymbolizeOptions options) : files_(std::make_unique<ModuleFiles>(std::move(options))) {}
Symbolizer::~Symbolizer() = default;

void Symbolizer::Symbolize(ProcessModel& process) {
  process.Index();
  ModuleMap modules(process);
  absl::flat_hash_map<uint64_t, size_t> frames;
  for (size_t i = 0; i < process.frames.size(); ++i) frames.try_emplace(process.frames[i].address(), i);

  for (const AddressSet::Address& address : AddressesOf(process)) {
    auto [it, inserted] = frames.try_emplace(address.value, process.frames.size());
    if (inserted) process.frames.emplace_back().set_address(address.value);
    wire::Frame& frame = process.frames[it->second];
    if (frame.locations_size() > 0) continue;
    uint64_t instruction = address.value - (address.exact ? 0 : 1);
    const wire::Module* module = modules.Find(instruction);
    if (module == nullptr) continue;
    frame.set_module(module->id());
    frame.set_offset(address.value - module->base());
    ModuleFile* file = files_->Find(*module, process.process);
    if (file == nullptr) continue;
    for (wire::Location& location : file->CodeAt(instruction - module->base())) {
      *frame.add_locations() = std::move(location);
    }
  }
  auto variable_at = [&](uint64_t address) -> std::string {
    const wire::Module* module = modules.Find(address);
    ModuleFile* file = module == nullptr ? nullptr : files_->Find(*module, process.process);
    return file == nullptr ? "" : file->VariableAt(address - module->base());
  };
  for (wire::Object& object : process.objects) {
    if (object.name().empty() && !object.on_stack()) object.set_name(variable_at(object.address()));
  }
  for (wire::SanitizerReport& report : process.sanitizer_reports) {
    NameMemory(report, variable_at);
    if (!report.has_schedule()) continue;
    NameSteps(*report.mutable_schedule()->mutable_steps(), process, variable_at);
    NameSteps(*report.mutable_schedule()->mutable_next(), process, variable_at);
  }
  process.Index();
}

void Symbolize(ProcessModel& process, const SymbolizeOptions& options) {
  Symbolizer(options).Symbolize(process);
}

}  // namespace stray::analyzer
