// SPDX-License-Identifier: Apache-2.0
// xml_text.h: any bytes as text of an XML document.
//
// XML has characters that it cannot hold in any form, such as most control characters: they, and what is no
// UTF-8, become readable escapes (\x1b).
#ifndef STRAY_ANALYZER_REPORT_XML_TEXT_H_
#define STRAY_ANALYZER_REPORT_XML_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace stray::analyzer {

// Between tags; lines stay lines.
std::string XmlText(absl::string_view text);

// Between double quotes; lines become spaces.
std::string XmlAttribute(absl::string_view text);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_XML_TEXT_H_
