// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/serve/endpoints.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "analyzer/cli/report_formats.h"
#include "analyzer/cli/serve/dump_bytes.h"
#include "analyzer/cli/serve/pprof_index.h"
#include "analyzer/cli/serve/random_token.h"
#include "analyzer/report/names.h"
#include "analyzer/report/profile_delta.h"
#include "ui/web/page_file.h"

namespace stray::analyzer {
namespace {

constexpr char kPprof[] = "/debug/pprof/";
constexpr uint64_t kMostSeconds = 3600;
constexpr size_t kMostDeltas = 16;
constexpr char kBinary[] = "application/octet-stream";

HttpResponse Text(int status, absl::string_view text) {
  HttpResponse response;
  response.status = status;
  response.body = absl::StrCat(text, "\n");
  return response;
}

HttpResponse Attachment(std::string name, std::string bytes) {
  HttpResponse response;
  response.type = kBinary;
  response.headers.emplace_back("Content-Disposition", absl::StrCat("attachment; filename=\"", name, "\""));
  response.body = std::move(bytes);
  return response;
}

HttpResponse Failure(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
      return Text(404, status.message());
    case absl::StatusCode::kInvalidArgument:
      return Text(400, status.message());
    case absl::StatusCode::kDeadlineExceeded:
      return Text(504, status.message());
    default:
      return Text(503, status.message());
  }
}

// As net/http/pprof says it, header and all.
HttpResponse UnknownProfile() {
  HttpResponse response = Text(404, "Unknown profile");
  response.headers.emplace_back("X-Go-Pprof", "1");
  return response;
}

HttpResponse Moved(std::string to) {
  HttpResponse response = Text(301, absl::StrCat("see ", to));
  response.headers.emplace_back("Location", std::move(to));
  return response;
}

absl::string_view WithoutPort(absl::string_view host) {
  const size_t bracket = host.find(']');
  if (absl::StartsWith(host, "[") && bracket != absl::string_view::npos) return host.substr(1, bracket - 1);
  return host.substr(0, host.find(':'));
}

// Whether the query asks for text, and in which of the two layouts.
int DebugLevel(const HttpRequest& request) {
  int level = 0;
  return absl::SimpleAtoi(request.Query("debug"), &level) ? level : 0;
}

// "cart.4711.stray", with nothing in it that ends a quoted word of a header.
std::string DumpName(const ProcessModel& process) {
  const std::string program = absl::StrReplaceAll(ProgramName(process), {{"\"", "_"}, {"\\", "_"}});
  return absl::StrCat(program, ".", process.process.pid(), ".stray");
}

}  // namespace

Endpoints::Endpoints(EndpointSettings settings, std::unique_ptr<LiveProcesses> processes, After after)
    : settings_(std::move(settings)), processes_(std::move(processes)), after_(std::move(after)) {}

bool Endpoints::IsAllowed(const HttpRequest& request, HttpResponse& refusal) const {
  if (settings_.address.IsUnix()) return true;
  if (!settings_.token.empty()) {
    absl::string_view given = request.authorization;
    if (!absl::ConsumePrefix(&given, "Bearer ")) given = request.Query("token");
    if (IsSameToken(given, settings_.token)) return true;
    refusal = Text(401, "a token is needed: ?token=... or the header \"Authorization: Bearer ...\"");
    refusal.headers.emplace_back("WWW-Authenticate", "Bearer");
    return false;
  }
  ListenAddress named;
  named.host = std::string(WithoutPort(request.host));
  if (!named.host.empty() && (named.IsLocal() || named.host == settings_.address.host)) return true;
  refusal = Text(403, "ask for this machine by a name of its own: localhost, 127.0.0.1 or [::1]");
  return false;
}

void Endpoints::Handle(const HttpRequest& request, HttpServer::Reply reply) {
  HttpResponse refusal;
  if (!IsAllowed(request, refusal)) return reply(std::move(refusal));
  const bool is_read = request.method == "GET" || request.method == "HEAD" ||
                       (request.method == "POST" && request.path == absl::StrCat(kPprof, "symbol"));
  if (!is_read) {
    HttpResponse response = Text(405, "Method Not Allowed");
    response.headers.emplace_back("Allow", "GET, HEAD");
    return reply(std::move(response));
  }
  absl::string_view name = request.path;
  const std::optional<ProfileKind> kind =
      absl::ConsumePrefix(&name, kPprof) ? ProfileOfName(name) : std::nullopt;
  if (!kind.has_value()) return reply(Answer(request));
  if (request.Query("seconds").empty()) return reply(Profile(request, *kind));
  Delta(request, *kind, std::move(reply));
}

HttpResponse Endpoints::Answer(const HttpRequest& request) {
  if (request.path == "/" || request.path == "/debug/pprof") {
    return Moved(absl::StrCat(kPprof, request.raw_query.empty() ? "" : "?", request.raw_query));
  }
  if (request.path == "/metrics") return Metrics(request);
  if (request.path == "/stray/snapshot") return Dump(request);
  if (request.path == "/stray/report") return Report(request);
  absl::string_view name = request.path;
  if (!absl::ConsumePrefix(&name, kPprof)) return Text(404, "404 page not found");
  if (name.empty()) return PprofIndex(request);
  if (name == "cmdline") return CommandLine(request);
  if (name == "symbol") return Symbol(request);
  return UnknownProfile();
}

absl::StatusOr<Endpoints::Moment> Endpoints::Look(const HttpRequest& request, bool wants_proof) {
  const absl::StatusOr<BoxView> box = processes_->Choose(request.Query("pid"));
  if (!box.ok()) return box.status();
  absl::StatusOr<Model> model = processes_->Snapshot(*box, wants_proof);
  if (!model.ok()) return model.status();
  Moment moment;
  moment.model = *std::move(model);
  moment.verdict = Judge(moment.model, settings_.judge, settings_.policy);
  return moment;
}

HttpResponse Endpoints::PprofIndex(const HttpRequest& request) {
  const absl::StatusOr<Moment> moment = Look(request, false);
  if (!moment.ok()) return Failure(moment.status());
  std::vector<IndexEntry> entries;
  for (const std::string& name : ProfileNames()) {
    ProfileOptions options;
    options.kind = *ProfileOfName(name);
    const TaskProfile profile = MakeTaskProfile(moment->model, moment->verdict.findings, options);
    int64_t count = 0;
    for (const ProfileSample& sample : profile.samples) count += sample.count;
    entries.push_back({name, count});
  }
  std::vector<pid_t> others;
  for (const BoxView& box : processes_->Running()) others.push_back(box.pid());
  HttpResponse response;
  response.type = "text/html; charset=utf-8";
  response.headers.emplace_back("Content-Security-Policy", "default-src 'none'");
  response.body =
      PprofIndexPage(moment->model.processes[0]->process, entries, others, std::string(request.Query("token")));
  return response;
}

HttpResponse Endpoints::CommandLine(const HttpRequest& request) const {
  const absl::StatusOr<BoxView> box = processes_->Choose(request.Query("pid"));
  if (!box.ok()) return Failure(box.status());
  HttpResponse response;
  response.body = CommandLineOf(box->pid());
  return response;
}

HttpResponse Endpoints::Symbol(const HttpRequest& request) {
  const absl::StatusOr<BoxView> box = processes_->Choose(request.Query("pid"));
  if (!box.ok()) return Failure(box.status());
  std::vector<uint64_t> addresses;
  const std::string& asked = request.method == "POST" ? request.body : request.raw_query;
  for (absl::string_view word : absl::StrSplit(asked, absl::ByAnyChar("+&"))) {
    uint64_t address = 0;
    if (absl::SimpleHexAtoi(word, &address) && address != 0) addresses.push_back(address);
  }
  const absl::StatusOr<std::vector<std::string>> names = processes_->FunctionsAt(*box, addresses);
  if (!names.ok()) return Failure(names.status());
  HttpResponse response;
  response.body = "num_symbols: 1\n";
  for (size_t i = 0; i < addresses.size(); ++i) {
    if ((*names)[i].empty()) continue;
    absl::StrAppend(&response.body, "0x", absl::Hex(addresses[i]), " ", (*names)[i], "\n");
  }
  return response;
}

HttpResponse Endpoints::Profile(const HttpRequest& request, ProfileKind kind) {
  const absl::StatusOr<Moment> moment = Look(request, kind == ProfileKind::kGoroutineLeak);
  if (!moment.ok()) return Failure(moment.status());
  const int debug = DebugLevel(request);
  const std::vector<Finding>& findings = moment->verdict.findings;
  const bool is_tasks = kind == ProfileKind::kGoroutine || kind == ProfileKind::kGoroutineLeak;
  HttpResponse response;
  if (debug >= 2 && is_tasks) {
    response.body = GoroutineText(moment->model, findings, request.Query("labels") != "0");
    return response;
  }
  ProfileOptions options;
  options.kind = kind;
  const TaskProfile profile = MakeTaskProfile(moment->model, findings, options);
  if (debug == 0) return Attachment(NameOfProfile(kind), PprofProfile(profile));
  response.body = ProfileText(profile);
  return response;
}

void Endpoints::Delta(const HttpRequest& request, ProfileKind kind, HttpServer::Reply reply) {
  uint64_t seconds = 0;
  if (!absl::SimpleAtoi(request.Query("seconds"), &seconds) || seconds == 0) {
    return reply(Text(400, "invalid value for \"seconds\" - must be a positive integer"));
  }
  if (DebugLevel(request) != 0) return reply(Text(400, "seconds and debug params are incompatible"));
  if (seconds > kMostSeconds) return reply(Text(400, absl::StrCat("at most ", kMostSeconds, " seconds")));
  if (deltas_ == kMostDeltas) return reply(Text(503, "too many requests with seconds= wait already"));
  const bool wants_proof = kind == ProfileKind::kGoroutineLeak;
  absl::StatusOr<BoxView> chosen = processes_->Choose(request.Query("pid"));
  if (!chosen.ok()) return reply(Failure(chosen.status()));
  const auto box = std::make_shared<BoxView>(*std::move(chosen));
  HttpRequest again = request;  // the same process, though another may be the first by then
  again.query["pid"] = absl::StrCat(box->pid());
  if (IsContention(kind)) {
    const absl::Status counts = wait_rates_.Begin(*box, std::chrono::seconds(seconds));
    if (!counts.ok()) return reply(Failure(counts));
  }
  absl::StatusOr<Moment> first = Look(again, wants_proof);
  if (!first.ok()) {
    if (IsContention(kind)) wait_rates_.End(*box);
    return reply(Failure(first.status()));
  }
  ++deltas_;
  auto before = std::make_shared<Moment>(*std::move(first));
  after_(std::chrono::seconds(seconds), [=, this, reply = std::move(reply)] {
    --deltas_;
    const absl::StatusOr<Moment> now = Look(again, wants_proof);
    if (IsContention(kind)) wait_rates_.End(*box);
    if (!now.ok()) return reply(Failure(now.status()));
    ProfileOptions options;
    options.kind = kind;
    const TaskProfile profile = ProfileDelta(MakeTaskProfile(now->model, now->verdict.findings, options),
                                             MakeTaskProfile(before->model, before->verdict.findings, options));
    reply(Attachment(absl::StrCat(NameOfProfile(kind), "-delta"), PprofProfile(profile)));
  });
}

HttpResponse Endpoints::Metrics(const HttpRequest& request) {
  std::vector<Moment> moments;
  std::vector<pid_t> silent;
  for (const BoxView& box : processes_->Running()) {
    absl::StatusOr<Model> model = processes_->Snapshot(box, request.Query("prove") == "1");
    if (!model.ok()) {
      silent.push_back(box.pid());
      continue;
    }
    Moment& moment = moments.emplace_back();
    moment.model = *std::move(model);
    moment.verdict = Judge(moment.model, settings_.judge, settings_.policy);
  }
  std::vector<std::pair<const ProcessModel*, const Verdict*>> processes;
  for (const Moment& moment : moments) {
    const ProcessModel* process = moment.model.processes[0].get();
    if (process->LastSnapshot() != nullptr) processes.emplace_back(process, &moment.verdict);
  }
  HttpResponse response;
  response.type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = MetricsText(processes, silent, history_);
  return response;
}

HttpResponse Endpoints::Dump(const HttpRequest& request) {
  const absl::StatusOr<Moment> moment = Look(request, request.Query("prove") == "1");
  if (!moment.ok()) return Failure(moment.status());
  absl::StatusOr<std::string> bytes = DumpBytes(moment->model);
  if (!bytes.ok()) return Failure(bytes.status());
  return Attachment(DumpName(*moment->model.processes[0]), *std::move(bytes));
}

HttpResponse Endpoints::Report(const HttpRequest& request) {
  OutputSettings output;
  const absl::string_view format = request.Query("format");
  if (!format.empty()) output.format = std::string(format);
  std::vector<std::string> formats = ReportFormatWords();
  formats.erase(std::remove_if(formats.begin(), formats.end(),
                               [](const std::string& word) {
                                 return FormatOf(word).binary || FormatOf(word).needs_trace;
                               }),
                formats.end());
  if (std::find(formats.begin(), formats.end(), output.format) == formats.end()) {
    return Text(400, absl::StrCat("format: one of ", absl::StrJoin(formats, ", ")));
  }
  const absl::StatusOr<Moment> moment = Look(request, request.Query("prove") == "1");
  if (!moment.ok()) return Failure(moment.status());
  HttpResponse response;
  if (output.format == "json" || output.format == "sarif") response.type = "application/json";
  if (output.format == "html") {
    response.type = "text/html; charset=utf-8";
    response.headers.emplace_back("Content-Security-Policy", ui::PagePolicy(false));
  }
  response.body = RenderMoment(moment->model, moment->verdict, output, Policy(), ReportOptions());
  return response;
}

}  // namespace stray::analyzer
