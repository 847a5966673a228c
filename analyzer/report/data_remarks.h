// SPDX-License-Identifier: Apache-2.0
// data_remarks.h: what a report does not know, in plain words.
//
// Losses, gaps, damage and notes of a Model. They stand above the findings: a report that finds nothing
// must not look clean when it could not look everywhere.
#ifndef STRAY_ANALYZER_REPORT_DATA_REMARKS_H_
#define STRAY_ANALYZER_REPORT_DATA_REMARKS_H_

#include <string>
#include <vector>

#include "analyzer/model/model.h"

namespace stray::analyzer {

struct DataRemark {
  bool incomplete = false;  // findings may be missing because of it; else only detail is
  std::string text;         // a sentence without full stop
};

// Agrees with IsIncomplete(): the data is incomplete if and only if one of these is.
//
// In the order of the model: damage first, then process by process. With several processes each remark
// begins with the name of its process.
std::vector<DataRemark> DataRemarks(const Model& model);

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_REPORT_DATA_REMARKS_H_
