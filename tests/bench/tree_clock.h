// SPDX-License-Identifier: Apache-2.0
// tree_clock.h: tree clocks (Mathur, Pavlogiannis, Tunc and Viswanathan, ASPLOS 2022), to compare our clocks
// with.
//
//   node = task, its time, and the time of the parent's task when the parent learned of it (attached)
//
// Invariants
//   - The root is the task whose clock it is, or that told it.
//   - Who knows a node's task at least at the time at which a child was attached knows the child's subtree.
//   - Children stand in the order in which they were attached, the newest first.
//
// So a join looks only at what is new to who joins, and at one node beside each of those.
#ifndef STRAY_TESTS_BENCH_TREE_CLOCK_H_
#define STRAY_TESTS_BENCH_TREE_CLOCK_H_

#include <cstdint>
#include <vector>

namespace stray::analyzer {

class TreeClock {
 public:
  void Begin(uint32_t task) {
    root_ = task;
    At(task).time = 1;
  }
  bool HasBegun() const { return root_ != kNone; }
  uint32_t Of(uint32_t task) const { return task < nodes_.size() ? nodes_[task].time : 0; }
  uint32_t now() const { return nodes_[root_].time; }
  void Tick() { ++nodes_[root_].time; }
  bool Knows(const TreeClock& other) const { return !other.HasBegun() || other.now() <= Of(other.root_); }

  // Each time the later one.
  void Join(const TreeClock& other) {
    if (Knows(other)) return;
    found_.clear();
    Find(other, other.root_, kNone);
    Move(other);
    nodes_[other.root_].attached = now();
    Push(other.root_, root_);
  }

  // The same as `other`, which knows all that this does.
  void MonotoneCopy(const TreeClock& other) {
    found_.clear();
    Find(other, other.root_, root_);
    Move(other);
    root_ = other.root_;
  }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  struct Node {
    uint32_t time = 0;  // 0: not in the tree
    uint32_t attached = 0;
    uint32_t parent = kNone, child = kNone, next = kNone, previous = kNone;  // tasks
  };

  Node& At(uint32_t task) {
    if (task >= nodes_.size()) nodes_.resize(task + 1);
    return nodes_[task];
  }

  // What is new of the subtree, children before their parents; and `old_root`, which is to be moved.
  void Find(const TreeClock& other, uint32_t task, uint32_t old_root) {
    for (uint32_t child = other.nodes_[task].child; child != kNone; child = other.nodes_[child].next) {
      if (Of(child) < other.nodes_[child].time) {
        Find(other, child, old_root);
      } else {
        if (child == old_root) found_.push_back(child);
        if (other.nodes_[child].attached <= Of(task)) break;
      }
    }
    found_.push_back(task);
  }

  // Gives what was found the places that it has in `other`, but for its root.
  void Move(const TreeClock& other) {
    if (other.nodes_.size() > nodes_.size()) nodes_.resize(other.nodes_.size());
    for (const uint32_t task : found_) {
      if (nodes_[task].time != 0 && task != root_) Remove(task);
    }
    for (auto task = found_.rbegin(); task != found_.rend(); ++task) {
      const Node& from = other.nodes_[*task];
      nodes_[*task].time = from.time;
      if (from.parent == kNone) continue;
      nodes_[*task].attached = from.attached;
      Push(*task, from.parent);
    }
  }

  void Remove(uint32_t task) {
    Node& node = nodes_[task];
    if (node.parent == kNone) return;
    (node.previous == kNone ? nodes_[node.parent].child : nodes_[node.previous].next) = node.next;
    if (node.next != kNone) nodes_[node.next].previous = node.previous;
    node.parent = node.next = node.previous = kNone;
  }

  void Push(uint32_t task, uint32_t parent) {
    Node& node = nodes_[task];
    node.parent = parent;
    node.previous = kNone;
    node.next = nodes_[parent].child;
    if (node.next != kNone) nodes_[node.next].previous = task;
    nodes_[parent].child = task;
  }

  uint32_t root_ = kNone;
  std::vector<Node> nodes_;  // by task
  std::vector<uint32_t> found_;
};

}  // namespace stray::analyzer

#endif  // STRAY_TESTS_BENCH_TREE_CLOCK_H_
