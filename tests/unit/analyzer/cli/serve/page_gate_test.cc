// SPDX-License-Identifier: Apache-2.0
#include "analyzer/cli/serve/page_gate.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "absl/strings/match.h"

namespace stray::analyzer {
namespace {

constexpr uint16_t kPort = 4711;
constexpr char kToken[] = "0123456789abcdef";
constexpr char kSession[] = "fedcba9876543210";

HttpRequest Request(const std::string& token, const std::string& cookie) {
  HttpRequest request;
  request.method = "GET";
  request.path = "/";
  request.host = "127.0.0.1:4711";
  if (!token.empty()) request.query["token"] = token;
  request.cookie = cookie;
  return request;
}

std::string HeaderOf(const HttpResponse& response, const std::string& name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "";
}

// Status of the refusal; 0: the request may pass.
int StatusOf(PageGate& gate, const HttpRequest& request) {
  const std::optional<HttpResponse> refusal = gate.Check(request);
  return refusal.has_value() ? refusal->status : 0;
}

TEST(PageGateTest, TokenIsExchangedForACookieOnce) {
  PageGate gate(kPort, kToken, kSession);
  const std::optional<HttpResponse> entered = gate.Check(Request(kToken, ""));
  ASSERT_TRUE(entered.has_value());
  EXPECT_EQ(entered->status, 303);
  EXPECT_EQ(HeaderOf(*entered, "Location"), "/");
  const std::string cookie = HeaderOf(*entered, "Set-Cookie");
  EXPECT_TRUE(absl::StrContains(cookie, "stray-4711=fedcba9876543210;")) << cookie;
  EXPECT_TRUE(absl::StrContains(cookie, "HttpOnly")) << cookie;
  EXPECT_TRUE(absl::StrContains(cookie, "SameSite=Strict")) << cookie;
  EXPECT_EQ(StatusOf(gate, Request(kToken, "")), 401);
}

TEST(PageGateTest, CookieOpensAmongOthers) {
  PageGate gate(kPort, kToken, kSession);
  EXPECT_EQ(StatusOf(gate, Request("", "a=b; stray-4711=fedcba9876543210; c=d")), 0);
}

TEST(PageGateTest, NothingElseOpens) {
  PageGate gate(kPort, kToken, kSession);
  EXPECT_EQ(StatusOf(gate, Request("", "")), 401);
  EXPECT_EQ(StatusOf(gate, Request("0123456789abcdee", "")), 401);
  EXPECT_EQ(StatusOf(gate, Request("", "stray-4711=fedcba987654321")), 401);
  EXPECT_EQ(StatusOf(gate, Request("", "stray-4712=fedcba9876543210")), 401);
  EXPECT_EQ(StatusOf(gate, Request("", "xstray-4711=fedcba9876543210")), 401);
}

TEST(PageGateTest, TokenOfAReloadedAddressIsTakenOutOfIt) {
  PageGate gate(kPort, kToken, kSession);
  EXPECT_EQ(StatusOf(gate, Request(kToken, "")), 303);
  EXPECT_EQ(StatusOf(gate, Request(kToken, "stray-4711=fedcba9876543210")), 303);
}

TEST(PageGateTest, OtherNamesOfThisMachineAreRefused) {
  PageGate gate(kPort, kToken, kSession);
  for (const char* host :
       {"evil.example:4711", "127.0.0.1", "127.0.0.1:4712", "127.0.0.1.evil.example:4711", ""}) {
    HttpRequest request = Request(kToken, "stray-4711=fedcba9876543210");
    request.host = host;
    EXPECT_EQ(StatusOf(gate, request), 403) << host;
  }
  HttpRequest request = Request("", "stray-4711=fedcba9876543210");
  request.host = "localhost:4711";
  EXPECT_EQ(StatusOf(gate, request), 0);
}

TEST(PageGateTest, WhatAnotherSiteHasCausedIsRefusedAndCostsNoToken) {
  PageGate gate(kPort, kToken, kSession);
  for (const char* site : {"cross-site", "same-site"}) {
    HttpRequest request = Request(kToken, "stray-4711=fedcba9876543210");
    request.fetch_site = site;
    EXPECT_EQ(StatusOf(gate, request), 403) << site;
  }
  HttpRequest own = Request("", "stray-4711=fedcba9876543210");
  own.fetch_site = "same-origin";
  EXPECT_EQ(StatusOf(gate, own), 0);
  EXPECT_EQ(StatusOf(gate, Request(kToken, "")), 303);
}

TEST(PageGateTest, OnlyReadingIsAllowed) {
  PageGate gate(kPort, kToken, kSession);
  HttpRequest request = Request("", "stray-4711=fedcba9876543210");
  request.method = "POST";
  EXPECT_EQ(StatusOf(gate, request), 405);
}

}  // namespace
}  // namespace stray::analyzer
