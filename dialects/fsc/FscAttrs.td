//===- FscAttrs.td - Enums and attributes ------------------*- tablegen -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_ATTRS
#define FSC_ATTRS

include "dialects/fsc/FscBase.td"

def Fsc_Anchor : I32EnumAttr<"Anchor", "the kind of work a kernel is built around", [
    I32EnumAttrCase<"pointwise", 0>,
    I32EnumAttrCase<"contraction", 1>,
    I32EnumAttrCase<"convolution", 2>,
    I32EnumAttrCase<"window", 3>,
    I32EnumAttrCase<"reduction", 4>,
    I32EnumAttrCase<"row", 5>,
    I32EnumAttrCase<"movement", 6>,
    I32EnumAttrCase<"recurrence", 7>]> {
  let cppNamespace = "::fsc";
  let genSpecializedAttr = 0;
}

def Fsc_AnchorAttr : EnumAttr<Fsc_Dialect, Fsc_Anchor, "anchor"> {
  let assemblyFormat = "`<` $value `>`";
}

def Fsc_ScheduleAttr : AttrDef<Fsc_Dialect, "Schedule"> {
  let mnemonic = "schedule";
  let summary = "how a target will turn a kernel into code";
  let description = [{
    `kind` names the code generator of the target; `tile` is its configuration,
    of a meaning that the code generator documents; `cost` is the estimate of one task's
    time in nanoseconds, or 0. Every target has the kind "reference", plain loops in one task.
  }];
  let parameters = (ins
    StringRefParameter<"code generator">:$kind,
    OptionalArrayRefParameter<"int64_t">:$tile,
    "int64_t":$cost);
  let assemblyFormat = [{
    `<` $kind `,` `cost` `=` $cost (`,` `tile` `=` `[` $tile^ `]`)? `>`
  }];
}

#endif // FSC_ATTRS
