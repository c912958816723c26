//===- EmitTest.cpp - Artefacts from LLVM dialect, loaded and run ---------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/emit/EmitFixture.h"

#include "compiler/emit/Files.h"
#include "runtime/abi/Artifact.h"
#include "runtime/abi/Executable.h"

#include <cstdlib>
#include <cstring>
#include <dlfcn.h>

using namespace fsc;
namespace fs = llvm::sys::fs;

namespace {

/// y = exp(x) * weights[0] + weights[1024] in kernel @scale, then z = x + y in kernel @add, for 4 floats.
constexpr char twoKernels[] = R"mlir(
module @model {
  llvm.func @scale(!llvm.ptr, !llvm.ptr, !llvm.ptr, i64, i64)
  llvm.func @add(!llvm.ptr, !llvm.ptr, !llvm.ptr, i64, i64)
  llvm.func @fsc_run(%context: !llvm.ptr) -> i32 {
    %one = llvm.mlir.constant(1 : i64) : i64
    %two = llvm.mlir.constant(2 : i64) : i64
    %four = llvm.mlir.constant(4 : i64) : i64
    %zero = llvm.mlir.constant(0 : i64) : i64
    %cost = llvm.mlir.constant(100 : i64) : i64
    %host = llvm.load %context : !llvm.ptr -> !llvm.ptr
    %inputsAt = llvm.getelementptr %context[8] : (!llvm.ptr) -> !llvm.ptr, i8
    %inputs = llvm.load %inputsAt : !llvm.ptr -> !llvm.ptr
    %x = llvm.load %inputs : !llvm.ptr -> !llvm.ptr
    %dims = llvm.alloca %one x i64 : (i64) -> !llvm.ptr
    llvm.store %four, %dims : i64, !llvm.ptr
    %outputAt = llvm.getelementptr %host[8] : (!llvm.ptr) -> !llvm.ptr, i8
    %output = llvm.load %outputAt : !llvm.ptr -> !llvm.ptr
    %z = llvm.call %output(%context, %zero, %dims) : !llvm.ptr, (!llvm.ptr, i64, !llvm.ptr) -> !llvm.ptr
    %parallelAt = llvm.getelementptr %host[32] : (!llvm.ptr) -> !llvm.ptr, i8
    %parallel = llvm.load %parallelAt : !llvm.ptr -> !llvm.ptr
    %words = llvm.alloca %two x !llvm.ptr : (i64) -> !llvm.ptr
    %word1 = llvm.getelementptr %words[8] : (!llvm.ptr) -> !llvm.ptr, i8
    llvm.store %x, %words : !llvm.ptr, !llvm.ptr
    llvm.store %z, %word1 : !llvm.ptr, !llvm.ptr
    %scale = llvm.mlir.addressof @scale : !llvm.ptr
    %status0 = llvm.call %parallel(%context, %zero, %scale, %words, %four, %cost)
        : !llvm.ptr, (!llvm.ptr, i64, !llvm.ptr, !llvm.ptr, i64, i64) -> i32
    %add = llvm.mlir.addressof @add : !llvm.ptr
    %status1 = llvm.call %parallel(%context, %one, %add, %words, %four, %cost)
        : !llvm.ptr, (!llvm.ptr, i64, !llvm.ptr, !llvm.ptr, i64, i64) -> i32
    %status = llvm.or %status0, %status1 : i32
    llvm.return %status : i32
  }
  module @scale_module {
    llvm.func @expf(f32) -> f32
    llvm.func @scale(%context: !llvm.ptr, %words: !llvm.ptr, %scratch: !llvm.ptr, %begin: i64, %end: i64) {
      %one = llvm.mlir.constant(1 : i64) : i64
      %word1 = llvm.getelementptr %words[8] : (!llvm.ptr) -> !llvm.ptr, i8
      %x = llvm.load %words : !llvm.ptr -> !llvm.ptr
      %y = llvm.load %word1 : !llvm.ptr -> !llvm.ptr
      %weightsAt = llvm.getelementptr %context[24] : (!llvm.ptr) -> !llvm.ptr, i8
      %weights = llvm.load %weightsAt : !llvm.ptr -> !llvm.ptr
      %farWeight = llvm.getelementptr %weights[1024] : (!llvm.ptr) -> !llvm.ptr, f32
      %factor = llvm.load %weights : !llvm.ptr -> f32
      %offset = llvm.load %farWeight : !llvm.ptr -> f32
      llvm.br ^loop(%begin : i64)
    ^loop(%i: i64):
      %xi = llvm.getelementptr %x[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
      %yi = llvm.getelementptr %y[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
      %v = llvm.load %xi : !llvm.ptr -> f32
      %e = llvm.call @expf(%v) : (f32) -> f32
      %p = llvm.fmul %e, %factor : f32
      %s = llvm.fadd %p, %offset : f32
      llvm.store %s, %yi : f32, !llvm.ptr
      %next = llvm.add %i, %one : i64
      %more = llvm.icmp "slt" %next, %end : i64
      llvm.cond_br %more, ^loop(%next : i64), ^done
    ^done:
      llvm.return
    }
  }
  module @add_module {
    llvm.mlir.global private constant @unused("kernel") : !llvm.array<6 x i8>
    llvm.func @add(%context: !llvm.ptr, %words: !llvm.ptr, %scratch: !llvm.ptr, %begin: i64, %end: i64) {
      %one = llvm.mlir.constant(1 : i64) : i64
      %word1 = llvm.getelementptr %words[8] : (!llvm.ptr) -> !llvm.ptr, i8
      %x = llvm.load %words : !llvm.ptr -> !llvm.ptr
      %y = llvm.load %word1 : !llvm.ptr -> !llvm.ptr
      llvm.br ^loop(%begin : i64)
    ^loop(%i: i64):
      %xi = llvm.getelementptr %x[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
      %yi = llvm.getelementptr %y[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
      %v = llvm.load %xi : !llvm.ptr -> f32
      %w = llvm.load %yi : !llvm.ptr -> f32
      %s = llvm.call @helper(%v, %w) : (f32, f32) -> f32
      llvm.store %s, %yi : f32, !llvm.ptr
      %next = llvm.add %i, %one : i64
      %more = llvm.icmp "slt" %next, %end : i64
      llvm.cond_br %more, ^loop(%next : i64), ^done
    ^done:
      llvm.return
    }
    llvm.func @helper(%a: f32, %b: f32) -> f32 {
      %s = llvm.fadd %a, %b : f32
      llvm.return %s : f32
    }
  }
}
)mlir";

/// A host without kernels, with `body` as further functions.
std::string hostWith(llvm::StringRef body) {
  return ("module { llvm.func @fsc_run(%context: !llvm.ptr) -> i32 {\n"
          "  %zero = llvm.mlir.constant(0 : i32) : i32\n  llvm.return %zero : i32\n}\n" +
          body + "}")
      .str();
}

} // namespace

TEST_F(EmitTest, RunsInTheRuntime) {
  for (int level : {0, 1, 2, 3}) {
    options.optLevel = level;
    std::string path = at("model" + std::to_string(level) + ".so");
    ASSERT_EQ(emit(twoKernels, path), "");
    expectRuns(path);
  }
}

TEST_F(EmitTest, DescribesTheModel) {
  spec.inputs[0].dims = {{-1, 0}};
  spec.inputs[0].name = "x\"ä";
  ASSERT_EQ(emit(twoKernels, at("model.so")), "");
  void *handle = dlopen(at("model.so").c_str(), RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(handle, nullptr) << dlerror();
  auto *artifact = static_cast<const fsc_abi_artifact *>(dlsym(handle, FSC_ABI_SYMBOL));
  ASSERT_NE(artifact, nullptr);
  EXPECT_EQ(artifact->magic, FSC_ABI_MAGIC);
  EXPECT_EQ(artifact->version, FSC_ABI_VERSION);
  EXPECT_EQ(artifact->size, sizeof(fsc_abi_artifact));
  EXPECT_STREQ(artifact->target, "cpu");
  EXPECT_STREQ(artifact->name, "model");
  EXPECT_STREQ(artifact->provenance, "{\"model\": \"test\"}");
  ASSERT_EQ(artifact->input_count, 1);
  EXPECT_STREQ(artifact->inputs[0].name, "x\"ä");
  EXPECT_EQ(artifact->inputs[0].dtype, FSC_FLOAT32);
  ASSERT_EQ(artifact->inputs[0].rank, 1);
  EXPECT_EQ(artifact->inputs[0].dims[0].size, -1);
  EXPECT_EQ(artifact->inputs[0].dims[0].symbol, 0);
  ASSERT_EQ(artifact->output_count, 1);
  EXPECT_EQ(artifact->outputs[0].dims[0].size, 4);
  EXPECT_EQ(artifact->outputs[0].dims[0].symbol, -1);
  ASSERT_EQ(artifact->symbol_count, 1);
  EXPECT_STREQ(artifact->symbols[0], "batch");
  ASSERT_EQ(artifact->kernel_count, 2);
  EXPECT_STREQ(artifact->kernels[0].location, "Exp_0,Mul_1");
  EXPECT_STREQ(artifact->kernels[1].name, "add");
  EXPECT_STREQ(artifact->kernels[1].anchor, "pointwise");
  EXPECT_EQ(artifact->kernels[1].flops, 4);
  EXPECT_EQ(artifact->kernels[1].bytes, 48);
  ASSERT_EQ(artifact->variant_count, 1);
  EXPECT_EQ(artifact->variants[0].cpu, options.cpu);
  EXPECT_EQ(artifact->variants[0].features[options.requiredFeatures.size()], nullptr);
  EXPECT_EQ(artifact->variants[0].arena_bytes, 128);
  EXPECT_EQ(artifact->variants[0].scratch_bytes, 64);
  EXPECT_EQ(artifact->weights_bytes, 4100);
  ASSERT_NE(artifact->weights, nullptr);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(artifact->weights) % 4096, 0u);
  EXPECT_EQ(static_cast<const float *>(artifact->weights)[0], 2.0f);
  EXPECT_EQ(static_cast<const float *>(artifact->weights)[1], 0.0f);
  EXPECT_EQ(static_cast<const float *>(artifact->weights)[1024], 0.5f);
  EXPECT_EQ(artifact->weights_file, nullptr);
  EXPECT_EQ(artifact->weights_hash, 0u);
  dlclose(handle);
}

TEST_F(EmitTest, NeedsWhatItUsesAndExportsOneSymbol) {
  ASSERT_EQ(emit(twoKernels, at("model.so")), "");
  std::vector<std::string> undefined, exported;
  EXPECT_EQ(needed(at("model.so"), &undefined, &exported), std::vector<std::string>{"libm.so.6"});
  EXPECT_EQ(undefined, std::vector<std::string>{"expf"});
  EXPECT_EQ(exported, std::vector<std::string>{"fsc_artifact"});
  ASSERT_EQ(emit(hostWith(""), at("plain.so")), "");
  EXPECT_EQ(needed(at("plain.so")), std::vector<std::string>{});
  // A loop that the optimiser makes a call of.
  ASSERT_EQ(emit(hostWith(R"(
    module { llvm.func @copy(%a: !llvm.ptr, %b: !llvm.ptr, %n: i64) {
      "llvm.intr.memcpy"(%a, %b, %n) <{isVolatile = false}> : (!llvm.ptr, !llvm.ptr, i64) -> ()
      llvm.return } }
    llvm.func @copy(!llvm.ptr, !llvm.ptr, i64)
    llvm.mlir.global external constant @keep() : !llvm.ptr {
      %p = llvm.mlir.addressof @copy : !llvm.ptr
      llvm.return %p : !llvm.ptr })"),
                 at("copy.o"), OutputKind::object),
            "");
  EXPECT_NE(read(at("copy.o")).find("memcpy"), std::string::npos);
}

TEST_F(EmitTest, GivesTheSameBytesForEveryNameAndNumberOfThreads) {
  ASSERT_EQ(emit(twoKernels, at("a.so")), "");
  options.threads = 4;
  ASSERT_EQ(emit(twoKernels, at("other-name.so")), "");
  context.disableMultithreading();
  ASSERT_EQ(emit(twoKernels, at("c.so")), "");
  EXPECT_FALSE(read(at("a.so")).empty());
  EXPECT_TRUE(read(at("a.so")) == read(at("other-name.so")));
  EXPECT_TRUE(read(at("a.so")) == read(at("c.so")));
}

TEST_F(EmitTest, LeavesNothingButItsOutput) {
  ASSERT_EQ(emit(twoKernels, at("model.so")), "");
  EXPECT_EQ(filesThere(), std::vector<std::string>{"model.so"});
  ASSERT_EQ(emit(twoKernels, at("model.so")), "") << "replaces an older file";
  EXPECT_EQ(filesThere(), std::vector<std::string>{"model.so"});
}

TEST_F(EmitTest, WritesExternalWeightsBeside) {
  spec.weightsMode = WeightsMode::external;
  ASSERT_EQ(emit(twoKernels, at("model.so")), "");
  EXPECT_EQ(filesThere(), (std::vector<std::string>{"model.so", "model.so.weights"}));
  std::string weights = read(at("model.so.weights"));
  ASSERT_EQ(weights.size(), 4100u);
  EXPECT_EQ(weights.substr(4096), std::string(far.begin(), far.end()));
  expectRuns(at("model.so"));
}

TEST_F(EmitTest, RunsWithoutWeights) {
  spec.weightsBytes = 0;
  spec.weights.clear();
  ASSERT_EQ(emit(hostWith(""), at("model.so")), "");
  fsc_module *module = nullptr;
  fsc_status status = fsc_module_load(at("model.so").c_str(), &module);
  EXPECT_EQ(status, nullptr) << fsc_status_message(status);
  fsc_module_destroy(module);
}

TEST_F(EmitTest, ReachesWeightsFromTheHost) {
  ASSERT_EQ(emit(R"(module {
    llvm.mlir.global external hidden constant @fsc_weights() {addr_space = 0 : i32} : !llvm.array<4100 x i8>
    llvm.func @fsc_run(%context: !llvm.ptr) -> i32 {
      %weights = llvm.mlir.addressof @fsc_weights : !llvm.ptr
      %far = llvm.getelementptr %weights[1024] : (!llvm.ptr) -> !llvm.ptr, i32
      %bits = llvm.load %far : !llvm.ptr -> i32
      llvm.return %bits : i32
    } })",
                 at("model.so")),
            "");
  void *handle = dlopen(at("model.so").c_str(), RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(handle, nullptr) << dlerror();
  auto *artifact = static_cast<const fsc_abi_artifact *>(dlsym(handle, FSC_ABI_SYMBOL));
  EXPECT_EQ(artifact->variants[0].run(nullptr), 0x3f000000);
  dlclose(handle);
}

TEST_F(EmitTest, CompilesForAArch64) {
  options.triple = "aarch64-linux-gnu";
  options.cpu = "generic";
  ASSERT_EQ(emit(twoKernels, at("model.so")), "");
  EXPECT_EQ(needed(at("model.so")), std::vector<std::string>{"libm.so.6"});
  EXPECT_EQ(machine, unsigned(llvm::ELF::EM_AARCH64));
  ASSERT_EQ(emit(twoKernels, at("model.o"), OutputKind::object), "");
  EXPECT_EQ(read(at("model.o")).substr(0, 4), "\177ELF");
}

TEST_F(EmitTest, RefusesAPathThatItCannotWrite) {
  EXPECT_EQ(emit(twoKernels, at("none/model.so")),
            "cannot write '" + at("none/model.so") + "': No such file or directory");
  EXPECT_EQ(emit(twoKernels, folder), "cannot write '" + folder.str().str() + "': expected a regular file or none");
  EXPECT_EQ(emit(twoKernels, "/dev/full"), "cannot write '/dev/full': expected a regular file or none");
  EXPECT_EQ(emit(twoKernels, at("none/model.ll"), OutputKind::llvm),
            "cannot write '" + at("none/model.ll") + "': No such file or directory");
  EXPECT_TRUE(filesThere().empty());
}

TEST_F(EmitTest, RefusesAnUnknownMachine) {
  options.triple = "z80-linux-gnu";
  EXPECT_NE(emit(twoKernels, at("model.so")), "");
  options.triple = "x86_64-linux-gnu";
  options.cpu = "pentium-17";
  EXPECT_EQ(emit(twoKernels, at("model.so")), "expected a CPU of x86_64, got 'pentium-17'");
}

TEST_F(EmitTest, NamesAFunctionThatNobodyDefines) {
  std::string message = emit(hostWith(R"(
    llvm.func @malloc(i64) -> !llvm.ptr
    llvm.func @user(%n: i64) -> !llvm.ptr {
      %p = llvm.call @malloc(%n) : (i64) -> !llvm.ptr
      llvm.return %p : !llvm.ptr
    }
    llvm.mlir.global external constant @keep() : !llvm.ptr {
      %p = llvm.mlir.addressof @user : !llvm.ptr
      llvm.return %p : !llvm.ptr
    }
    module { llvm.func @user2(%n: i64) -> !llvm.ptr {
      %p = llvm.call @strange(%n) : (i64) -> !llvm.ptr
      llvm.return %p : !llvm.ptr }
      llvm.func @strange(i64) -> !llvm.ptr }
    llvm.func @user2(i64) -> !llvm.ptr)"),
                             at("model.so"));
  EXPECT_EQ(message, "internal error: compiled code uses what neither it nor the C library defines: 'strange'");
  EXPECT_TRUE(filesThere().empty());
}

TEST_F(EmitTest, RefusesAKernelWithTheNameOfALibraryFunction) {
  std::string message = emit(hostWith(R"(
    llvm.func @exp(!llvm.ptr)
    module { llvm.func @exp(%p: !llvm.ptr) { llvm.return } })"),
                             at("model.so"));
  EXPECT_EQ(message, "internal error: a kernel has the name 'exp', which is taken");
}

TEST_F(EmitTest, RefusesKernelsOfOneName) {
  std::string message = emit(hostWith(R"(
    llvm.func @twin(!llvm.ptr)
    module { llvm.func @twin(%p: !llvm.ptr) { llvm.return } }
    module { llvm.func @twin(%p: !llvm.ptr) { llvm.return } })"),
                             at("model.so"));
  EXPECT_TRUE(llvm::StringRef(message).starts_with("internal error: ")) << message;
}

TEST_F(EmitTest, WritesTextThatOtherToolsRead) {
  ASSERT_EQ(emit(twoKernels, at("model.ll"), OutputKind::llvm), "");
  std::string text = read(at("model.ll"));
  EXPECT_NE(text.find("@fsc_artifact = "), std::string::npos);
  EXPECT_NE(text.find("define hidden void @scale("), std::string::npos);
  ASSERT_EQ(emit(twoKernels, at("model.s"), OutputKind::assembly), "");
  text = read(at("model.s"));
  EXPECT_NE(text.find("fsc_artifact:"), std::string::npos);
#if defined(__x86_64__)
  EXPECT_NE(text.find("vfmadd"), std::string::npos);
  options.optLevel = 0;
  ASSERT_EQ(emit(twoKernels, at("model.s"), OutputKind::assembly), "");
  text = read(at("model.s"));
  EXPECT_EQ(text.find("vfmadd"), std::string::npos) << "the reference keeps each rounding";
#endif
}

TEST_F(EmitTest, UsesTheWholeVectorRegister) {
  options.triple = "x86_64-linux-gnu";
  options.cpu = "x86-64-v4";
  ASSERT_EQ(emit(twoKernels, at("model.s"), OutputKind::assembly), "");
  EXPECT_NE(read(at("model.s")).find("%zmm"), std::string::npos);
}

TEST_F(EmitTest, AppendsToALauncher) {
  ASSERT_EQ(emit(twoKernels, at("model.so")), "");
  options.launcher = at("launcher");
  {
    auto file = emit::OutputFile::create(options.launcher);
    ASSERT_TRUE(bool(file));
    llvm::cantFail(file->write(llvm::ArrayRef<char>("program", 7), 0));
    llvm::cantFail(file->commit());
  }
  ASSERT_EQ(emit(twoKernels, at("model"), OutputKind::executable), "");
  std::string bytes = read(at("model")), artifact = read(at("model.so"));
  EXPECT_EQ(bytes.substr(0, 7), "program");
  fsc_abi_trailer trailer;
  ASSERT_GT(bytes.size(), sizeof(trailer));
  std::memcpy(&trailer, bytes.data() + bytes.size() - sizeof(trailer), sizeof(trailer));
  EXPECT_EQ(trailer.magic, FSC_ABI_TRAILER_MAGIC);
  EXPECT_EQ(trailer.offset, 4096u);
  EXPECT_TRUE(bytes.substr(trailer.offset, trailer.size) == artifact);
  EXPECT_TRUE(fs::can_execute(at("model")));
  options.launcher = at("none");
  EXPECT_EQ(emit(twoKernels, at("model"), OutputKind::executable),
            "cannot read launcher '" + at("none") + "': No such file or directory");
  EXPECT_EQ(filesThere(), (std::vector<std::string>{"launcher", "model", "model.so"}));
}

TEST_F(EmitTest, RunsByItself) {
  options.launcher = (llvm::sys::path::parent_path(fs::getMainExecutable(nullptr, nullptr)) + "/fsc-run").str();
  if (!fs::can_execute(options.launcher))
    GTEST_SKIP() << "fsc-run is not built";
  ASSERT_EQ(emit(twoKernels, at("model"), OutputKind::executable), "");
  auto run = [&](const std::string &arguments) {
    return WEXITSTATUS(std::system((at("model") + arguments + " > " + at("log") + " 2>&1").c_str()));
  };
  EXPECT_EQ(run(" --output-dir " + at("out")), 0) << read(at("log"));
  EXPECT_TRUE(fs::exists(at("out/output_0.npy")));
  EXPECT_EQ(run(" another.so"), 2) << read(at("log"));
}
