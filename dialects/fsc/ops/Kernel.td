//===- Kernel.td - The unit of code generation -------------*- tablegen -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "dialects/fsc/FscAttrs.td"

def Fsc_ConstantOp : Op<Fsc_Dialect, "constant", [Pure, ConstantLike, AllTypesMatch<["value", "result"]>]> {
  let summary = "a tensor known at compile time";
  let arguments = (ins TypedAttrInterface:$value);
  let results = (outs Fsc_Tensor:$result);
  let hasFolder = 1;
  let assemblyFormat = "attr-dict $value";
  let hasVerifier = 1;
}

def Fsc_KernelOp : Op<Fsc_Dialect, "kernel", [
    IsolatedFromAbove, AttrSizedOperandSegments, SingleBlock, Pure, RecursiveMemoryEffects,
    DeclareOpInterfaceMethods<DestinationStyleOpInterface>]> {
  let summary = "ops that become one piece of native code";
  let description = [{
    The unit of code generation. The region computes one tensor for each destination
    from the inputs alone: its block arguments are the inputs, then the
    destinations, and `fsc.yield` gives the results. Of a destination only its sizes
    may be read. `anchor` is the kind of work the kernel was built around; the
    schedule says how the target will turn it into code and is set by the
    schedule phase.
  }];
  let arguments = (ins Variadic<Fsc_Tensor>:$inputs, Variadic<Fsc_Tensor>:$inits,
                       Fsc_AnchorAttr:$anchor, OptionalAttr<Fsc_ScheduleAttr>:$schedule,
                       OptionalAttr<StrAttr>:$sym_name);
  let results = (outs Variadic<Fsc_Tensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $anchor (`,` $schedule^)? `ins` `(` ($inputs^ `:` type($inputs))? `)` `outs` `(` $inits `:` type($inits) `)`
    attr-dict-with-keyword $body `->` type($results)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::Block &getBlock() { return getBody().front(); }
    /// The op that is the anchor: the last one of the anchor's kind.
    ::mlir::Operation *getAnchorOp();
  }];
}

def Fsc_YieldOp : Op<Fsc_Dialect, "yield", [Pure, Terminator, ReturnLike, ParentOneOf<["KernelOp", "IfOp", "LoopOp"]>]> {
  let summary = "the results of a kernel, of a branch, or of one iteration";
  let arguments = (ins Variadic<AnyTypeOf<[Fsc_Tensor, I1]>>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
}

def Fsc_ViewOp : Op<Fsc_Dialect, "view", [Pure]> {
  let summary = "a tensor's elements, in the same order, with other sizes";
  let description = [{
    What Reshape and its kin become: no code, the same buffer. `sizes` are the sizes of the
    dynamic dims of the result. Whether the number of elements is the same is checked
    at run time where it is not known.
  }];
  let arguments = (ins Fsc_Tensor:$source, Variadic<Index>:$sizes);
  let results = (outs Fsc_Tensor:$result);
  let assemblyFormat = "$source `[` $sizes `]` attr-dict `:` type($source) `->` type($result)";
  let hasVerifier = 1;
}
