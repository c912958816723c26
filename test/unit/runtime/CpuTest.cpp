//===- CpuTest.cpp - What instructions this machine can run ---------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/src/cpu/CpuFeatures.h"

#include <fstream>
#include <gtest/gtest.h>
#include <set>
#include <sstream>

using namespace fsc::runtime;

namespace {

TEST(Cpu, does_not_guess) {
  Cpu cpu;
  EXPECT_FALSE(cpu.has("no-such-feature"));
  EXPECT_FALSE(cpu.has(""));
  const char *const none[] = {nullptr}, *const unknown[] = {"no-such-feature", nullptr};
  EXPECT_EQ(cpu.firstMissing(none), nullptr);
  EXPECT_EQ(cpu.firstMissing(nullptr), nullptr);
  EXPECT_STREQ(cpu.firstMissing(unknown), "no-such-feature");
}

#if defined(__x86_64__)
// Linux's names where they differ from LLVM's.
TEST(Cpu, agrees_with_linux) {
  std::ifstream file("/proc/cpuinfo");
  std::set<std::string> flags;
  for (std::string line; std::getline(file, line);)
    if (line.rfind("flags", 0) == 0) {
      std::istringstream words(line.substr(line.find(':') + 1));
      for (std::string word; words >> word;)
        flags.insert(word);
      break;
    }
  ASSERT_TRUE(flags.count("sse2"));
  Cpu cpu;
  const char *const names[][2] = {
      {"sse2", "sse2"},
      {"sse3", "pni"},
      {"ssse3", "ssse3"},
      {"sse4.1", "sse4_1"},
      {"sse4.2", "sse4_2"},
      {"popcnt", "popcnt"},
      {"cx16", "cx16"},
      {"sahf", "lahf_lm"},
      {"avx", "avx"},
      {"avx2", "avx2"},
      {"fma", "fma"},
      {"f16c", "f16c"},
      {"bmi", "bmi1"},
      {"bmi2", "bmi2"},
      {"lzcnt", "abm"},
      {"movbe", "movbe"},
      {"avx512f", "avx512f"},
      {"avx512bw", "avx512bw"},
      {"avx512cd", "avx512cd"},
      {"avx512dq", "avx512dq"},
      {"avx512vl", "avx512vl"},
      {"avxvnni", "avx_vnni"},
      {"avx512vnni", "avx512_vnni"},
      {"avx512bf16", "avx512_bf16"},
      {"avx512fp16", "avx512_fp16"},
      {"gfni", "gfni"},
      {"vaes", "vaes"},
      {"xsavec", "xsavec"},
      {"sse4a", "sse4a"},
      {"clzero", "clzero"},
  };
  for (const auto &[ours, linux] : names)
    EXPECT_EQ(cpu.has(ours), flags.count(linux) == 1) << ours;
}
#endif

} // namespace
