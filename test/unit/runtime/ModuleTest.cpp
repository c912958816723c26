//===- ModuleTest.cpp - What loads, and what is refused -------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Fakes.h"

#include "runtime/include/fsc/fsc.hpp"

#include <cstring>
#include <elf.h>
#include <gtest/gtest.h>

using namespace fsc;
using namespace fsc::test;

namespace {

std::string refusal(const std::string &path) {
  try {
    Module module(path);
  } catch (const Error &error) {
    return std::string(fsc_code_name(error.code())) + ": " + error.what();
  }
  return "accepted";
}

#define EXPECT_REFUSAL(path, code, text)                                                                               \
  EXPECT_EQ(refusal(path).find(code ": "), 0u) << refusal(path);                                                       \
  EXPECT_NE(refusal(path).find(text), std::string::npos) << refusal(path)

TEST(Module, loads_an_artefact) {
  Module module(fake("dynamic.so"));
  EXPECT_EQ(module.name(), "fake");
  EXPECT_EQ(module.inputs().size(), 2u);
}

TEST(Module, takes_the_first_variant_that_the_machine_can_run) {
  EXPECT_EQ(Module(fake("dynamic.so")).cpu(), "baseline");
}

TEST(Module, refuses_a_missing_file) { EXPECT_REFUSAL("/nowhere/model.so", "not found", "cannot open"); }

TEST(Module, refuses_a_folder) { EXPECT_REFUSAL("/tmp", "model", "expected a regular file"); }

TEST(Module, refuses_a_file_that_is_no_shared_object) {
  TemporaryFile text("text", "hello, world"), empty("empty", "");
  EXPECT_REFUSAL(text.path, "model", "expected a shared object");
  EXPECT_REFUSAL(empty.path, "model", "expected a shared object");
}

TEST(Module, refuses_a_program) { EXPECT_REFUSAL("/proc/self/exe", "model", "no fsc artefact"); }

TEST(Module, refuses_a_foreign_shared_object) {
  EXPECT_REFUSAL("/lib/x86_64-linux-gnu/libz.so.1", "model", "does not export 'fsc_artifact'");
}

TEST(Module, refuses_a_newer_version_before_running_its_code) {
  EXPECT_REFUSAL(fake("newer.so"), "model", "interface version 99: this runtime expects version 2; use a newer");
}

TEST(Module, refuses_an_older_version_before_running_its_code) {
  EXPECT_REFUSAL(fake("older.so"), "model", "interface version 0: this runtime expects version 2; compile");
}

TEST(Module, refuses_a_wrong_magic_number_before_running_its_code) {
  EXPECT_REFUSAL(fake("wrong-magic.so"), "model", "wrong magic number");
}

TEST(Module, refuses_a_negative_count) { EXPECT_REFUSAL(fake("bad-count.so"), "model", "a table is missing"); }

TEST(Module, refuses_a_range_without_sizes) {
  EXPECT_REFUSAL(fake("bad-range.so"), "model", "the range of a symbol has no sizes");
}

TEST(Module, tells_the_ranges_of_symbols) {
  EXPECT_EQ(Module(fake("ranged.so")).symbolRange(0), std::pair(int64_t(2), int64_t(4)));
  EXPECT_EQ(Module(fake("dynamic.so")).symbolRange(0), std::pair(int64_t(0), INT64_MAX));
  EXPECT_THROW(Module(fake("dynamic.so")).symbolRange(1), ArgumentError);
}

TEST(Module, refuses_another_target) { EXPECT_REFUSAL(fake("cuda.so"), "unsupported", "target 'cuda'"); }

TEST(Module, refuses_code_for_instructions_that_the_machine_lacks) {
  EXPECT_REFUSAL(fake("unknown-feature.so"), "unsupported",
                 "its lowest level is 'x86-64-v9', which needs 'no-such-feature'");
}

TEST(Module, refuses_another_machine) {
  std::string bytes = readWhole(fake("dynamic.so"));
  bytes[offsetof(Elf64_Ehdr, e_machine)] = char(EM_RISCV);
  TemporaryFile file("riscv.so", bytes);
  EXPECT_REFUSAL(file.path, "unsupported", "was compiled for risc-v");
}

// Every prefix of the file, and not one crash.
TEST(Module, refuses_a_truncated_file_of_any_length) {
  std::string bytes = readWhole(fake("dynamic.so"));
  ASSERT_GT(bytes.size(), 1000u);
  TemporaryFile file("truncated.so", "");
  size_t step = bytes.size() / 211;
  for (size_t length = 0; length < bytes.size(); length += length < 200 ? 1 : step) {
    file.write(bytes.substr(0, length));
    EXPECT_REFUSAL(file.path, "model", file.path) << " at " << length;
  }
  file.write(bytes.substr(0, bytes.size() - 1));
  EXPECT_REFUSAL(file.path, "model", "truncated");
}

// Any value in any byte of the ELF header: refused or loaded, never a crash.
TEST(Module, survives_damage_to_the_header) {
  const std::string bytes = readWhole(fake("dynamic.so"));
  TemporaryFile file("damaged.so", "");
  for (size_t at = 0; at < offsetof(Elf64_Ehdr, e_entry); ++at)
    for (int value : {0, 1, 0x7f, 0xff}) {
      std::string damaged = bytes;
      damaged[at] = char(value);
      file.write(damaged);
      refusal(file.path);
    }
  for (size_t at = offsetof(Elf64_Ehdr, e_phoff); at < sizeof(Elf64_Ehdr); ++at)
    for (int value : {0, 0xff}) {
      std::string damaged = bytes;
      damaged[at] = char(value);
      if (damaged == bytes)
        continue;
      file.write(damaged);
      refusal(file.path);
    }
}

TEST(Module, loads_the_file_that_is_there_now) {
  TemporaryFile file("replaced.so", readWhole(fake("dynamic.so")));
  Module before(file.path);
  file.write(readWhole(fake("other-bias.so")));
  Module after(file.path);

  float x[3] = {0, 0, 0}, mask[1] = {1};
  std::vector<Tensor> inputs = {tensor(x, {1, 3}), tensor(mask, {1})};
  EXPECT_EQ(*Session(before, 1).run(inputs)[0].as<float>(), 1);
  Session session(after, 1);
  EXPECT_EQ(*session.run(inputs)[0].as<float>(), 2);
}

TEST(Module, maps_weights_from_the_file_beside_it) {
  float weights[3] = {5, 5, 5};
  TemporaryFolder folder("external.so");
  std::ofstream(folder.path + "/external.weights", std::ios::binary)
      .write(reinterpret_cast<char *>(weights), sizeof(weights));
  float x[3] = {0, 0, 0}, mask[1] = {1};
  Session session(Module(folder.path + "/external.so"), 1);
  EXPECT_EQ(*session.run({tensor(x, {1, 3}), tensor(mask, {1})})[0].as<float>(), 5);
}

TEST(Module, refuses_weights_with_another_hash_or_size) {
  TemporaryFolder folder("external.so");
  std::string path = folder.path + "/external.weights";
  float weights[4] = {5, 5, 6, 6};
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<char *>(weights), 12);
  EXPECT_REFUSAL(folder.path + "/external.so", "model", "expected hash 3108629c748c8e49");
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<char *>(weights), 16);
  EXPECT_REFUSAL(folder.path + "/external.so", "model", "expected 12 bytes, got 16");
}

TEST(Module, refuses_missing_weights) { EXPECT_REFUSAL(fake("missing-weights.so"), "not found", "nowhere.weights"); }

TEST(Module, refuses_weights_outside_of_its_folder) {
  EXPECT_REFUSAL(fake("escaping.so"), "model", "expected a file name without a folder");
}

} // namespace
