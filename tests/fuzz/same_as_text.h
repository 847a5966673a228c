// SPDX-License-Identifier: Apache-2.0
// same_as_text.h: what holds for every Model that could be read: as text, and read again, it is the same.
#ifndef STRAY_TESTS_FUZZ_SAME_AS_TEXT_H_
#define STRAY_TESTS_FUZZ_SAME_AS_TEXT_H_

#include "analyzer/model/model.h"

namespace stray::test {

// Aborts, with the text, if `model` does not survive the way through text.
void CheckSameAsText(analyzer::Model model);

}  // namespace stray::test

#endif  // STRAY_TESTS_FUZZ_SAME_AS_TEXT_H_
