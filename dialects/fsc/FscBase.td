//===- FscBase.td - The fsc dialect and its op classes -----*- tablegen -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One place per op. An op's class names the ONNX operator it is, and the first
// opset whose *form* (inputs and attributes) it has:
//
//   def Fsc_SoftmaxOp : Fsc_Op<"softmax", Onnx<"Softmax", 13>> { … }
//
// The importer's table is folded from these at compile time, attributes map by
// name. Every op is printed the same way, absent optional operands as `_`:
//
//   %y = fsc.conv(%x, %w, _) {group = 2 : i64} : (tensor<…>, tensor<…>) -> tensor<…>
//
//===----------------------------------------------------------------------===//

#ifndef FSC_BASE
#define FSC_BASE

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "dialects/fsc/FscInterfaces.td"

def Fsc_Dialect : Dialect {
  let name = "fsc";
  let cppNamespace = "::fsc";
  let summary = "ONNX graphs, and the kernels they become";
  let description = [{
    Ops on ranked tensors with the semantics of the ONNX operators they are
    named after, in their newest form; `fsc.kernel`, the unit of code generation
    into which fusion puts them; and the few ops of the host program that
    remains around the kernels. Unsigned integers are `ui8` to `ui64`, signed
    ones signless, booleans `i1`, strings `!fsc.string`. What is no tensor in ONNX is a tensor of rank 0 of
    `!fsc.sequence`, `!fsc.optional` or `!fsc.map`. Floats of 8 bits and less,
    integers of 4 and 2 bits and complex numbers are MLIR's own types; only ops
    marked for them take them.
  }];
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
  let hasConstantMaterializer = 1;
  // Each family of ops registers its own (OpFamily.h).
  let extraClassDeclaration = "using ::mlir::Dialect::addOperations;";
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect", "::mlir::LLVM::LLVMDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"
  ];
}

/// The ONNX operator that an op is, and the first opset that has its form.
class Onnx<string name, int since, string domain = ""> {
  string onnxName = name;
  int onnxSince = since;
  string onnxDomain = domain;
}

/// The op takes or gives tensors of narrow types and of complex numbers (NarrowTypes.h); others refuse them.
def Fsc_NarrowTypes : NativeOpTrait<"NarrowTypes"> {
  let cppNamespace = "::fsc";
}

/// Strings have numbers, by which everything but a routine knows them: runtime/abi/Artifact.h.
def Fsc_String : TypeDef<Fsc_Dialect, "String"> {
  let mnemonic = "string";
  let summary = "the element type of tensors of strings";
}

/// A sequence, optional or map is a list: a tensor of rank 0 whose element is the number that a list has in the run. See
/// docs/decisions/sequences.md. `element` is the type of what is in the list: a tensor type (unranked if it may have any rank), or the
/// element type alone if it is known of no element what shape it has, as where there is none.
class Fsc_List<string name, string mnemonicOfType> : TypeDef<Fsc_Dialect, name> {
  let mnemonic = mnemonicOfType;
  let parameters = (ins "::mlir::Type":$element);
  let assemblyFormat = "`<` $element `>`";
  let genVerifyDecl = 1;
}
def Fsc_Sequence : Fsc_List<"Sequence", "sequence"> {
  let summary = "the element type of a sequence of tensors or lists";
}
def Fsc_Optional : Fsc_List<"Optional", "optional"> {
  let summary = "the element type of a tensor or list that may be absent";
}
def Fsc_Map : TypeDef<Fsc_Dialect, "Map"> {
  let mnemonic = "map";
  let summary = "the element type of a map from keys to single values";
  let parameters = (ins "::mlir::Type":$key, "::mlir::Type":$value);
  let assemblyFormat = "`<` $key `,` $value `>`";
  let genVerifyDecl = 1;
}

/// The op takes or gives lists (Lists.h); others refuse them.
def Fsc_Lists : NativeOpTrait<"Lists"> {
  let cppNamespace = "::fsc";
}

/// A ranked tensor of any supported element type.
def Fsc_Tensor : Type<And<[CPred<"::llvm::isa<::mlir::RankedTensorType>($_self)">,
                           CPred<"::fsc::isSupportedElementType(::llvm::cast<::mlir::RankedTensorType>($_self).getElementType())">]>,
                      "ranked tensor of an ONNX element type", "::mlir::RankedTensorType">;

/// What every fsc op has: the uniform assembly form.
class Fsc_BaseOp<string mnemonic, list<Trait> traits = []> : Op<Fsc_Dialect, mnemonic, traits> {
  let hasCustomAssemblyFormat = 1;
  code baseDefinition = [{
    ::mlir::ParseResult $cppClass::parse(::mlir::OpAsmParser &parser, ::mlir::OperationState &result) {
      return ::fsc::detail::parseUniform<$cppClass>(parser, result);
    }
    void $cppClass::print(::mlir::OpAsmPrinter &printer) {
      ::fsc::detail::printUniform<$cppClass>(*this, printer);
    }
  }];
  let extraClassDefinition = baseDefinition;
}

/// An op that is an ONNX operator. One that is not `Pure` says its effects itself.
class Fsc_OnnxOp<string mnemonic, Onnx onnx, list<Trait> traits = [], list<Trait> purity = [Pure]>
    : Fsc_BaseOp<mnemonic, !listconcat(purity, traits)> {
  // More C++ declarations for the class; definitions go to the op's own .cpp.
  code moreDeclarations = "";
  code onnxDeclaration = "static constexpr ::fsc::OnnxName onnx = {\"" # onnx.onnxName # "\", " # onnx.onnxSince # ", \"" #
                         onnx.onnxDomain # "\"};\n";
  let extraClassDeclaration = onnxDeclaration # moreDeclarations;
}

/// An op with its own logic: inferShapes and lowerToLinalg are written in
/// ops/<Op>.cpp. Names in `own` are FscOpInterface methods that have a default
/// and that the op replaces as well.
class Fsc_Op<string mnemonic, Onnx onnx, list<string> own = [], list<Trait> traits = [], list<Trait> purity = [Pure]>
    : Fsc_OnnxOp<mnemonic, onnx, !listconcat([DeclareOpInterfaceMethods<FscOpInterface, own>], traits), purity>;

/// An op that draws random numbers: never folded, and two equal ones are not one.
defvar Fsc_Draws = [AlwaysSpeculatable, DeclareOpInterfaceMethods<MemoryEffectsOpInterface>];

/// An op that a routine of the runtime computes, named as the ONNX operator: runtime/src/routines.
/// inferShapes, in ops/<Op>.cpp, leaves the sizes open that depend on data.
class Fsc_RoutineOp<string mnemonic, Onnx onnx, list<string> own = [], list<Trait> traits = [], list<Trait> purity = [Pure]>
    : Fsc_Op<mnemonic, onnx, !listconcat(["getRoutine"], own), traits, purity> {
  code routineDefinition = [{
    ::mlir::LogicalResult $cppClass::lowerToLinalg(::fsc::LinalgBuilder &) {
      return emitOpError("is computed by a routine of the runtime");
    }
    ::llvm::StringRef $cppClass::getRoutine() { return onnx.name; }
  }];
  let extraClassDefinition = baseDefinition # routineDefinition;
}

/// A routine that draws random numbers.
class Fsc_DrawOp<string mnemonic, Onnx onnx, list<string> own = [], list<Trait> traits = []>
    : Fsc_RoutineOp<mnemonic, onnx, own, traits, Fsc_Draws> {
  code drawsDefinition = [{
    void $cppClass::getEffects(
        ::llvm::SmallVectorImpl<::mlir::SideEffects::EffectInstance<::mlir::MemoryEffects::Effect>> &effects) {
      ::fsc::detail::addDrawEffects(getOperation(), effects);
    }
  }];
  let extraClassDefinition = baseDefinition # routineDefinition # drawsDefinition;
}

/// The element type of what holds or not.
defvar i1Type = "::mlir::IntegerType::get(getContext(), 1)";

/// An op whose result element is a function of the operands' elements at the
/// same (broadcast) place. `expression` is C++ over Scalars named as the
/// operands (a; a, b; a, b, c; or `args` for variadic ops), see Scalar.h. The
/// element type of the result is `element` (C++ of type mlir::Type, over the
/// operand element types `types`), by default that of the first operand.
/// `dims`, if given, is the same function over Dims: it lets sizes be followed through
/// small integer tensors. `check` is C++ that returns failure where the attributes are not legal.
class Fsc_Elementwise<string mnemonic, Onnx onnx, dag operands, string names, string expression,
                      string element = "types[0]", string dims = "", list<Trait> traits = [], string check = "">
    : Fsc_OnnxOp<mnemonic, onnx,
                 !listconcat([DeclareOpInterfaceMethods<FscOpInterface,
                                ["inferElementType", "inferContent", "getAnchor", "getRoutine"]>,
                              DeclareOpInterfaceMethods<ElementwiseOpInterface>], traits)> {
  let arguments = operands;
  let results = (outs Fsc_Tensor:$result);
  // C++: the routine that computes the op where its expression does not, such as on strings.
  string routine = "{}";
  code elementwiseDefinition = [{
    ::mlir::LogicalResult $cppClass::inferShapes(::fsc::ShapeBuilder &shapes, ::llvm::SmallVectorImpl<::fsc::Shape> &results) {
      }] # check # [{
      return ::fsc::detail::inferElementwise(getOperation(), shapes, results);
    }
    ::mlir::LogicalResult $cppClass::lowerToLinalg(::fsc::LinalgBuilder &builder) {
      return ::fsc::detail::lowerElementwise(*this, builder);
    }
    ::fsc::Anchor $cppClass::getAnchor() { return ::fsc::Anchor::pointwise; }
    ::llvm::StringRef $cppClass::getRoutine() { return }] # routine # [{; }
    ::mlir::Type $cppClass::inferElementType(unsigned) {
      ::llvm::SmallVector<::mlir::Type> types = ::fsc::detail::operandElementTypes(getOperation());
      (void)types;
      return }] # element # [{;
    }
    ::fsc::Scalar $cppClass::buildScalar(::llvm::ArrayRef<::fsc::Scalar> args) {
      }] # names # [{
      return }] # expression # [{;
    }
  }];
  code contentDefinition = !if(!empty(dims), [{
    std::optional<::fsc::Shape> $cppClass::inferContent(::fsc::ShapeBuilder &, unsigned) { return std::nullopt; }
  }], [{
    std::optional<::fsc::Shape> $cppClass::inferContent(::fsc::ShapeBuilder &shapes, unsigned) {
      return ::fsc::detail::inferElementwiseContent(getOperation(), shapes, [&](::llvm::ArrayRef<::fsc::Dim> args) {
        }] # names # [{
        return }] # dims # [{;
      });
    }
  }]);
  let extraClassDefinition = baseDefinition # elementwiseDefinition # contentDefinition;
}

class Fsc_Unary<string mnemonic, Onnx onnx, string expression, string element = "types[0]", string dims = "",
                list<Trait> traits = []>
    : Fsc_Elementwise<mnemonic, onnx, (ins Fsc_Tensor:$a), "auto a = args[0]; (void)a;", expression, element, dims, traits>;

class Fsc_Binary<string mnemonic, Onnx onnx, string expression, string element = "types[0]", string dims = "">
    : Fsc_Elementwise<mnemonic, onnx, (ins Fsc_Tensor:$a, Fsc_Tensor:$b), "auto a = args[0], b = args[1]; (void)a; (void)b;",
                      expression, element, dims>;

#endif // FSC_BASE
