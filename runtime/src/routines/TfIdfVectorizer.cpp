//===- TfIdfVectorizer.cpp - N-grams counted ------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/src/routines/Element.h"
#include "runtime/src/routines/Routine.h"

#include <algorithm>
#include <map>

using namespace fsc::runtime;

namespace {

/// The n-grams of the pool as a tree of items; the root is node 0.
class Tree {
public:
  explicit Tree() : grams(1, -1) {}

  void add(std::span<const int64_t> items, int64_t gram) {
    int64_t node = 0;
    for (int64_t item : items) {
      auto [place, isNew] = next.try_emplace({node, item}, int64_t(grams.size()));
      if (isNew)
        grams.push_back(-1);
      node = place->second;
    }
    grams[size_t(node)] = gram;
  }

  /// The node after `node` by an item, or -1.
  int64_t follow(int64_t node, int64_t item) const {
    auto place = next.find({node, item});
    return place == next.end() ? -1 : place->second;
  }

  /// The n-gram that ends at a node, or -1.
  int64_t gram(int64_t node) const { return grams[size_t(node)]; }

private:
  std::map<std::pair<int64_t, int64_t>, int64_t> next;
  std::vector<int64_t> grams;
};

/// The tree of the n-grams whose lengths are wanted.
Tree readPool(Call &call, std::span<const int64_t> pool) {
  Tree tree;
  std::span<const int64_t> begins = call.integers("ngram_counts");
  int64_t shortest = call.integer("min_gram_length", 1), longest = call.integer("max_gram_length", 1), gram = 0;
  for (size_t i = 0; i < begins.size(); ++i) {
    size_t length = i + 1, end = i + 1 < begins.size() ? size_t(begins[i + 1]) : pool.size();
    for (size_t at = size_t(begins[i]); at + length <= end; at += length, ++gram)
      if (int64_t(length) >= shortest && int64_t(length) <= longest)
        tree.add(pool.subspan(at, length), gram);
  }
  return tree;
}

} // namespace

FSC_ROUTINE(TfIdfVectorizer) {
  Array x = call.input(0);
  bool isText = Type(x.dtype()) == Type::string;
  std::vector<int64_t> pool;
  if (isText)
    for (std::string_view text : call.texts("pool_strings"))
      pool.push_back(call.intern(text));
  else
    pool.assign(call.integers("pool_int64s").begin(), call.integers("pool_int64s").end());
  Tree tree = readPool(call, pool);
  std::span<const int64_t> columns = call.integers("ngram_indexes");
  std::span<const double> weights = call.numbers("weights");
  std::string_view mode = call.text("mode", "TF");
  int64_t width = *std::max_element(columns.begin(), columns.end()) + 1;
  int64_t rows = x.rank() == 2 ? x.dim(0) : 1, length = x.rank() == 0 ? 1 : x.dim(x.rank() - 1);
  std::vector<int64_t> dims = {width};
  if (x.rank() == 2)
    dims.insert(dims.begin(), rows);
  float *y = call.result<float>(0, dims);

  int64_t longest = call.integer("max_gram_length", 1), skips = call.integer("max_skip_count", 0);
  std::vector<int64_t> items(static_cast<size_t>(length));
  std::vector<int64_t> counts(static_cast<size_t>(width));
  for (int64_t row = 0; row < rows; ++row) {
    withType(x.dtype(), [&]<typename T>() {
      for (int64_t i = 0; i < length; ++i)
        items[size_t(i)] = int64_t(x.data<T>()[row * length + i]);
    });
    std::fill(counts.begin(), counts.end(), 0);
    for (int64_t distance = 1; distance <= skips + 1 && distance <= std::max<int64_t>(length, 1); ++distance)
      for (int64_t begin = 0; begin < length; ++begin) {
        int64_t node = 0;
        for (int64_t n = 1, at = begin; n <= longest && at < length; ++n, at += distance) {
          node = tree.follow(node, items[size_t(at)]);
          if (node < 0)
            break;
          // A single item is the same at all distances.
          if (int64_t gram = tree.gram(node); gram >= 0 && (n > 1 || distance == 1))
            ++counts[size_t(columns[size_t(gram)])];
        }
      }
    for (int64_t i = 0; i < width; ++i) {
      int64_t count = counts[size_t(i)];
      double weight = weights.empty() ? 1 : weights[size_t(i)];
      *y++ = float(mode == "TF" ? double(count) : mode == "IDF" ? (count > 0 ? weight : 0) : weight * double(count));
    }
  }
}
