// SPDX-License-Identifier: Apache-2.0
#include "analyzer/load/pprof_profile.h"

#include <gmock/gmock.h>
#include <google/protobuf/io/gzip_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <gtest/gtest.h>

#include <string>

#include "analyzer/load/load.h"
#include "analyzer/pprof/profile.pb.h"
#include "tests/unit/analyzer/load/listing_text.h"

namespace stray::analyzer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ProfileBuilder {
 public:
  ProfileBuilder() { Text(""); }

  int64_t Text(const std::string& text) {
    for (int i = 0; i < profile.string_table_size(); ++i) {
      if (profile.string_table(i) == text) return i;
    }
    profile.add_string_table(text);
    return profile.string_table_size() - 1;
  }

  void Type(const std::string& type, const std::string& unit) {
    pprof::ValueType* record = profile.add_sample_type();
    record->set_type(Text(type));
    record->set_unit(Text(unit));
  }

  uint64_t Location(const std::string& name, const std::string& file, int64_t line) {
    pprof::Function* function = profile.add_function();
    function->set_id(static_cast<uint64_t>(profile.function_size()));
    function->set_name(Text(name));
    function->set_filename(Text(file));
    pprof::Location* location = profile.add_location();
    location->set_id(static_cast<uint64_t>(profile.location_size()));
    location->add_line()->set_function_id(function->id());
    location->mutable_line(0)->set_line(line);
    return location->id();
  }

  pprof::Sample& Sample(std::vector<uint64_t> locations, std::vector<int64_t> values) {
    pprof::Sample* sample = profile.add_sample();
    for (const uint64_t id : locations) sample->add_location_id(id);
    for (const int64_t value : values) sample->add_value(value);
    return *sample;
  }

  void Label(pprof::Sample& sample, const std::string& key, const std::string& value) {
    pprof::Label* label = sample.add_label();
    label->set_key(Text(key));
    label->set_str(Text(value));
  }

  std::string Plain() const { return profile.SerializeAsString(); }
  std::string Gzip() const {
    std::string bytes;
    google::protobuf::io::StringOutputStream out(&bytes);
    google::protobuf::io::GzipOutputStream zip(&out);
    EXPECT_TRUE(profile.SerializeToZeroCopyStream(&zip) && zip.Close());
    return bytes;
  }

  pprof::Profile profile;
};

ProfileBuilder Goroutines() {
  ProfileBuilder builder;
  builder.Type("goroutine", "count");
  const uint64_t park = builder.Location("runtime.gopark", "/go/proc.go", 3);
  const uint64_t send = builder.Location("runtime.chansend", "/go/chan.go", 4);
  const uint64_t flush = builder.Location("main.flush", "/src/cart.go", 81);
  pprof::Sample& sample = builder.Sample({park, send, flush}, {3});
  builder.Label(sample, "route", "/pay");
  return builder;
}

TEST(PprofProfileTest, CountsGoroutinesAndKeepsLabels) {
  const ProfileBuilder builder = Goroutines();
  for (const std::string& bytes : {builder.Gzip(), builder.Plain()}) {
    ASSERT_EQ(DetectKind(bytes), FileKind::kProfile);
    const auto model = LoadBytes(bytes, "g.pb.gz");
    ASSERT_TRUE(model.ok()) << model.status();
    const ProcessModel& process = *model->processes.front();
    const std::string one =
        "goroutine ? blocked chan send: runtime.gopark proc.go:3, runtime.chansend chan.go:4, main.flush "
        "cart.go:81";
    EXPECT_THAT(TasksText(process), ElementsAre(one, one, one));
    EXPECT_THAT(process.labels, SizeIs(3));
    EXPECT_THAT(model->damage, IsEmpty());
  }
}

TEST(PprofProfileTest, TakesWhatOthersWrite) {
  ProfileBuilder builder;
  builder.Type("goroutine", "count");
  builder.Type("wait", "nanoseconds");
  pprof::Sample& sample = builder.Sample({builder.Location("cart::Flush(int)", "", 0)}, {2, 8'000'000'000});
  builder.Label(sample, "wait_reason", "pthread_mutex_lock");
  const auto model = ReadPprof(builder.Plain(), "g");
  ASSERT_TRUE(model.ok());
  const wire::TaskState& state = model->processes.front()->LastSnapshot()->tasks[1];
  EXPECT_EQ(state.wait_reason(), "pthread_mutex_lock");
  EXPECT_EQ(state.wait_ns(), 4'000'000'000);
  EXPECT_THAT(model->processes.front()->labels, IsEmpty());
}

TEST(PprofProfileTest, TakesContentions) {
  ProfileBuilder builder;
  builder.Type("contentions", "count");
  builder.Type("delay", "nanoseconds");
  builder.Sample({builder.Location("sync.(*Mutex).Unlock", "/go/mutex.go", 9)}, {7, 1234});
  const auto model = ReadPprof(builder.Gzip(), "g");
  ASSERT_TRUE(model.ok());
  ASSERT_THAT(model->processes.front()->profile_sites, SizeIs(1));
  EXPECT_EQ(model->processes.front()->profile_sites[0].count(), 7);
  EXPECT_EQ(model->processes.front()->profile_sites[0].delay_ns(), 1234);
}

TEST(PprofProfileTest, SaysWhatAProfileIsNotAbout) {
  ProfileBuilder builder;
  builder.Type("samples", "count");
  builder.Type("cpu", "nanoseconds");
  const auto model = ReadPprof(builder.Gzip(), "cpu.pb.gz");
  EXPECT_EQ(model.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(model.status().message()),
              HasSubstr("a pprof profile of samples/count, cpu/nanoseconds"));
}

TEST(PprofProfileTest, SaysWhatIsDamaged) {
  const std::string bytes = Goroutines().Gzip();
  EXPECT_EQ(ReadPprof(bytes.substr(0, bytes.size() / 2), "g").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(ReadPprof(bytes.substr(0, 12), "g").status().code(), absl::StatusCode::kDataLoss);
  ProfileBuilder dangling = Goroutines();
  dangling.Sample({99}, {1});
  dangling.profile.mutable_location(0)->mutable_line(0)->set_function_id(88);
  const auto model = ReadPprof(dangling.Plain(), "g");
  ASSERT_TRUE(model.ok());
  EXPECT_THAT(model->damage, ElementsAre("g: 2 of its references lead to nothing"));
  EXPECT_THAT(model->processes.front()->tasks, SizeIs(4));
}

TEST(PprofProfileTest, CountsOfADifferenceMayBeNegative) {
  ProfileBuilder builder = Goroutines();
  builder.Sample({1}, {-5});
  const auto model = ReadPprof(builder.Plain(), "g");
  ASSERT_TRUE(model.ok());
  EXPECT_THAT(model->processes.front()->tasks, SizeIs(3));
  EXPECT_THAT(model->processes.front()->notes[0].text(), HasSubstr("difference of two profiles"));
}

TEST(PprofProfileTest, IsNoTextThatBeginsWithABlankLine) {
  EXPECT_FALSE(LooksLikePprof("\n\nhello, this is a log\n"));
  EXPECT_FALSE(LooksLikePprof("\n"));
  EXPECT_FALSE(LooksLikePprof(""));
}

}  // namespace
}  // namespace stray::analyzer
