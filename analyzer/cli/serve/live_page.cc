// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/serve/live_page.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "analyzer/cli/serve/dump_bytes.h"
#include "analyzer/page/page_data.h"
#include "analyzer/report/names.h"
#include "ui/web/page_file.h"

namespace stray::analyzer {

LivePage::LivePage(std::function<std::vector<BoxView>()> find, pid_t pid, LiveSettings settings)
    : processes_(std::move(find), pid), settings_(std::move(settings)) {}

absl::StatusOr<Model> LivePage::Look() {
  const absl::StatusOr<BoxView> box = processes_.Choose("");
  if (!box.ok()) return box.status();
  return processes_.Snapshot(*box, settings_.prove);
}

absl::StatusOr<std::string> LivePage::Data() {
  const absl::StatusOr<Model> model = Look();
  if (!model.ok()) return model.status();
  const Verdict verdict = Judge(*model, settings_.judge, settings_.policy);
  PageOptions options;
  options.refresh_ms = settings_.refresh_ms;
  return PageData(*model, verdict.findings, options);
}

absl::StatusOr<std::string> LivePage::Page() {
  const absl::StatusOr<std::string> data = Data();
  return data.ok() ? absl::StatusOr<std::string>(ui::PageFile(*data, true)) : data;
}

absl::StatusOr<std::string> LivePage::Snapshot() {
  const absl::StatusOr<Model> model = Look();
  if (!model.ok()) return model.status();
  const ProcessModel& process = *model->processes.front();
  name_ = absl::StrCat(ProgramName(process), ".", process.process.pid(), ".stray");
  return DumpBytes(*model);
}

}  // namespace stray::analyzer
