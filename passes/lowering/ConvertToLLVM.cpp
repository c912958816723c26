//===- ConvertToLLVM.cpp - Functions in the LLVM dialect ------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Host.h"
#include "passes/lowering/Lowering.h"

#include "mlir/Conversion/ArithCommon/AttrToLLVMConverter.h"
#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVM.h"
#include "mlir/Conversion/IndexToLLVM/IndexToLLVM.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/Pattern.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Conversion/LLVMCommon/VectorPattern.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MathToLibm/MathToLibm.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/UBToLLVM/UBToLLVM.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVM.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace fsc {
#define GEN_PASS_DEF_CONVERTTOLLVM
#include "passes/lowering/Passes.h.inc"
} // namespace fsc

using namespace mlir;

namespace fsc {
namespace {

/// fsc.buffer %address[%sizes]  ->  a memref descriptor
struct BufferLowering : ConvertOpToLLVMPattern<BufferOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;

  LogicalResult matchAndRewrite(BufferOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    MemRefType type = op.getType();
    Location loc = op.getLoc();
    SmallVector<Value> sizes, strides;
    Value size;
    getMemRefDescriptorSizes(loc, type, adaptor.getSizes(), rewriter, sizes, strides, size, /*sizeInBytes=*/false);
    auto descriptor = MemRefDescriptor::poison(rewriter, loc, getTypeConverter()->convertType(type));
    descriptor.setAllocatedPtr(rewriter, loc, adaptor.getAddress());
    descriptor.setAlignedPtr(rewriter, loc, adaptor.getAddress());
    descriptor.setConstantOffset(rewriter, loc, 0);
    for (auto [axis, pair] : llvm::enumerate(llvm::zip(sizes, strides))) {
      descriptor.setSize(rewriter, loc, axis, std::get<0>(pair));
      descriptor.setStride(rewriter, loc, axis, std::get<1>(pair));
    }
    rewriter.replaceOp(op, {descriptor});
    return success();
  }
};

struct ConvertToLLVM : impl::ConvertToLLVMBase<ConvertToLLVM> {
  using ConvertToLLVMBase::ConvertToLLVMBase;

  void runOnOperation() override {
    SmallVector<Operation *> functions;
    for (Operation &op : *getOperation().getBody())
      if (isa<func::FuncOp, memref::GlobalOp>(op))
        functions.push_back(&op);
    for (Operation *function : functions)
      if (failed(simplifyMath(function)))
        return signalPassFailure();
    LLVMTypeConverter types(&getContext());
    LLVMConversionTarget target(getContext());
    RewritePatternSet patterns(&getContext());
    patterns.add<BufferLowering>(types);
    arith::populateCeilFloorDivExpandOpsPatterns(patterns);
    arith::populateArithToLLVMConversionPatterns(types, patterns);
    cf::populateControlFlowToLLVMConversionPatterns(types, patterns);
    index::populateIndexToLLVMConversionPatterns(types, patterns);
    populateFuncToLLVMConversionPatterns(types, patterns);
    populateMathToLLVMConversionPatterns(types, patterns);
    populateMathToLibmConversionPatterns(patterns);
    // Before a call of the C library's fma: polynomials are made of it.
    patterns.add<VectorConvertToLLVMPattern<math::FmaOp, LLVM::FMAOp, arith::AttrConvertFastMathToLLVM>>(
        types, /*benefit=*/PatternBenefit(2));
    populateFinalizeMemRefToLLVMConversionPatterns(types, patterns);
    populateVectorToLLVMConversionPatterns(types, patterns);
    ub::populateUBToLLVMConversionPatterns(types, patterns);
    if (failed(applyFullConversion(functions, target, std::move(patterns))))
      signalPassFailure();
  }

  LogicalResult simplifyMath(Operation *function) {
    RewritePatternSet patterns(&getContext());
    if (approximate)
      populateMathPolynomialApproximationPatterns(patterns, [](StringRef name) {
        return name == "math.exp" || name == "math.log" || name == "math.tanh" || name == "math.erf";
      });
    arith::populateExpandBFloat16Patterns(patterns);
    return applyPatternsGreedily(function, std::move(patterns));
  }
};

} // namespace
} // namespace fsc
