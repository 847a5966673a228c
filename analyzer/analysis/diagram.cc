// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/diagram.h"

#include "absl/strings/str_cat.h"

namespace stray::analyzer {

size_t Diagram::Node(const std::string& id, DiagramNode::Shape shape, absl::string_view label, Mark mark) {
  const auto [it, is_new] = known_.try_emplace(id, nodes_.size());
  if (is_new) nodes_.push_back({id, shape, std::string(label), mark});
  if (mark != Mark::kPlain) nodes_[it->second].mark = mark;
  return it->second;
}

size_t Diagram::Task(uint32_t id, absl::string_view label, Mark mark) {
  return Node(absl::StrCat("t", id), DiagramNode::Shape::kTask, label, mark);
}

size_t Diagram::Object(uint32_t id, absl::string_view label) {
  return Node(absl::StrCat("o", id), DiagramNode::Shape::kObject, label, Mark::kPlain);
}

size_t Diagram::Other(absl::string_view id, absl::string_view label) {
  return Node(std::string(id), DiagramNode::Shape::kOther, label, Mark::kPlain);
}

void Diagram::Edge(size_t from, size_t to, absl::string_view label, bool dead) {
  if (known_edges_.emplace(from, to, std::string(label)).second)
    edges_.push_back({from, to, std::string(label), dead});
}

}  // namespace stray::analyzer
