//===- ConversionTest.cpp - Conversions that call our builtins ------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/emit/EmitFixture.h"

#include "runtime/abi/Artifact.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/TargetParser/Host.h"

#include <cmath>
#include <cstring>
#include <dlfcn.h>

using namespace fsc;

namespace {

/// Conversions that no instruction of the machine makes, against LLVM's own arithmetic.
class ConversionTest : public EmitTest {
protected:
  /// Compiles `to convert(from)`; returns its address.
  void *compile(llvm::StringRef from, llvm::StringRef to, llvm::StringRef body, llvm::StringRef cpu) {
    options.cpu = cpu.str();
    spec.weightsBytes = 0;
    spec.weights.clear();
    std::string path = at(("c" + from + to + cpu + ".so").str());
    // The entry returns through its argument: an array of pointers to source and destination.
    std::string text = (R"(module { llvm.func @fsc_run(%context: !llvm.ptr) -> i32 {
      %zero = llvm.mlir.constant(0 : i32) : i32
      %next = llvm.getelementptr %context[8] : (!llvm.ptr) -> !llvm.ptr, i8
      %x = llvm.load %context : !llvm.ptr -> )" +
                        from + "\n" + body + R"(
      llvm.store %y, %next : )" +
                        to + R"(, !llvm.ptr
      llvm.return %zero : i32 } })")
                           .str();
    EXPECT_EQ(emit(text, path), "");
    EXPECT_EQ(needed(path), std::vector<std::string>{});
    void *handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    auto *artifact = handle ? static_cast<const fsc_abi_artifact *>(dlsym(handle, FSC_ABI_SYMBOL)) : nullptr;
    return artifact ? reinterpret_cast<void *>(artifact->variants[0].run) : nullptr;
  }

  template <typename From, typename To> static To call(void *function, From x) {
    uint64_t words[2] = {};
    std::memcpy(words, &x, sizeof(x));
    reinterpret_cast<int32_t (*)(void *)>(function)(words);
    To y;
    std::memcpy(&y, words + 1, sizeof(y));
    return y;
  }

  static llvm::APFloat round(llvm::APFloat value, const llvm::fltSemantics &to) {
    bool lossy;
    value.convert(to, llvm::APFloat::rmNearestTiesToEven, &lossy);
    return value;
  }

  /// Bit patterns around every boundary of the narrow format, and many between.
  template <typename Bits>
  static std::vector<Bits> patterns(const llvm::fltSemantics &narrow, const llvm::fltSemantics &wide) {
    std::vector<Bits> all;
    for (unsigned i = 0; i < 65536; i += 7) {
      llvm::APFloat value(narrow, llvm::APInt(16, i));
      Bits bits = Bits(round(value, wide).bitcastToAPInt().getZExtValue());
      // The tie between this value and the next one, and its neighbours.
      unsigned dropped = llvm::APFloat::semanticsPrecision(wide) - llvm::APFloat::semanticsPrecision(narrow);
      Bits half = Bits(1) << (dropped - 1);
      for (Bits at : {bits, Bits(bits + half)})
        for (Bits nearby : {Bits(at - 1), at, Bits(at + 1)})
          all.push_back(nearby);
    }
    for (Bits special : {Bits(0), Bits(1), Bits(~Bits(0))})
      all.push_back(special);
    return all;
  }

  template <typename Bits>
  void checkTruncation(llvm::StringRef from, llvm::StringRef to, const llvm::fltSemantics &wide,
                       const llvm::fltSemantics &narrow, llvm::StringRef cpu) {
    void *function = compile(from, to, ("%y = llvm.fptrunc %x : " + from + " to " + to).str(), cpu);
    ASSERT_NE(function, nullptr);
    unsigned wrong = 0;
    for (Bits bits : patterns<Bits>(narrow, wide)) {
      llvm::APFloat value(wide, llvm::APInt(sizeof(Bits) * 8, bits));
      llvm::APFloat expected = round(value, narrow);
      llvm::APFloat got(narrow, llvm::APInt(16, call<Bits, uint16_t>(function, bits)));
      bool right =
          expected.isNaN() ? got.isNaN() && got.isNegative() == expected.isNegative() : got.bitwiseIsEqual(expected);
      if (!right && ++wrong < 5)
        ADD_FAILURE() << std::hex << uint64_t(bits) << " gives " << got.bitcastToAPInt().getZExtValue() << ", expected "
                      << expected.bitcastToAPInt().getZExtValue();
    }
    EXPECT_EQ(wrong, 0u);
  }
};

} // namespace

#if defined(__x86_64__)
TEST_F(ConversionTest, RoundsOnceToNarrowFloats) {
  const auto &f64 = llvm::APFloat::IEEEdouble(), &f32 = llvm::APFloat::IEEEsingle();
  const auto &f16 = llvm::APFloat::IEEEhalf(), &bf16 = llvm::APFloat::BFloat();
  for (llvm::StringRef cpu : {"x86-64", "x86-64-v3"}) {
    if (cpu == "x86-64-v3" && !llvm::sys::getHostCPUFeatures().lookup("avx2"))
      continue;
    checkTruncation<uint32_t>("f32", "bf16", f32, bf16, cpu);
    checkTruncation<uint64_t>("f64", "bf16", f64, bf16, cpu);
    checkTruncation<uint32_t>("f32", "f16", f32, f16, cpu);
    checkTruncation<uint64_t>("f64", "f16", f64, f16, cpu);
  }
}

TEST_F(ConversionTest, WidensEveryHalf) {
  void *function = compile("f16", "f32", "%y = llvm.fpext %x : f16 to f32", "x86-64");
  ASSERT_NE(function, nullptr);
  for (unsigned bits = 0; bits < 65536; ++bits) {
    llvm::APFloat value(llvm::APFloat::IEEEhalf(), llvm::APInt(16, bits));
    llvm::APFloat expected = round(value, llvm::APFloat::IEEEsingle());
    uint32_t got = call<uint16_t, uint32_t>(function, uint16_t(bits));
    ASSERT_EQ(got, uint32_t(expected.bitcastToAPInt().getZExtValue())) << bits;
  }
}

TEST_F(ConversionTest, RaisesToIntegerPowers) {
  for (int power : {0, 1, 2, 5, -1, -3, 40}) {
    std::string body = "%n = llvm.load %next : !llvm.ptr -> i32\n"
                       "%y = \"llvm.intr.powi\"(%x, %n) : (f64, i32) -> f64";
    static void *function = compile("f64", "f64", body, "x86-64");
    ASSERT_NE(function, nullptr);
    uint64_t words[2] = {};
    double x = 1.5;
    std::memcpy(words, &x, sizeof(x));
    std::memcpy(words + 1, &power, sizeof(power));
    reinterpret_cast<int32_t (*)(void *)>(function)(words);
    double y;
    std::memcpy(&y, words + 1, sizeof(y));
    EXPECT_DOUBLE_EQ(y, std::pow(x, power)) << power;
  }
}
#endif
