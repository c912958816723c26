//===- ChannelBlocks.h - How many channels a block has ----------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX Runtime puts the channels of images into blocks of 8 or 16, which it does
// not write into the file. Some models tell by their numbers of channels.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_IMPORT_ONNX_CHANNELBLOCKS_H
#define FSC_COMPILER_IMPORT_ONNX_CHANNELBLOCKS_H

#include "onnx/onnx_pb.h"
#include "llvm/Support/Error.h"

namespace fsc {

/// The number of channels in a block of the graph's operators of com.microsoft.nchwc: 8, 16, or 0 where the graph would
/// be the same with either. Fails if no number fits.
llvm::Expected<int64_t> findChannelBlock(const onnx::GraphProto &graph);

} // namespace fsc

#endif // FSC_COMPILER_IMPORT_ONNX_CHANNELBLOCKS_H
