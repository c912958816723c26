//===- ContribAttention.h - What attention operators share ------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_IMPORT_ONNX_CONTRIBATTENTION_H
#define FSC_COMPILER_IMPORT_ONNX_CONTRIBATTENTION_H

#include "compiler/import/onnx/ContribHooks.h"

namespace fsc {

/// More heads than any model has.
inline constexpr int64_t mostHeads = 1 << 20;

/// softmax (softcap (scale q k') + added, where `keep`) v, for each head. ONNX Runtime computes it in float where the
/// operands are narrower.
struct HeadAttention {
  /// [batch, heads, length, head]; k and v may have fewer heads, each for several neighbouring ones of q.
  std::string q, k, v;
  int64_t heads = 0, kvHeads = 0;
  mlir::Type element; // of q, k and v
  float scale = 0;    // 0: one over the root of the head's size
  float softcap = 0;  // 0: none
  /// What is added to the products; each is of float and broadcasts to [batch, heads, queries, keys].
  llvm::SmallVector<std::string> added = {};
  /// Where the products count at all; it broadcasts as they do. Empty: everywhere.
  std::string keep = {};
  /// A logit of each head that takes part in the softmax and belongs to no key, [1, heads, 1, 1]. Empty: none.
  std::string sink = {};
};

/// The result [batch, length, heads * head] of the element type.
std::string attend(NodeBuilder &build, const HeadAttention &attention);

/// [batch, length, heads * head] as [batch, heads, length, head].
std::string splitHeads(NodeBuilder &build, const std::string &x, int64_t heads, int64_t headSize);

/// What ONNX Runtime's mask of keys adds: `filter` where input `index` masks a key. The mask is [batch, keys],
/// [batch, queries, keys], or the ends of the keys that count, [batch], followed by their starts, [2 * batch], or by
/// what does not matter, [3 * batch + 2]. `batch` and `keys` are sizes.
llvm::Expected<std::string> addedByMask(NodeBuilder &build, int index, const std::string &batch,
                                        const std::string &keys, float filter);

/// [queries, keys]: whether a key is not after its query, of which the first is after `past` keys.
std::string keepCausal(NodeBuilder &build, const std::string &queries, const std::string &keys,
                       const std::string &past);

llvm::Error upgradeGroupQueryAttention(Upgrade &upgrade);
llvm::Error upgradeContribRotaryEmbedding(Upgrade &upgrade);
llvm::Error upgradeMRotaryEmbedding(Upgrade &upgrade);

} // namespace fsc

#endif // FSC_COMPILER_IMPORT_ONNX_CONTRIBATTENTION_H
