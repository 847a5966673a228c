// SPDX-License-Identifier: Apache-2.0
// loader.cc: dlopen and dlmopen, noted where they lead to code that our hooks do not reach.
//
// A library loaded with RTLD_DEEPBIND finds libc's functions before ours; one in a namespace of its own has its
// own libc. Both are named as gaps in the report.
//
// libdl looks at its return address to learn who called: RUNPATH, $ORIGIN and the namespace are the caller's.
// So the hooks are trampolines in assembler (loader_x86_64.S, loader_aarch64.S) which call the functions below
// and then jump to the real one with the stack as it was. Constructors of the library run below the real one,
// not below us.
#include <string.h>

#include "agent/hooks/real.h"
#include "agent/recorder/box.h"
#include "agent/recorder/thread.h"

namespace stray::agent {
namespace {

// Adds a gap unless one for this library is there. Two threads at once may add it twice, which does no harm.
void NoteGap(const InsideAgent&, wire::GapKind kind, const char* library) {
  const wire::Region& gaps = Box::Header()->regions[static_cast<size_t>(wire::RegionId::kGaps)];
  const uint64_t used = __atomic_load_n(&gaps.used, __ATOMIC_ACQUIRE);
  for (uint32_t i = 1; i <= used && i <= gaps.capacity; ++i) {
    const auto* gap = Box::At<wire::GapRecord>(wire::RegionId::kGaps, i);
    // Pairs with the release below: who sees the kind sees the text.
    const bool same_kind = __atomic_load_n(&gap->kind, __ATOMIC_ACQUIRE) == static_cast<uint32_t>(kind);
    if (same_kind && gap->text != 0 && strcmp(Box::String(gap->text), library) == 0) return;
  }
  const uint32_t index = Box::Append(wire::RegionId::kGaps);
  if (index == 0) return;
  auto* gap = Box::At<wire::GapRecord>(wire::RegionId::kGaps, index);
  gap->text = Box::AddString(library);
  __atomic_store_n(&gap->kind, static_cast<uint32_t>(kind), __ATOMIC_RELEASE);
}

// Without a name nothing is loaded: it means the program itself.
bool IsLoad(const char* path, int flags) {
  return path != nullptr && path[0] != '\0' && (flags & RTLD_NOLOAD) == 0;
}

void NoteLoad(wire::GapKind kind, const char* path) {
  InsideAgent inside;
  if (Box::IsOpen()) NoteGap(inside, kind, path);
}

}  // namespace

// Called by the trampolines; what they return is jumped to.
extern "C" {

__attribute__((visibility("hidden"), used)) void* stray_note_dlopen(const char* path, int flags) {
  if ((flags & RTLD_DEEPBIND) != 0 && IsLoad(path, flags)) NoteLoad(wire::GapKind::kDeepBind, path);
  return reinterpret_cast<void*>(Real().dlopen);
}

__attribute__((visibility("hidden"), used)) void* stray_note_dlmopen(Lmid_t name_space, const char* path,
                                                                     int flags) {
  if (name_space != LM_ID_BASE && IsLoad(path, flags)) NoteLoad(wire::GapKind::kNamespace, path);
  return reinterpret_cast<void*>(Real().dlmopen);
}

}  // extern "C"

}  // namespace stray::agent
