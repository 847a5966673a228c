// SPDX-License-Identifier: Apache-2.0
#include "analyzer/analysis/digraph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

namespace stray::analyzer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Edges = std::vector<std::pair<uint32_t, uint32_t>>;

Edges RandomEdges(std::mt19937& random, uint32_t nodes, uint32_t edges) {
  Edges result;
  for (uint32_t i = 0; i < edges; ++i) result.emplace_back(random() % nodes, random() % nodes);
  return result;
}

// distance[a][b]: least number of edges from a to b, at least one; 0 if there is no way.
std::vector<std::vector<uint32_t>> AllDistances(uint32_t nodes, const Edges& edges) {
  std::vector<std::vector<uint32_t>> distance(nodes, std::vector<uint32_t>(nodes, 0));
  for (const auto& [from, to] : edges) distance[from][to] = 1;
  for (uint32_t via = 0; via < nodes; ++via) {
    for (uint32_t from = 0; from < nodes; ++from) {
      for (uint32_t to = 0; to < nodes; ++to) {
        if (distance[from][via] == 0 || distance[via][to] == 0) continue;
        const uint32_t sum = distance[from][via] + distance[via][to];
        if (distance[from][to] == 0 || sum < distance[from][to]) distance[from][to] = sum;
      }
    }
  }
  return distance;
}

TEST(DigraphTest, SuccessorsKeepTheOrderOfEdges) {
  const Digraph graph(3, Edges{{0, 2}, {1, 0}, {0, 1}});
  EXPECT_THAT(graph.Successors(0), ElementsAre(2, 1));
  EXPECT_THAT(graph.Successors(2), IsEmpty());
  EXPECT_THAT(graph.Reversed().Successors(0), ElementsAre(1));
}

TEST(DigraphTest, ComponentsAreThoseOfMutualReach) {
  for (uint32_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const uint32_t nodes = 1 + random() % 12;
    const Edges edges = RandomEdges(random, nodes, random() % (2 * nodes));
    const Components components = StronglyConnectedComponents(Digraph(nodes, edges));
    const auto distance = AllDistances(nodes, edges);
    for (uint32_t a = 0; a < nodes; ++a) {
      for (uint32_t b = 0; b < nodes; ++b) {
        const bool together = a == b || (distance[a][b] != 0 && distance[b][a] != 0);
        EXPECT_EQ(components.of_node[a] == components.of_node[b], together) << a << " " << b;
        if (distance[a][b] == 0) continue;
        EXPECT_GE(components.of_node[a], components.of_node[b]);
      }
      EXPECT_EQ(components.sizes[components.of_node[a]],
                std::count(components.of_node.begin(), components.of_node.end(), components.of_node[a]));
    }
  }
}

TEST(DigraphTest, ShortestCircleIsACircleAndNoneIsShorter) {
  for (uint32_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const uint32_t nodes = 1 + random() % 12;
    const Edges edges = RandomEdges(random, nodes, random() % (3 * nodes));
    const Digraph graph(nodes, edges);
    const Components components = StronglyConnectedComponents(graph);
    const auto distance = AllDistances(nodes, edges);
    for (uint32_t start = 0; start < nodes; ++start) {
      const std::vector<uint32_t> circle = ShortestCircle(graph, components, start);
      ASSERT_EQ(circle.size(), distance[start][start]);
      for (size_t i = 0; i < circle.size(); ++i) {
        EXPECT_EQ(distance[circle[i]][circle[(i + 1) % circle.size()]], 1u);
      }
      EXPECT_TRUE(circle.empty() || circle.front() == start);
    }
  }
}

TEST(DigraphTest, AChainOfAMillionNodesNeedsNoRecursion) {
  constexpr uint32_t kNodes = 1'000'000;
  Edges edges;
  for (uint32_t node = 0; node + 1 < kNodes; ++node) edges.emplace_back(node, node + 1);
  edges.emplace_back(kNodes - 1, 0);
  const Digraph graph(kNodes, edges);
  EXPECT_THAT(StronglyConnectedComponents(graph).sizes, ElementsAre(kNodes));
}

}  // namespace
}  // namespace stray::analyzer
