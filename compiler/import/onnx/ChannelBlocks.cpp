//===- ChannelBlocks.cpp - How many channels a block has ------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX Runtime fills channels up to whole blocks. So a number of channels in blocks
// that is a multiple of 8 and not of 16 means blocks of 8, and channels that were
// filled up further than to a multiple of 8, as a ReorderOutput that takes 20 of 32
// says, mean blocks of 16. An input of a convolution has no blocks only if its
// channels are fewer than one.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/ChannelBlocks.h"

#include "compiler/import/onnx/Inference.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace fsc {
namespace {

class Finder {
public:
  void visit(const onnx::GraphProto &graph);
  Expected<int64_t> result() const {
    if (eight && sixteen)
      return createStringError("expected numbers of channels that fit blocks of 8 or of 16, got some of either alone");
    return eight ? 8 : sixteen ? 16 : 0;
  }

private:
  void visitConv(const onnx::NodeProto &node);
  void visitOutput(const onnx::NodeProto &node);
  /// Channels that are in blocks.
  void fill(int64_t channels) { eight |= channels % 16 == 8; }

  bool eight = false, sixteen = false;
  /// The sizes of constants, and the numbers of channels of values in blocks; 0 where it is not known.
  StringMap<SmallVector<int64_t>> constants;
  StringMap<int64_t> blocked;
};

int64_t integer(const onnx::NodeProto &node, StringRef name, int64_t otherwise) {
  for (const onnx::AttributeProto &attribute : node.attribute())
    if (attribute.name() == name)
      return attribute.i();
  return otherwise;
}

void Finder::visitConv(const onnx::NodeProto &node) {
  auto filters = node.input_size() > 1 ? constants.find(node.input(1)) : constants.end();
  if (filters == constants.end() || filters->second.size() < 3) {
    blocked[node.output(0)] = 0;
    return;
  }
  int64_t out = filters->second[0], in = filters->second[1], group = integer(node, "group", 1);
  fill(out);
  blocked[node.output(0)] = out;
  if (group > 1) {
    // One input for each output has no blocks.
    if (in > 1)
      fill(in);
    return;
  }
  if (in >= 16) {
    fill(in);
  } else if (in >= 8) {
    // A whole block of 8, or less than one of 16.
    (blocked.contains(node.input(0)) ? eight : sixteen) = true;
  }
}

/// Takes the channels that the image had before they were filled up.
void Finder::visitOutput(const onnx::NodeProto &node) {
  int64_t channels = integer(node, "channels", 0), filled = blocked.lookup(node.input(0));
  if (channels < 1 || filled < channels)
    return;
  bool fits8 = filled == int64_t(alignTo(uint64_t(channels), 8)),
       fits16 = filled == int64_t(alignTo(uint64_t(channels), 16));
  if (fits8 != fits16)
    (fits8 ? eight : sixteen) = true;
}

void Finder::visit(const onnx::GraphProto &graph) {
  for (const onnx::TensorProto &tensor : graph.initializer())
    constants[tensor.name()].assign(tensor.dims().begin(), tensor.dims().end());
  for (const onnx::NodeProto &node : graph.node()) {
    for (const onnx::AttributeProto &attribute : node.attribute()) {
      if (attribute.has_g())
        visit(attribute.g());
      for (const onnx::GraphProto &inner : attribute.graphs())
        visit(inner);
    }
    if (node.input_size() == 0 || node.output_size() == 0)
      continue;
    bool isBlocked = normalizeDomain(node.domain()) == "com.microsoft.nchwc";
    if (isBlocked && node.op_type() == "Conv") {
      visitConv(node);
    } else if (isBlocked && node.op_type() == "ReorderOutput") {
      visitOutput(node);
    } else if (isBlocked) {
      // Pools and the like keep the channels; what ReorderInput makes is not followed.
      blocked[node.output(0)] = blocked.lookup(node.input(0));
    } else {
      // Sums, activations and joins between them work on blocks as on anything.
      for (const std::string &input : node.input())
        if (blocked.contains(input)) {
          bool joins = node.op_type() == "Concat";
          blocked[node.output(0)] = joins ? 0 : blocked.lookup(input);
          break;
        }
    }
  }
}

} // namespace

Expected<int64_t> findChannelBlock(const onnx::GraphProto &graph) {
  Finder finder;
  finder.visit(graph);
  return finder.result();
}

} // namespace fsc
