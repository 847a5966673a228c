// SPDX-License-Identifier: Apache-2.0
#include "ui/web/page_file.h"

#include <zlib.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

extern "C" const char stray_page_begin[];
extern "C" const char stray_page_end[];

namespace stray::ui {
namespace {

constexpr size_t kLarge = 256 << 10;  // bytes of JSON; less is left readable
constexpr absl::string_view kPlace = "<!--stray:data-->";
constexpr absl::string_view kOwnServer = "connect-src 'self'; ";
constexpr absl::string_view kPolicyBegin = "http-equiv=\"Content-Security-Policy\" content=\"";

absl::string_view Template() {
  return {stray_page_begin, static_cast<size_t>(stray_page_end - stray_page_begin)};
}

// `text` as a gzip file; "": it cannot be had.
std::string Compressed(absl::string_view text) {
  constexpr int kGzip = 16;
  z_stream stream = {};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + kGzip, 8, Z_DEFAULT_STRATEGY) !=
      Z_OK)
    return "";
  std::string out;
  std::string chunk(1 << 16, '\0');
  int status = Z_OK;
  for (size_t at = 0; status == Z_OK;) {
    if (stream.avail_in == 0) {
      // zlib counts in 32 bits.
      const size_t size = std::min<size_t>(text.size() - at, 1 << 30);
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data() + at));
      stream.avail_in = static_cast<uInt>(size);
      at += size;
    }
    stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
    stream.avail_out = static_cast<uInt>(chunk.size());
    status = deflate(&stream, at == text.size() ? Z_FINISH : Z_NO_FLUSH);
    out.append(chunk, 0, chunk.size() - stream.avail_out);
  }
  deflateEnd(&stream);
  return status == Z_STREAM_END ? out : "";
}

std::string DataElement(absl::string_view json) {
  const std::string compressed = json.size() < kLarge ? "" : Compressed(json);
  if (!compressed.empty()) {
    return absl::StrCat("<script id=\"stray-data\" type=\"text/plain\" data-encoding=\"gzip\">",
                        absl::Base64Escape(compressed), "</script>");
  }
  // In JSON a "<" stands in strings only, where it may be written like this.
  return absl::StrCat("<script id=\"stray-data\" type=\"application/json\">",
                      absl::StrReplaceAll(json, {{"<", "\\u003c"}}), "</script>");
}

}  // namespace

std::string PageFile(absl::string_view json, bool live) {
  const absl::string_view page = Template();
  const size_t policy = page.find(kPolicyBegin) + kPolicyBegin.size();
  const size_t place = page.find(kPlace);
  return absl::StrCat(page.substr(0, policy), live ? kOwnServer : "", page.substr(policy, place - policy),
                      DataElement(json), page.substr(place + kPlace.size()));
}

std::string PagePolicy(bool live) {
  const absl::string_view page = Template();
  const size_t begin = page.find(kPolicyBegin) + kPolicyBegin.size();
  return absl::StrCat(live ? kOwnServer : "", page.substr(begin, page.find('"', begin) - begin),
                      "; frame-ancestors 'none'");
}

}  // namespace stray::ui
