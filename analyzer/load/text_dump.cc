// SPDX-License-Identifier: Apache-2.0
// text_dump.cc: dumps as text, for people, diffs and tests.
//
//   # comment
//   process { pid: 4711 program: "/bin/app" state: "exited" }
//   task { id: 1 kind: "thread" main: true }
//   unknown: "\n\003..."                         a serialized Record that text cannot show
//
// Each entry is one Record in the text format of protobuf; on one line if it fits. Nothing is lost: a record
// with fields or of a kind that this version does not know is kept as bytes.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "analyzer/load/load.h"
#include "analyzer/load/model_records.h"
#include "analyzer/load/text_entries.h"
#include "analyzer/load/utf8.h"

namespace stray::analyzer {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::TextFormat;

constexpr size_t kLineWidth = 112;
constexpr int kMaxNesting = 32;

std::string KindName(int field) { return wire::Record::descriptor()->FindFieldByNumber(field)->name(); }

// Calls `visit` for `message` and every message inside it. Stops, and returns true, when `visit` does.
template <typename Visitor>
bool AnyMessage(const Message& message, const Visitor& visit) {
  if (visit(message)) return true;
  std::vector<const FieldDescriptor*> fields;
  const auto* reflection = message.GetReflection();
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const int size = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < size; ++i) {
      const Message& inner = field->is_repeated() ? reflection->GetRepeatedMessage(message, field, i)
                                                  : reflection->GetMessage(message, field);
      if (AnyMessage(inner, visit)) return true;
    }
  }
  return false;
}

bool HasUnknownFields(const Message& record) {
  return AnyMessage(record, [](const Message& message) {
    return !message.GetReflection()->GetUnknownFields(message).empty();
  });
}

// Protobuf text can hold any bytes in a string; a dump cannot.
bool HasBadText(const Message& record) {
  return AnyMessage(record, [](const Message& message) {
    std::vector<const FieldDescriptor*> fields;
    const auto* reflection = message.GetReflection();
    reflection->ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
      if (field->type() != FieldDescriptor::TYPE_STRING) continue;
      const int size = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
      for (int i = 0; i < size; ++i) {
        if (!IsUtf8(field->is_repeated() ? reflection->GetRepeatedString(message, field, i)
                                         : reflection->GetString(message, field))) {
          return true;
        }
      }
    }
    return false;
  });
}

// Addresses read better in hexadecimal; the parser takes both.
class HexPrinter : public TextFormat::FastFieldValuePrinter {
 public:
  void PrintUInt64(uint64_t value, TextFormat::BaseTextGenerator* out) const override {
    const std::string text = absl::StrCat("0x", absl::Hex(value));
    out->PrintString(text);
  }
};

void PrintAddressesInHex(TextFormat::Printer& printer) {
  const struct {
    const google::protobuf::Descriptor* message;
    std::vector<const char*> fields;
  } addresses[] = {
      {wire::Module::descriptor(), {"base", "start", "end"}},
      {wire::Frame::descriptor(), {"address", "offset"}},
      {wire::Stack::descriptor(), {"addresses"}},
      {wire::Site::descriptor(), {"address"}},
      {wire::Object::descriptor(), {"address"}},
      {wire::Task::descriptor(), {"start_routine"}},
      {wire::TaskState::descriptor(), {"address"}},
      {wire::Access::descriptor(), {"address"}},
      {wire::MemoryPlace::descriptor(), {"address", "offset"}},
  };
  for (const auto& entry : addresses) {
    for (const char* field : entry.fields) {
      // The printer owns the field printer it accepts.
      auto* hex = new HexPrinter;
      if (!printer.RegisterFieldValuePrinter(entry.message->FindFieldByName(field), hex)) delete hex;
    }
  }
}

// --- Model to text ---

class TextWriter : public RecordSink {
 public:
  explicit TextWriter(std::ostream& out) : out_(out) {
    for (TextFormat::Printer* printer : {&line_, &block_}) {
      printer->SetUseShortRepeatedPrimitives(true);
      printer->SetUseUtf8StringEscaping(true);
      PrintAddressesInHex(*printer);
    }
    line_.SetSingleLineMode(true);
    block_.SetInitialIndentLevel(1);
  }

 private:
  void OnRecord(int field, const Message& message) override;
  void OnUnknown(absl::string_view bytes) override;
  std::string OnOneLine(int field, const Message& message);

  std::ostream& out_;
  TextFormat::Printer line_;
  TextFormat::Printer block_;
};

std::string TextWriter::OnOneLine(int field, const Message& message) {
  std::string body;
  line_.PrintToString(message, &body);
  absl::StripTrailingAsciiWhitespace(&body);
  return body.empty() ? absl::StrCat(KindName(field), " {}") : absl::StrCat(KindName(field), " { ", body, " }");
}

void TextWriter::OnRecord(int field, const Message& message) {
  std::string line = OnOneLine(field, message);
  if (HasUnknownFields(message)) {
    wire::Record record;
    record.GetReflection()
        ->MutableMessage(&record, record.GetDescriptor()->FindFieldByNumber(field))
        ->CopyFrom(message);
    out_ << "# holds fields of a newer version; the known part: " << line << '\n';
    OnUnknown(record.SerializeAsString());
  } else if (line.size() <= kLineWidth) {
    out_ << line << '\n';
  } else {
    std::string body;
    block_.PrintToString(message, &body);
    out_ << KindName(field) << " {\n" << body << "}\n";
  }
}

void TextWriter::OnUnknown(absl::string_view bytes) { out_ << "unknown: \"" << absl::CEscape(bytes) << "\"\n"; }

// --- Text to Model ---

// Remembers the first error of a parse, with its line in the whole text.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  explicit FirstError(int first_line) : first_line_(first_line) {}
  void AddError(int line, int /*column*/, const std::string& message) override {
    if (line_ == 0) {
      line_ = first_line_ + line;
      message_ = message;
    }
  }
  void AddWarning(int /*line*/, int /*column*/, const std::string& /*message*/) override {}

  int line() const { return line_ == 0 ? first_line_ : line_; }
  const std::string& message() const { return message_; }

 private:
  int first_line_;
  int line_ = 0;
  std::string message_ = "malformed record";
};

class TextReader {
 public:
  TextReader(absl::string_view text, const std::string& name) : entries_(text), name_(name), builder_(name) {
    parser_.SetRecursionLimit(kMaxNesting);
  }

  absl::StatusOr<Model> Read();

 private:
  absl::Status ReadEntry(absl::string_view entry, int line);
  absl::Status ErrorAt(int line, absl::string_view message) const {
    return absl::InvalidArgumentError(absl::StrCat(name_, ":", line, ": ", message));
  }

  TextEntries entries_;
  const std::string& name_;
  ModelBuilder builder_;
  TextFormat::Parser parser_;
};

absl::Status TextReader::ReadEntry(absl::string_view entry, int line) {
  wire::Record record;
  FirstError error(line);
  parser_.RecordErrorsTo(&error);
  if (!parser_.ParseFromString(std::string(entry), &record)) return ErrorAt(error.line(), error.message());
  if (HasBadText(record)) return ErrorAt(line, "a string of this record is not UTF-8");
  if (!record.has_unknown()) {
    builder_.Add(record);
  } else if (!builder_.AddSerialized(record.unknown())) {
    return ErrorAt(line, "the bytes of this unknown record are no record");
  }
  return absl::OkStatus();
}

absl::StatusOr<Model> TextReader::Read() {
  while (entries_.SkipToNext()) {
    const int line = entries_.line();
    absl::string_view entry;
    if (!entries_.Take(entry)) return ErrorAt(line, "the record that begins here does not end");
    if (absl::Status status = ReadEntry(entry, line); !status.ok()) return status;
  }
  return builder_.Finish();
}

}  // namespace

absl::Status WriteText(const Model& model, std::ostream& out) {
  out << "# stray dump as text, one record an entry (docs/FORMAT.md). Back to a dump: stray cat --from-text\n";
  TextWriter writer(out);
  SendRecords(model, writer);
  out.flush();
  return out ? absl::OkStatus() : absl::DataLossError("the text of the dump could not be written");
}

absl::StatusOr<Model> ReadText(absl::string_view text, const std::string& name) {
  return TextReader(text, name).Read();
}

}  // namespace stray::analyzer
