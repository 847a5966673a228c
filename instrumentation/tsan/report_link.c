// SPDX-License-Identifier: Apache-2.0
// report_link.c: hands on to the agent, if there is one, what ThreadSanitizer prints.
//
// A static runtime of the sanitizer has bound its own __sanitizer_on_print, which does nothing, where the agent
// cannot get in between; so this is linked into the program (stray_instrument, pkg-config stray-race).
__attribute__((weak, visibility("default"))) void stray_agent_note_print(const char* text);

// What makes the linker take this file out of its library.
__attribute__((visibility("default"))) const int stray_race_link = 1;

// Says that it is there.
__attribute__((constructor)) static void Announce(void) {
  if (stray_agent_note_print) stray_agent_note_print("");
}

// Called by the sanitizer, with its locks held, for each piece of text.
__attribute__((visibility("default"))) void __sanitizer_on_print(const char* text);
void __sanitizer_on_print(const char* text) {
  if (stray_agent_note_print) stray_agent_note_print(text);
}
