//===- Custom.td - Operators of others ---------------------*- tablegen -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "dialects/fsc/FscBase.td"

def Fsc_CustomOp : Fsc_BaseOp<"custom", !listconcat(Fsc_Draws, [
    DeclareOpInterfaceMethods<FscOpInterface, ["inferElementType", "getRoutine"]>, Fsc_NarrowTypes])> {
  let summary = "an operator that a shared library defines: runtime/include/fsc/custom_op.h";
  let description = [{
    `routine` is the operator's domain, `::` and its name, `library` the file name of the library, `settings` the
    node's attributes. `places` says which of the node's inputs are there: the operands are those. The types of the
    results are what the library's shape function said as the model was imported; it is not asked again.
    Nothing is known of its effects, so two that are written alike stay two, and none is folded.
  }];
  let arguments = (ins Variadic<Fsc_Tensor>:$inputs, StrAttr:$routine, StrAttr:$library, DictionaryAttr:$settings,
                       DenseBoolArrayAttr:$places, TypeArrayAttr:$result_types);
  let results = (outs Variadic<Fsc_Tensor>:$outputs);
  code customDefinition = [{
    ::mlir::LogicalResult $cppClass::lowerToLinalg(::fsc::LinalgBuilder &) {
      return emitOpError("is computed by a routine of its library");
    }
    void $cppClass::getEffects(
        ::llvm::SmallVectorImpl<::mlir::SideEffects::EffectInstance<::mlir::MemoryEffects::Effect>> &effects) {
      ::fsc::detail::addDrawEffects(getOperation(), effects);
    }
  }];
  let extraClassDefinition = baseDefinition # customDefinition;
}
