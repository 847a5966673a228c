// SPDX-License-Identifier: Apache-2.0
// bytes.h: copying, comparing and searching bytes, as <string.h> has it.
//
// The agent's own, because a sanitizer in the program stands before libc's: it would take what the agent reads
// and writes for the program's, and report races that there are not. bytes.cc gives them their names.
#ifndef STRAY_AGENT_BASE_BYTES_H_
#define STRAY_AGENT_BASE_BYTES_H_

#include <stddef.h>
#include <stdint.h>

namespace stray::agent {

typedef uint64_t Word [[gnu::aligned(1), gnu::may_alias]];

// Forwards: right as well if `to` lies before `from` and the two overlap.
inline void CopyForwards(char* to, const char* from, size_t size) {
#if defined(__x86_64__)
  constexpr size_t kLong = 512;
  if (size >= kLong) {
    asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
    return;
  }
#endif
  for (; size >= sizeof(Word); size -= sizeof(Word), to += sizeof(Word), from += sizeof(Word)) {
    *reinterpret_cast<Word*>(to) = *reinterpret_cast<const Word*>(from);
  }
  while (size-- > 0) *to++ = *from++;
}

inline void CopyBackwards(char* to, const char* from, size_t size) {
  while (size-- > 0) to[size] = from[size];
}

inline void Fill(char* to, char value, size_t size) {
#if defined(__x86_64__)
  asm volatile("rep stosb" : "+D"(to), "+c"(size) : "a"(value) : "memory");
#else
  while (size-- > 0) *to++ = value;
#endif
}

inline int Compare(const unsigned char* a, const unsigned char* b, size_t size) {
  for (; size >= sizeof(Word); size -= sizeof(Word), a += sizeof(Word), b += sizeof(Word)) {
    if (*reinterpret_cast<const Word*>(a) != *reinterpret_cast<const Word*>(b)) break;
  }
  for (; size > 0; --size, ++a, ++b) {
    if (*a != *b) return *a - *b;
  }
  return 0;
}

inline size_t Length(const char* text) {
  const char* end = text;
  while (*end != '\0') ++end;
  return static_cast<size_t>(end - text);
}

// At most `most` characters.
inline int CompareText(const char* a, const char* b, size_t most) {
  for (; most > 0; --most, ++a, ++b) {
    if (*a != *b) return static_cast<unsigned char>(*a) - static_cast<unsigned char>(*b);
    if (*a == '\0') break;
  }
  return 0;
}

// Null if it is not there; 0 is found at the end.
inline const char* FindFirst(const char* text, char wanted) {
  for (;; ++text) {
    if (*text == wanted) return text;
    if (*text == '\0') return nullptr;
  }
}

inline const char* FindLast(const char* text, char wanted) {
  const char* found = nullptr;
  for (;; ++text) {
    if (*text == wanted) found = text;
    if (*text == '\0') return found;
  }
}

inline const char* FindText(const char* text, const char* wanted) {
  const size_t length = Length(wanted);
  for (;; ++text) {
    if (CompareText(text, wanted, length) == 0) return text;
    if (*text == '\0') return nullptr;
  }
}

}  // namespace stray::agent

#endif  // STRAY_AGENT_BASE_BYTES_H_
