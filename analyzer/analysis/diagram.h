// SPDX-License-Identifier: Apache-2.0
// diagram.h: who waits for what and who holds it, as boxes and arrows: the picture of a proof.
#ifndef STRAY_ANALYZER_ANALYSIS_DIAGRAM_H_
#define STRAY_ANALYZER_ANALYSIS_DIAGRAM_H_

#include <cstdint>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace stray::analyzer {

enum class Mark {
  kPlain,
  kStuck,  // can never go on
  kLive,   // can go on
  kEnded,  // is no more
};

struct DiagramNode {
  enum class Shape { kTask, kObject, kOther };

  std::string id;  // t17, o3, memory: letters and digits only
  Shape shape = Shape::kOther;
  std::string label;  // as the program and the user name it: not safe to print as it is
  Mark mark = Mark::kPlain;
};

struct DiagramEdge {
  size_t from = 0;  // index of a node
  size_t to = 0;
  std::string label;  // waits, holds, could wake, ended, ...
  bool dead = false;  // nothing will come of it any more
};

class Diagram {
 public:
  // The number of the node, made if need be. A mark that says something replaces one that does not.
  size_t Task(uint32_t id, absl::string_view label, Mark mark = Mark::kPlain);
  size_t Object(uint32_t id, absl::string_view label);
  size_t Other(absl::string_view id, absl::string_view label);

  // Once, however often it is said.
  void Edge(size_t from, size_t to, absl::string_view label, bool dead = false);

  const std::vector<DiagramNode>& nodes() const { return nodes_; }
  const std::vector<DiagramEdge>& edges() const { return edges_; }

 private:
  size_t Node(const std::string& id, DiagramNode::Shape shape, absl::string_view label, Mark mark);

  std::vector<DiagramNode> nodes_;
  std::vector<DiagramEdge> edges_;
  absl::flat_hash_map<std::string, size_t> known_;
  std::set<std::tuple<size_t, size_t, std::string>> known_edges_;
};

}  // namespace stray::analyzer

#endif  // STRAY_ANALYZER_ANALYSIS_DIAGRAM_H_
