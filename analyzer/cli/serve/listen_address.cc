// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/serve/listen_address.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace stray::analyzer {
namespace {

constexpr int kBacklog = 16;

absl::Status Failed(const ListenAddress& address, int error) {
  return absl::ErrnoToStatus(error, absl::StrCat("cannot listen at ", address.Text()));
}

absl::StatusOr<sockaddr_un> UnixAddress(const ListenAddress& address) {
  sockaddr_un out = {};
  out.sun_family = AF_UNIX;
  if (address.unix_path.size() >= sizeof(out.sun_path)) return Failed(address, ENAMETOOLONG);
  std::memcpy(out.sun_path, address.unix_path.data(), address.unix_path.size());
  return out;
}

// A socket that a server has left behind is in the way of the next one.
void RemoveIfDead(const sockaddr_un& at) {
  struct stat info;
  if (lstat(at.sun_path, &info) != 0 || !S_ISSOCK(info.st_mode)) return;
  const FileDescriptor probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (connect(probe.get(), reinterpret_cast<const sockaddr*>(&at), sizeof(at)) != 0 && errno == ECONNREFUSED) {
    unlink(at.sun_path);
  }
}

absl::StatusOr<FileDescriptor> ListenUnix(const ListenAddress& address) {
  const absl::StatusOr<sockaddr_un> at = UnixAddress(address);
  if (!at.ok()) return at.status();
  RemoveIfDead(*at);
  FileDescriptor fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const mode_t mask = umask(0177);
  const int bound = bind(fd.get(), reinterpret_cast<const sockaddr*>(&*at), sizeof(*at));
  const int error = errno;
  umask(mask);
  if (bound != 0) return Failed(address, error);
  if (listen(fd.get(), kBacklog) != 0) return Failed(address, errno);
  return fd;
}

uint16_t PortOf(int fd) {
  sockaddr_storage at = {};
  socklen_t size = sizeof(at);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size) != 0) return 0;
  return ntohs(at.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(at).sin6_port
                                        : reinterpret_cast<const sockaddr_in&>(at).sin_port);
}

}  // namespace

bool ListenAddress::IsLocal() const {
  return IsUnix() || host == "localhost" || host == "::1" || absl::StartsWith(host, "127.");
}

std::string ListenAddress::Text() const {
  if (IsUnix()) return absl::StrCat("unix:", unix_path);
  const bool is_six = absl::StrContains(host, ":");
  return absl::StrCat("http://", is_six ? "[" : "", host, is_six ? "]" : "", ":", port);
}

absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text) {
  ListenAddress address;
  absl::string_view rest = text;
  if (absl::ConsumePrefix(&rest, "unix:")) {
    if (rest.empty()) return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" names no socket"));
    address.unix_path = std::string(rest);
    return address;
  }
  const size_t colon = rest.rfind(':');
  absl::string_view host = colon == absl::string_view::npos ? "" : rest.substr(0, colon);
  const absl::string_view port = colon == absl::string_view::npos ? rest : rest.substr(colon + 1);
  const bool has_brackets = absl::ConsumePrefix(&host, "[") && absl::ConsumeSuffix(&host, "]");
  uint32_t number = 0;
  const bool is_good = absl::SimpleAtoi(port, &number) && number <= UINT16_MAX &&
                       (has_brackets || !absl::StrContains(host, ":"));
  if (!is_good) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" is not an address, as in 127.0.0.1:6060, :6060 or unix:/run/app.sock"));
  }
  address.host = host.empty() ? "127.0.0.1" : std::string(host);
  address.port = static_cast<uint16_t>(number);
  return address;
}

absl::StatusOr<FileDescriptor> Listen(ListenAddress& address) {
  if (address.IsUnix()) return ListenUnix(address);
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failure = getaddrinfo(address.host.c_str(), absl::StrCat(address.port).c_str(), &hints, &found);
  if (failure != 0) {
    return absl::NotFoundError(absl::StrCat("cannot listen at ", address.Text(), ": ", gai_strerror(failure)));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, freeaddrinfo);
  FileDescriptor fd(
      socket(found->ai_family, found->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, found->ai_protocol));
  const int yes = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  if (bind(fd.get(), found->ai_addr, found->ai_addrlen) != 0 || listen(fd.get(), kBacklog) != 0) {
    return Failed(address, errno);
  }
  address.port = PortOf(fd.get());
  return fd;
}

}  // namespace stray::analyzer
