//===- Libraries.cpp - The functions that an artefact may take from outside ===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An artefact needs libc and libm alone, and of them only the functions below.
// What compilers usually take from their own support library (compiler-rt,
// libgcc) is defined here, in LLVM IR, and compiled into the artefacts that
// need it.
//
//===----------------------------------------------------------------------===//

#include "compiler/emit/Libraries.h"

#include "compiler/emit/Files.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/Function.h"
#include "llvm/Support/SourceMgr.h"

using namespace llvm;

/// Each of these exists for float too, with an f at its end.
static constexpr StringLiteral mathFunctions[] = {
    "acos",      "acosh",  "asin", "asinh",  "atan",   "atan2", "atanh",     "cbrt",   "ceil",      "copysign", "cos",
    "cosh",      "erf",    "erfc", "exp",    "exp10",  "exp2",  "expm1",     "fabs",   "fdim",      "floor",    "fma",
    "fmax",      "fmin",   "fmod", "frexp",  "hypot",  "ldexp", "lgamma",    "llrint", "llround",   "log",      "log10",
    "log1p",     "log2",   "logb", "lrint",  "lround", "modf",  "nearbyint", "pow",    "remainder", "rint",     "round",
    "roundeven", "scalbn", "sin",  "sincos", "sinh",   "sqrt",  "tan",       "tanh",   "tgamma",    "trunc"};

static constexpr StringLiteral memoryFunctions[] = {"bcmp", "memcmp", "memcpy", "memmove", "memset"};

std::optional<StringRef> fsc::emit::libraryOf(StringRef name) {
  static const StringSet<> math = [] {
    StringSet<> names;
    for (StringRef function : mathFunctions) {
      names.insert(function);
      names.insert((function + "f").str());
    }
    return names;
  }();
  if (math.contains(name))
    return StringRef("libm.so.6");
  if (is_contained(memoryFunctions, name))
    return StringRef("libc.so.6");
  return std::nullopt;
}

namespace {
struct Builtin {
  StringLiteral name;
  const char *definition;
  StringLiteral uses; // another builtin, or empty
};
} // namespace

// All round to nearest, ties to even, and keep a NaN a quiet NaN of the same sign and leading payload.
static constexpr Builtin builtins[] = {
    // Adds half a unit in the last place, less one where the result would be odd.
    {"__truncsfbf2", R"(
define hidden bfloat @__truncsfbf2(float %x) {
  %bits = bitcast float %x to i32
  %high = lshr i32 %bits, 16
  %odd = and i32 %high, 1
  %half = add i32 %odd, 32767
  %sum = add i32 %bits, %half
  %rounded = lshr i32 %sum, 16
  %quiet = or i32 %high, 64
  %nan = fcmp uno float %x, 0.0
  %wide = select i1 %nan, i32 %quiet, i32 %rounded
  %narrow = trunc i32 %wide to i16
  %result = bitcast i16 %narrow to bfloat
  ret bfloat %result
})",
     ""},
    // Double to float to a narrower type would round twice. The step to float rounds to odd instead: an inexact result
    // gets
    // a last bit of 1, which keeps it on its side of every tie of the second rounding.
    {"fsc_round_to_odd", R"(
define internal float @fsc_round_to_odd(double %x) alwaysinline {
  %near = fptrunc double %x to float
  %back = fpext float %near to double
  %inexact = fcmp one double %back, %x
  %bits = bitcast float %near to i32
  %last = and i32 %bits, 1
  %even = icmp eq i32 %last, 0
  %adjust = and i1 %inexact, %even
  %magnitude = call double @llvm.fabs.f64(double %x)
  %nearMagnitude = call double @llvm.fabs.f64(double %back)
  %below = fcmp olt double %nearMagnitude, %magnitude
  %step = select i1 %below, i32 1, i32 -1
  %odd = add i32 %bits, %step
  %chosen = select i1 %adjust, i32 %odd, i32 %bits
  %result = bitcast i32 %chosen to float
  ret float %result
}
declare double @llvm.fabs.f64(double))",
     ""},
    {"__truncdfbf2", R"(
define hidden bfloat @__truncdfbf2(double %x) {
  %odd = call float @fsc_round_to_odd(double %x)
  %result = fptrunc float %odd to bfloat
  ret bfloat %result
})",
     "fsc_round_to_odd"},
    {"__truncdfhf2", R"(
define hidden half @__truncdfhf2(double %x) {
  %odd = call float @fsc_round_to_odd(double %x)
  %result = fptrunc float %odd to half
  ret half %result
})",
     "fsc_round_to_odd"},
    // Subnormal results: the addition of 0.5, whose unit in the last place is that of half's subnormals, rounds.
    {"__truncsfhf2", R"(
define hidden half @__truncsfhf2(float %x) {
  %bits = bitcast float %x to i32
  %top = lshr i32 %bits, 16
  %sign = and i32 %top, 32768
  %magnitude = and i32 %bits, 2147483647
  %absolute = bitcast i32 %magnitude to float
  %shifted = fadd float %absolute, 0.5
  %shiftedBits = bitcast float %shifted to i32
  %subnormal = sub i32 %shiftedBits, 1056964608
  %low = lshr i32 %magnitude, 13
  %odd = and i32 %low, 1
  %half = add i32 %odd, 4095
  %rebiased = sub i32 %magnitude, 939524096
  %sum = add i32 %rebiased, %half
  %normal = lshr i32 %sum, 13
  %isSmall = icmp ult i32 %magnitude, 947912704
  %finite = select i1 %isSmall, i32 %subnormal, i32 %normal
  %isLarge = icmp uge i32 %magnitude, 1199566848
  %bounded = select i1 %isLarge, i32 31744, i32 %finite
  %payload = and i32 %low, 511
  %quiet = or i32 %payload, 32256
  %isNan = icmp ugt i32 %magnitude, 2139095040
  %unsigned = select i1 %isNan, i32 %quiet, i32 %bounded
  %signed = or i32 %unsigned, %sign
  %narrow = trunc i32 %signed to i16
  %result = bitcast i16 %narrow to half
  ret half %result
})",
     ""},
    // Reads exponent and fraction as those of a float that is 2^112 times too small.
    {"__extendhfsf2", R"(
define hidden float @__extendhfsf2(half %x) {
  %narrow = bitcast half %x to i16
  %bits = zext i16 %narrow to i32
  %magnitude = and i32 %bits, 32767
  %moved = shl i32 %magnitude, 13
  %small = bitcast i32 %moved to float
  %scaled = fmul float %small, 0x46F0000000000000
  %finite = bitcast float %scaled to i32
  %special = or i32 %moved, 2139095040
  %isSpecial = icmp uge i32 %magnitude, 31744
  %unsigned = select i1 %isSpecial, i32 %special, i32 %finite
  %isNan = icmp ugt i32 %magnitude, 31744
  %quietBit = select i1 %isNan, i32 4194304, i32 0
  %quiet = or i32 %unsigned, %quietBit
  %top = and i32 %bits, 32768
  %sign = shl i32 %top, 16
  %signed = or i32 %quiet, %sign
  %result = bitcast i32 %signed to float
  ret float %result
})",
     ""},
    // By squaring; a negative power is the inverse of the positive one.
    {"__powisf2", R"(
define hidden float @__powisf2(float %x, i32 %n) {
entry:
  %positive = call i32 @llvm.abs.i32(i32 %n, i1 false)
  br label %loop
loop:
  %power = phi float [ %x, %entry ], [ %square, %loop ]
  %product = phi float [ 1.0, %entry ], [ %next, %loop ]
  %left = phi i32 [ %positive, %entry ], [ %rest, %loop ]
  %bit = and i32 %left, 1
  %isOdd = icmp ne i32 %bit, 0
  %factor = select i1 %isOdd, float %power, float 1.0
  %next = fmul float %product, %factor
  %square = fmul float %power, %power
  %rest = lshr i32 %left, 1
  %more = icmp ne i32 %rest, 0
  br i1 %more, label %loop, label %done
done:
  %inverse = fdiv float 1.0, %next
  %isNegative = icmp slt i32 %n, 0
  %result = select i1 %isNegative, float %inverse, float %next
  ret float %result
}
declare i32 @llvm.abs.i32(i32, i1))",
     ""},
    {"__powidf2", R"(
define hidden double @__powidf2(double %x, i32 %n) {
entry:
  %positive = call i32 @llvm.abs.i32(i32 %n, i1 false)
  br label %loop
loop:
  %power = phi double [ %x, %entry ], [ %square, %loop ]
  %product = phi double [ 1.0, %entry ], [ %next, %loop ]
  %left = phi i32 [ %positive, %entry ], [ %rest, %loop ]
  %bit = and i32 %left, 1
  %isOdd = icmp ne i32 %bit, 0
  %factor = select i1 %isOdd, double %power, double 1.0
  %next = fmul double %product, %factor
  %square = fmul double %power, %power
  %rest = lshr i32 %left, 1
  %more = icmp ne i32 %rest, 0
  br i1 %more, label %loop, label %done
done:
  %inverse = fdiv double 1.0, %next
  %isNegative = icmp slt i32 %n, 0
  %result = select i1 %isNegative, double %inverse, double %next
  ret double %result
}
declare i32 @llvm.abs.i32(i32, i1))",
     ""},
};

static const Builtin *findBuiltin(StringRef name) {
  for (const Builtin &builtin : builtins)
    if (builtin.name == name)
      return &builtin;
  return nullptr;
}

bool fsc::emit::isBuiltin(StringRef name) { return name.starts_with("__") && findBuiltin(name); }

Expected<std::unique_ptr<Module>> fsc::emit::buildBuiltins(const std::set<std::string> &names, LLVMContext &context) {
  std::set<std::string> all = names;
  for (const std::string &name : names)
    if (StringRef used = findBuiltin(name)->uses; !used.empty())
      all.insert(used.str());
  auto module = std::make_unique<Module>("fsc-builtins", context);
  // One text, with each intrinsic declared once: the parser refuses a second declaration.
  std::string text;
  std::set<std::string> declarations;
  for (const std::string &name : all) {
    auto [body, declaration] = StringRef(findBuiltin(name)->definition).split("\ndeclare");
    text += body;
    if (!declaration.empty())
      declarations.insert(declaration.str());
  }
  for (const std::string &declaration : declarations)
    text += "\ndeclare" + declaration;
  SMDiagnostic diagnostic;
  if (parseAssemblyInto(MemoryBufferRef(text, "fsc-builtins"), module.get(), nullptr, diagnostic))
    return internalError("builtins: " + diagnostic.getMessage());
  return module;
}
