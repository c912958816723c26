//===- Host.td - The program around the kernels ------------*- tablegen -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// After bufferize the entry function holds these, arithmetic on sizes, and
// loads of sizes from buffers. Memrefs here have identity layouts.
//
//===----------------------------------------------------------------------===//

include "dialects/fsc/FscBase.td"
include "mlir/Dialect/LLVMIR/LLVMOpBase.td"

def Fsc_IdentityMemRef : Type<CPred<"::llvm::isa<::mlir::MemRefType>($_self) && ::llvm::cast<::mlir::MemRefType>($_self).getLayout().isIdentity()">,
                              "contiguous memref", "::mlir::MemRefType">;

class Fsc_HostOp<string mnemonic, list<Trait> traits = []> : Op<Fsc_Dialect, mnemonic, traits>;

def Fsc_InputOp : Fsc_HostOp<"input", [Pure]> {
  let summary = "the caller's buffer of an input of the model";
  let arguments = (ins I64Attr:$index);
  let results = (outs Fsc_IdentityMemRef:$buffer);
  let assemblyFormat = "$index attr-dict `:` type($buffer)";
}

def Fsc_OutputOp : Fsc_HostOp<"output", [MemoryEffects<[MemWrite]>]> {
  let summary = "the caller's buffer of an output, whose dynamic sizes are now known";
  let arguments = (ins I64Attr:$index, Variadic<Index>:$sizes);
  let results = (outs Fsc_IdentityMemRef:$buffer);
  let assemblyFormat = "$index `[` $sizes `]` attr-dict `:` type($buffer)";
}

def Fsc_WeightOp : Fsc_HostOp<"weight", [Pure]> {
  let summary = "a constant, in the weights section";
  let description = "`offset`, in bytes, is set when the section is laid out.";
  let arguments = (ins ElementsAttr:$value, OptionalAttr<I64Attr>:$offset);
  let results = (outs Fsc_IdentityMemRef:$buffer);
  let assemblyFormat = "$value (`at` $offset^)? attr-dict `:` type($buffer)";
}

def Fsc_ArenaOp : Fsc_HostOp<"arena", [Pure]> {
  let summary = "a buffer of static size at a planned place of the arena";
  let description = [{
    The buffer is in use from the launch with index `first` to the one with index `last`,
    counted in the entry function. Two buffers whose uses overlap in time do not overlap in the
    arena: the plan is checked by a verifier of its own.
  }];
  let arguments = (ins I64Attr:$offset, I64Attr:$size, I64Attr:$first, I64Attr:$last);
  let results = (outs Fsc_IdentityMemRef:$buffer);
  let assemblyFormat = "$offset `size` $size `live` $first `to` $last attr-dict `:` type($buffer)";
}

def Fsc_BytesOp : Fsc_HostOp<"bytes", [Pure]> {
  let summary = "the bytes of a buffer of these sizes, as the arena's formula counts them";
  let description = [{
    A multiple of 64, at least 64. A negative size counts as 0: what reads the buffer's place refuses it. What is more than
    any memory counts as 2^48.
  }];
  let arguments = (ins Variadic<Index>:$sizes, TypeAttrOf<Fsc_IdentityMemRef>:$of);
  let results = (outs Index:$bytes);
  let assemblyFormat = "`[` $sizes `]` attr-dict `:` $of";
}

def Fsc_ReserveOp : Fsc_HostOp<"reserve", [MemoryEffects<[MemAlloc, MemFree]>]> {
  let summary = "makes the arena hold so many bytes, before anything lies in it";
  let arguments = (ins Index:$bytes);
  let assemblyFormat = "$bytes attr-dict";
}

def Fsc_PlaceOp : Fsc_HostOp<"place", [MemoryEffects<[MemAlloc]>]> {
  let summary = "a buffer at a place of the arena that follows from the sizes of the inputs";
  let description = [{
    `offset` is a formula over `fsc.bytes`, constants, sums and maxima, and `bytes` the `fsc.bytes` of the buffer; so the
    plan holds whatever the sizes are. As for `fsc.arena`, two buffers whose uses overlap in time do not overlap in the
    arena, by the formulas themselves: checked by a verifier of its own. A negative size ends the run.
  }];
  let arguments = (ins Index:$offset, Index:$bytes, Variadic<Index>:$sizes, I64Attr:$first, I64Attr:$last);
  let results = (outs Fsc_IdentityMemRef:$buffer);
  let assemblyFormat = "$offset `size` $bytes `[` $sizes `]` `live` $first `to` $last attr-dict `:` type($buffer)";
}

def Fsc_AllocateOp : Fsc_HostOp<"allocate", [MemoryEffects<[MemAlloc]>]> {
  let summary = "a buffer whose size is known only now";
  let arguments = (ins Variadic<Index>:$sizes);
  let results = (outs Fsc_IdentityMemRef:$buffer);
  let assemblyFormat = "`[` $sizes `]` attr-dict `:` type($buffer)";
}

def Fsc_ReleaseOp : Fsc_HostOp<"release", [MemoryEffects<[MemFree]>]> {
  let summary = "the end of a buffer made by fsc.allocate";
  let arguments = (ins Fsc_IdentityMemRef:$buffer);
  let assemblyFormat = "$buffer attr-dict `:` type($buffer)";
}

def Fsc_BufferViewOp : Fsc_HostOp<"buffer_view", [Pure]> {
  let summary = "a buffer's elements, in the same order, with other sizes";
  let arguments = (ins Fsc_IdentityMemRef:$source, Variadic<Index>:$sizes);
  let results = (outs Fsc_IdentityMemRef:$result);
  let assemblyFormat = "$source `[` $sizes `]` attr-dict `:` type($source) `->` type($result)";
}

def Fsc_BufferOp : Fsc_HostOp<"buffer", [Pure]> {
  let summary = "the contiguous buffer at an address";
  let description = [{
    How kernels and the host program see memory that the runtime gave them, on the way to LLVM, and buffers that
    branches and iterations hand on. A buffer that is `owned` is released after its last use.
  }];
  let arguments = (ins LLVM_AnyPointer:$address, Variadic<Index>:$sizes, UnitAttr:$owned);
  let results = (outs Fsc_IdentityMemRef:$buffer);
  let assemblyFormat = "$address `[` $sizes `]` attr-dict `:` type($address) `->` type($buffer)";
}

def Fsc_AddressOp : Fsc_HostOp<"address", [Pure]> {
  let summary = "the address of a buffer, to hand it on";
  let description = "Whoever gets the address of a buffer of dynamic size releases it.";
  let arguments = (ins Fsc_IdentityMemRef:$buffer);
  let results = (outs LLVM_AnyPointer:$address);
  let assemblyFormat = "$buffer attr-dict `:` type($buffer) `->` type($address)";
}

def Fsc_ElementOp : Fsc_HostOp<"element", [Pure]> {
  let summary = "the buffer at an index of the first dim";
  let arguments = (ins Fsc_IdentityMemRef:$source, Index:$index);
  let results = (outs Fsc_IdentityMemRef:$result);
  let assemblyFormat = "$source `[` $index `]` attr-dict `:` type($source) `->` type($result)";
}

def Fsc_LaunchOp : Fsc_HostOp<"launch", [AttrSizedOperandSegments, MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "runs a kernel";
  let description = [{
    `callee` is a function in a module of the kernel's own. The inputs are read, the
    outputs written; an output overlaps no other operand.
  }];
  let arguments = (ins SymbolRefAttr:$callee, Variadic<Fsc_IdentityMemRef>:$inputs, Variadic<Fsc_IdentityMemRef>:$outputs);
  let assemblyFormat = [{
    $callee `ins` `(` ($inputs^ `:` type($inputs))? `)` `outs` `(` $outputs `:` type($outputs) `)` attr-dict
  }];
}

def Fsc_CallRoutineOp : Fsc_HostOp<"call_routine", [MemoryEffects<[MemRead, MemWrite, MemAlloc]>]> {
  let summary = "a routine of the runtime, by name";
  let description = [{
    The results are buffers that the runtime allocates, of sizes that the routine decides
    where their types leave them open, and `fsc.release` ends; or the caller's, for a result whose entry
    in `outputs` is not -1 but the index of an output of the model. `places` and
    `wanted` are the element types, numbered as in ONNX, of the routine's operands and results: 0 where an optional
    operand is absent, or a result is not used, and so there is no buffer. `library` is that of a custom operator.
  }];
  let arguments = (ins StrAttr:$routine, DictionaryAttr:$settings, DenseI32ArrayAttr:$places, DenseI32ArrayAttr:$wanted,
                       DenseI64ArrayAttr:$outputs, OptionalAttr<StrAttr>:$library, Variadic<Fsc_IdentityMemRef>:$inputs);
  let results = (outs Variadic<Fsc_IdentityMemRef>:$buffers);
  let assemblyFormat = [{
    $routine (`of` $library^)? $settings `places` $places `wanted` $wanted `outputs` $outputs
    `ins` `(` ($inputs^ `:` type($inputs))? `)` attr-dict (`->` type($buffers)^)?
  }];
  let hasVerifier = 1;
}

def Fsc_CheckOp : Fsc_HostOp<"check", [MemoryEffects<[MemWrite]>]> {
  let summary = "ends the run with a message unless the condition holds";
  let description = "In the message, {0} and {1} stand for the numbers.";
  let arguments = (ins I1:$condition, StrAttr:$message, Variadic<Index>:$numbers);
  let assemblyFormat = "$condition `,` $message (`[` $numbers^ `]`)? attr-dict";
  let builders = [OpBuilder<(ins "::mlir::Value":$condition, "::llvm::StringRef":$message), [{
    build($_builder, $_state, condition, $_builder.getStringAttr(message), ::mlir::ValueRange());
  }]>];
}
