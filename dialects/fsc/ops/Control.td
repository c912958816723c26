//===- Control.td - Branches and loops ---------------------*- tablegen -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX's If, Loop and Scan. Regions read values of the graph around them
// directly. Conditions and numbers of iterations are tensors of one element
// until fuse makes them numbers of the host program. See
// docs/decisions/control-flow.md.
//
//===----------------------------------------------------------------------===//

include "dialects/fsc/FscBase.td"

class Fsc_ControlOp<string mnemonic, list<Trait> traits = []>
    : Op<Fsc_Dialect, mnemonic, !listconcat([SingleBlock, RecursiveMemoryEffects], traits)> {
  let hasVerifier = 1;
}

/// A tensor of one bool, or the bool itself.
def Fsc_Condition : AnyTypeOf<[Fsc_Tensor, I1]>;
/// A tensor of one int64, or a number of the host program.
def Fsc_Count : AnyTypeOf<[Fsc_Tensor, Index]>;

def Fsc_IfOp : Fsc_ControlOp<"if", [NoRegionArguments]> {
  let summary = "one of two graphs";
  let description = [{
        %y = fsc.if %c : tensor<i1> -> tensor<?xf32> then {
          fsc.yield %a : tensor<2xf32>
        } else {
          fsc.yield %b : tensor<3xf32>
        }

    A result's type holds for what either branch yields: sizes that differ are dynamic.
  }];
  let arguments = (ins Fsc_Condition:$condition);
  let results = (outs Variadic<Fsc_Tensor>:$results);
  let regions = (region SizedRegion<1>:$thenRegion, SizedRegion<1>:$elseRegion);
  let assemblyFormat = [{
    $condition `:` type($condition) (`->` type($results)^)? `then` $thenRegion `else` $elseRegion attr-dict
  }];
  let extraClassDeclaration = [{
    /// Sets the results' types to the join of what the branches yield. Fails, without a diagnostic, if there is none.
    ::mlir::LogicalResult refineResults();
  }];
}

def Fsc_LoopOp : Fsc_ControlOp<"loop", [AttrSizedOperandSegments]> {
  let summary = "a graph, again and again";
  let description = [{
        %last, %all = fsc.loop times(%n : tensor<i64>) while(%go : tensor<i1>) carry(%a : tensor<4xf32>)
            -> tensor<4xf32>, tensor<?x2xf32> {
        ^bb0(%i: tensor<i64>, %x: tensor<4xf32>):
          …
          fsc.yield %more, %next, %each : tensor<i1>, tensor<4xf32>, tensor<2xf32>
        }

    Runs the body at most `times` and only while the condition holds; either may be absent. The body sees the
    number of the iteration and the carried values. It yields whether to go on, the new carried values,
    and any number of elements. The results are the last carried values, and for each
    element a tensor of all of them, in the order of the iterations, along a new first dim.
  }];
  let arguments = (ins Optional<Fsc_Count>:$tripCount, Optional<Fsc_Condition>:$condition, Variadic<Fsc_Tensor>:$carried);
  let results = (outs Variadic<Fsc_Tensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    (`times` `(` $tripCount^ `:` type($tripCount) `)`)? (`while` `(` $condition^ `:` type($condition) `)`)?
    `carry` `(` ($carried^ `:` type($carried))? `)` (`->` type($results)^)? $body attr-dict
  }];
  let extraClassDeclaration = [{
    ::mlir::Block &getBlock() { return getBody().front(); }
    ::fsc::YieldOp getYield();
    ::mlir::Value getIteration() { return getBlock().getArgument(0); }
    /// The body's carried values; what it yields for them; what it yields for each scan output; the scan outputs.
    ::mlir::Block::BlockArgListType getCarriedArguments() { return getBlock().getArguments().drop_front(); }
    ::mlir::OperandRange getYieldedCarried();
    ::mlir::OperandRange getYieldedElements();
    ::mlir::ResultRange getStacked() { return getResults().drop_front(getCarried().size()); }
    /// Whether the body never ends the loop: then the number of iterations is known when the loop begins.
    bool runsToEnd();
    /// Sets the results' types to those of the body's carried values, and of what it yields.
    void refineResults();
  }];
}

def Fsc_RequireOp : Op<Fsc_Dialect, "require", [MemoryEffects<[MemWrite]>]> {
  let summary = "ends the run with a message unless a tensor of one bool holds";
  let description = "What the graph cannot check before it is run; fuse makes it an `fsc.check`.";
  let arguments = (ins Fsc_Tensor:$condition, StrAttr:$message);
  let assemblyFormat = "$condition `:` type($condition) `,` $message attr-dict";
  let hasVerifier = 1;
}
