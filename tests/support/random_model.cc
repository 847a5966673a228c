// SPDX-License-Identifier: Apache-2.0
#include "tests/support/random_model.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/unknown_field_set.h>

#include <memory>
#include <random>

#include "absl/strings/str_cat.h"
#include "analyzer/load/model_records.h"

namespace stray::test {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kUnknownField = 999;

// Fills messages field by field, whatever they are.
class Filler {
 public:
  explicit Filler(uint64_t seed) : random_(seed) {}

  uint64_t Below(uint64_t limit) { return random_() % limit; }

  void Fill(Message& message) {
    const auto* descriptor = message.GetDescriptor();
    for (int i = 0; i < descriptor->field_count(); ++i) {
      const int times =
          descriptor->field(i)->is_repeated() ? static_cast<int>(Below(4)) : static_cast<int>(Below(2));
      for (int n = 0; n < times; ++n) FillField(message, descriptor->field(i));
    }
    if (Below(50) == 0) AddUnknownField(message);
  }

  template <typename Messages>
  void FillSome(Messages& messages) {
    messages.resize(Below(5));
    for (auto& message : messages) Fill(message);
  }

  std::string UnknownRecord() {
    wire::Record record;
    AddUnknownField(record);
    return record.SerializeAsString();
  }

 private:
  void AddUnknownField(Message& message) {
    message.GetReflection()->MutableUnknownFields(&message)->AddLengthDelimited(kUnknownField, Text());
  }

  std::string Text() {
    static const char* const kPieces[] = {"a", "\n",       "\"",           "\\", "{", "}",
                                          "#", "\xC3\xA4", "\xE2\x82\xAC", "<",  "'"};
    std::string text;
    for (uint64_t length = Below(12); length > 0; --length) text += kPieces[Below(std::size(kPieces))];
    return text;
  }

  // Numbers of all lengths, so that all lengths of varints occur.
  uint64_t Number() { return random_() >> Below(64); }

  void FillField(Message& message, const FieldDescriptor* field) {
    const auto* reflection = message.GetReflection();
    const bool many = field->is_repeated();
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return Fill(many ? *reflection->AddMessage(&message, field)
                         : *reflection->MutableMessage(&message, field));
      case FieldDescriptor::CPPTYPE_STRING:
        return many ? reflection->AddString(&message, field, Text())
                    : reflection->SetString(&message, field, Text());
      case FieldDescriptor::CPPTYPE_UINT64:
        return many ? reflection->AddUInt64(&message, field, Number())
                    : reflection->SetUInt64(&message, field, Number());
      case FieldDescriptor::CPPTYPE_UINT32:
        return many ? reflection->AddUInt32(&message, field, static_cast<uint32_t>(Number()))
                    : reflection->SetUInt32(&message, field, static_cast<uint32_t>(Number()));
      case FieldDescriptor::CPPTYPE_INT32:
        return reflection->SetInt32(&message, field, static_cast<int32_t>(Number()));
      case FieldDescriptor::CPPTYPE_BOOL:
        return reflection->SetBool(&message, field, Below(2) == 0);
      default:
        std::abort();  // dump.proto has no other types; one that gets one needs a line above
    }
  }

  std::mt19937_64 random_;
};

std::unique_ptr<analyzer::ProcessModel> RandomProcess(int32_t pid, Filler& filler) {
  auto process = std::make_unique<analyzer::ProcessModel>();
  filler.Fill(process->process);
  process->process.set_pid(pid);
  filler.FillSome(process->modules);
  filler.FillSome(process->frames);
  filler.FillSome(process->stacks);
  filler.FillSome(process->objects);
  filler.FillSome(process->tasks);
  filler.FillSome(process->labels);
  process->snapshots.resize(filler.Below(3));
  for (analyzer::SnapshotModel& snapshot : process->snapshots) {
    filler.Fill(snapshot.info);
    filler.FillSome(snapshot.tasks);
  }
  filler.FillSome(process->lock_chains);
  filler.FillSome(process->misuses);
  filler.FillSome(process->sanitizer_reports);
  filler.FillSome(process->profile_sites);
  filler.FillSome(process->losses);
  filler.FillSome(process->gaps);
  filler.FillSome(process->notes);
  if (filler.Below(3) == 0) process->unknown_records.push_back(filler.UnknownRecord());
  process->Index();
  return process;
}

class Collector : public analyzer::RecordSink {
 public:
  void OnRecord(int field, const Message& message) override {
    records.push_back(absl::StrCat(field, ":", message.SerializeAsString()));
  }
  void OnUnknown(absl::string_view bytes) override { records.push_back(absl::StrCat("unknown:", bytes)); }

  std::vector<std::string> records;
};

}  // namespace

analyzer::Model RandomModel(uint64_t seed) {
  Filler filler(seed);
  analyzer::Model model;
  if (filler.Below(4) == 0) model.unknown_records.push_back(filler.UnknownRecord());
  const auto processes = static_cast<int32_t>(1 + filler.Below(3));
  for (int32_t pid = 1; pid <= processes; ++pid) model.processes.push_back(RandomProcess(pid, filler));
  return model;
}

std::vector<std::string> RecordsOf(const analyzer::Model& model) {
  Collector collector;
  analyzer::SendRecords(model, collector);
  return std::move(collector.records);
}

}  // namespace stray::test
