// SPDX-License-Identifier: Apache-2.0
// error.h: what went wrong, as a value; none, if nothing did.
//
// Go's error is an interface that may be nil. std::error_code is the nearest thing in C++, but cannot carry
// words of its own, nor tell one failure from the next of the same kind; and the runtime throws nothing. So
// Error is a pointer to a text, that any std::error_code converts to. Two errors are the same if they are
// copies of one, or have the same code.
#ifndef STRAY_ERROR_H_
#define STRAY_ERROR_H_

#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace stray {

class [[nodiscard]] Error {
 public:
  Error() = default;  // none
  explicit Error(std::string_view text) : body_(std::make_shared<Body>(Body{std::string(text), {}})) {}
  Error(std::error_code code) {  // NOLINT: they mean the same
    if (code) body_ = std::make_shared<Body>(Body{code.message(), code});
  }

  explicit operator bool() const { return body_ != nullptr; }
  // Empty if there is none.
  std::string_view Text() const { return body_ == nullptr ? std::string_view() : body_->text; }
  // No error if this was not made from one.
  std::error_code Code() const { return body_ == nullptr ? std::error_code() : body_->code; }

  friend bool operator==(const Error& a, const Error& b) {
    if (a.body_ == b.body_) return true;
    return a.body_ != nullptr && b.body_ != nullptr && a.body_->code && a.body_->code == b.body_->code;
  }

 private:
  struct Body {
    std::string text;
    std::error_code code;
  };
  std::shared_ptr<const Body> body_;
};

}  // namespace stray

#endif  // STRAY_ERROR_H_
