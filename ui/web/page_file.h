// SPDX-License-Identifier: Apache-2.0
// page_file.h: the page with data in it, as one file that needs nothing else.
//
// It opens from disk and asks for nothing over the network: its content security policy, which is part of the
// template, allows no script but its own. What data holds is never code: it stands in an element that browsers
// do not run, with every "<" of it escaped, or compressed.
#ifndef STRAY_UI_WEB_PAGE_FILE_H_
#define STRAY_UI_WEB_PAGE_FILE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace stray::ui {

// The page that shows `json` (analyzer/page/page_data.h). Large data is compressed: the file is then read by
// browsers of 2023 and later only. `live`: it may ask the server that it comes from, and nobody else, for newer
// data.
std::string PageFile(absl::string_view json, bool live = false);

// What an HTTP server has to say with it: the same policy as in the file, and what only a header can say.
std::string PagePolicy(bool live);

}  // namespace stray::ui

#endif  // STRAY_UI_WEB_PAGE_FILE_H_
