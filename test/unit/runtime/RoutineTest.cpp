//===- RoutineTest.cpp - Irregular operators ------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Calls routines as compiled code does, with a host of a few lines.
//
//===----------------------------------------------------------------------===//

#include "runtime/src/StringTable.h"
#include "runtime/src/routines/Element.h"
#include "runtime/src/routines/Table.h"

#include <cstdlib>
#include <cstring>
#include <gtest/gtest.h>
#include <list>
#include <memory>
#include <string>
#include <vector>

using namespace fsc::runtime;

namespace {

struct Run : fsc_abi_context {
  Run() : fsc_abi_context{} {}

  std::list<std::unique_ptr<char[]>> memory;
  int64_t allocations = 0, limit = INT64_MAX; // of allocations
  StringTable strings;
  std::string message;
  int32_t code = FSC_ABI_OK;
};

Run &runOf(fsc_abi_context *context) { return *static_cast<Run *>(context); }

int32_t fail(fsc_abi_context *context, int32_t code, const char *message) {
  if (runOf(context).code == FSC_ABI_OK)
    runOf(context).message = message;
  return runOf(context).code = code;
}

void *allocate(fsc_abi_context *context, int64_t bytes) {
  if (++runOf(context).allocations > runOf(context).limit || bytes > (1 << 20)) {
    fail(context, FSC_ABI_ERROR_OUT_OF_MEMORY, "out of memory: a test");
    return nullptr;
  }
  return runOf(context).memory.emplace_back(new char[size_t(bytes) + 1]).get();
}

void *output(fsc_abi_context *context, int64_t index, const int64_t *) {
  runOf(context).message = "output " + std::to_string(index);
  return allocate(context, 1 << 10);
}

int64_t intern(fsc_abi_context *context, const char *data, int64_t size) {
  return runOf(context).strings.intern({data, size_t(size)});
}

fsc_abi_string string(fsc_abi_context *context, int64_t number) {
  std::string_view found = runOf(context).strings.find(number);
  return {found.data(), int64_t(found.size())};
}

uint64_t random(fsc_abi_context *) { return 7; }

const fsc_abi_host host = {FSC_ABI_VERSION,
                           sizeof(fsc_abi_host),
                           output,
                           allocate,
                           nullptr,
                           nullptr,
                           fail,
                           nullptr,
                           intern,
                           string,
                           random,
                           nullptr,
                           nullptr,
                           nullptr,
                           nullptr};

/// A call as it is made: operands, results, attributes.
class Caller {
public:
  explicit Caller(const char *name) : routine(findRoutine(name)) { run.host = &host; }

  template <typename T> void input(int32_t dtype, std::vector<int64_t> dims, std::vector<T> elements) {
    auto &bytes = data.emplace_back(elements.size() * sizeof(T) + 1);
    if (!elements.empty())
      std::memcpy(bytes.data(), elements.data(), elements.size() * sizeof(T));
    auto &sizes = this->dims.emplace_back(std::move(dims));
    inputs.push_back({bytes.data(), sizes.data(), dtype, int32_t(sizes.size()), -1});
  }
  void absent() { inputs.push_back({}); }

  void result(int32_t dtype, std::vector<int64_t> expected, int64_t output = -1) {
    auto &sizes = dims.emplace_back(std::move(expected));
    results.push_back({nullptr, sizes.data(), dtype, int32_t(sizes.size()), output});
  }

  void integer(const char *name, int64_t value) { integers.push_back({name, value}); }

  int32_t call() {
    // The table: entries, then a name of 32 bytes and a value for each.
    std::vector<char> table(integers.size() * (sizeof(fsc_abi_attribute) + 40));
    for (size_t i = 0; i < integers.size(); ++i) {
      int64_t place = int64_t(integers.size() * sizeof(fsc_abi_attribute) + i * 40);
      fsc_abi_attribute attribute = {place, FSC_ABI_INTS, 1, place + 32};
      std::memcpy(table.data() + i * sizeof attribute, &attribute, sizeof attribute);
      std::strncpy(table.data() + place, integers[i].first, 31);
      std::memcpy(table.data() + place + 32, &integers[i].second, 8);
    }
    fsc_abi_call arguments = {"node 'x' (Op, opset 1)",
                              int64_t(inputs.size()),
                              inputs.data(),
                              int64_t(results.size()),
                              results.data(),
                              int64_t(integers.size()),
                              reinterpret_cast<const fsc_abi_attribute *>(table.data()),
                              "Op"};
    return routine(&run, &arguments);
  }

  template <typename T> std::vector<T> elements(size_t index) {
    size_t count = 1;
    for (int32_t axis = 0; axis < results[index].rank; ++axis)
      count *= size_t(results[index].dims[axis]);
    std::vector<T> values(count);
    if (count)
      std::memcpy(values.data(), results[index].data, count * sizeof(T));
    return values;
  }
  std::vector<int64_t> sizes(size_t index) { return {results[index].dims, results[index].dims + results[index].rank}; }

  fsc_abi_routine_fn routine;
  Run run;

private:
  std::list<std::vector<char>> data;
  std::list<std::vector<int64_t>> dims;
  std::vector<fsc_abi_argument> inputs, results;
  std::vector<std::pair<const char *, int64_t>> integers;
};

constexpr int32_t f32 = int32_t(Type::f32), i64 = int32_t(Type::i64), boolean = int32_t(Type::boolean);
using Ints = std::vector<int64_t>;
using Floats = std::vector<float>;

} // namespace

TEST(Routine, IsFoundByTheOperatorsName) {
  EXPECT_NE(findRoutine("NonZero"), nullptr);
  EXPECT_EQ(findRoutine("nonzero"), nullptr);
  EXPECT_EQ(findRoutine("Gemm"), nullptr);
}

TEST(Routine, SaysWhatSizesItsResultHas) {
  Caller caller("NonZero");
  caller.input<float>(f32, {2, 2}, {1, -0.0f, 0, NAN});
  caller.result(i64, {2, -1});
  ASSERT_EQ(caller.call(), FSC_ABI_OK) << caller.run.message;
  EXPECT_EQ(caller.sizes(0), (Ints{2, 2}));
  EXPECT_EQ(caller.elements<int64_t>(0), (Ints{0, 1, 0, 1}));
}

TEST(Routine, OfAScalarIsARowOfNoIndices) {
  Caller caller("NonZero");
  caller.input<float>(f32, {}, {3});
  caller.result(i64, {0, -1});
  ASSERT_EQ(caller.call(), FSC_ABI_OK);
  EXPECT_EQ(caller.sizes(0), (Ints{0, 1}));
}

TEST(Routine, WritesAnOutputOfTheModelWhereItIs) {
  Caller caller("NonZero");
  caller.input<float>(f32, {1}, {1});
  caller.result(i64, {1, -1}, 5);
  ASSERT_EQ(caller.call(), FSC_ABI_OK);
  EXPECT_EQ(caller.run.message, "output 5");
}

TEST(Routine, FailsWithoutMemory) {
  for (int64_t limit : {0, 1, 2}) {
    Caller caller("Unique");
    caller.run.limit = limit;
    caller.input<float>(f32, {3}, {1, 2, 1});
    for (int i = 0; i < 4; ++i)
      caller.result(i == 0 ? f32 : i64, {-1});
    EXPECT_EQ(caller.call(), FSC_ABI_ERROR_OUT_OF_MEMORY);
    EXPECT_EQ(caller.run.message, "out of memory: a test");
  }
}

TEST(Routine, NamesTheNodeThatFails) {
  Caller caller("Compress");
  caller.input<float>(f32, {2}, {1, 2});
  caller.input<uint8_t>(boolean, {3}, {0, 0, 1});
  caller.result(f32, {-1});
  EXPECT_EQ(caller.call(), FSC_ABI_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(caller.run.message,
            "node 'x' (Op, opset 1): expected a condition that is false from place 2 on, got true at 2");
}

TEST(Routine, RefusesSizesThatTheModelDoesNotDeclare) {
  Caller caller("NonZero");
  caller.input<float>(f32, {2}, {1, 1});
  caller.result(i64, {1, 3});
  EXPECT_EQ(caller.call(), FSC_ABI_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(caller.run.message, "node 'x' (Op, opset 1): expected result 0 of size 3 in dim 1, got 2");
}

TEST(Routine, LeavesOutResultsThatAreNotWanted) {
  Caller caller("Unique");
  caller.input<float>(f32, {4}, {2, NAN, 2, NAN});
  caller.result(0, {});
  caller.result(0, {});
  caller.result(i64, {4});
  caller.result(0, {});
  ASSERT_EQ(caller.call(), FSC_ABI_OK) << caller.run.message;
  // NaNs are one element.
  EXPECT_EQ(caller.elements<int64_t>(2), (Ints{0, 1, 0, 1}));
  EXPECT_EQ(caller.run.allocations, 1);
}

TEST(Routine, FindsUniqueSlicesInOrderOfAppearance) {
  Caller caller("Unique");
  caller.integer("axis", -1);
  caller.integer("sorted", 0);
  caller.input<int64_t>(i64, {2, 3}, {3, 1, 3, 4, 2, 4});
  caller.result(i64, {2, -1});
  for (int i = 0; i < 3; ++i)
    caller.result(i64, {-1});
  ASSERT_EQ(caller.call(), FSC_ABI_OK) << caller.run.message;
  EXPECT_EQ(caller.elements<int64_t>(0), (Ints{3, 1, 4, 2}));
  EXPECT_EQ(caller.elements<int64_t>(1), (Ints{0, 1}));
  EXPECT_EQ(caller.elements<int64_t>(2), (Ints{0, 1, 0}));
  EXPECT_EQ(caller.elements<int64_t>(3), (Ints{2, 1}));
}

TEST(Routine, SelectsNoBoxesWhereNoneAreAskedFor) {
  Caller caller("NonMaxSuppression");
  caller.input<float>(f32, {1, 1, 4}, {0, 0, 1, 1});
  caller.input<float>(f32, {1, 1, 1}, {0.9f});
  caller.result(i64, {-1, 3});
  ASSERT_EQ(caller.call(), FSC_ABI_OK) << caller.run.message;
  EXPECT_EQ(caller.sizes(0), (Ints{0, 3}));
}

TEST(Routine, DrawsTheSameForTheSameSeed) {
  // numpy.random.RandomState(7).uniform(size=3) and .randn(3)
  for (auto [name, expected] :
       {std::pair("RandomUniformLike", std::vector<double>{0.07630829, 0.77991879, 0.43840923}),
        std::pair("RandomNormalLike", std::vector<double>{1.69052570, -0.46593737, 0.03282016})}) {
    Caller caller(name);
    caller.integer("seed", 7);
    caller.input<double>(int32_t(Type::f64), {3}, {0, 0, 0});
    caller.result(int32_t(Type::f64), {3});
    ASSERT_EQ(caller.call(), FSC_ABI_OK) << caller.run.message;
    std::vector<double> drawn = caller.elements<double>(0);
    for (size_t i = 0; i < 3; ++i)
      EXPECT_NEAR(drawn[i], expected[i], 1e-8) << name;
  }
}

TEST(Routine, RefusesTextThatIsNoNumber) {
  Caller caller("Cast");
  int64_t good = caller.run.strings.intern(" -1.5e1 "), bad = caller.run.strings.intern("1x");
  caller.input<int64_t>(int32_t(Type::string), {2}, {good, bad});
  caller.result(f32, {2});
  EXPECT_EQ(caller.call(), FSC_ABI_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(caller.run.message, "node 'x' (Op, opset 1): expected a number, got '1x'");
}

TEST(Routine, ReadsWhatItWritesForBooleans) {
  Caller caller("Cast");
  int64_t yes = caller.run.strings.intern("True"), no = caller.run.strings.intern("False");
  caller.input<int64_t>(int32_t(Type::string), {2}, {yes, no});
  caller.result(f32, {2});
  ASSERT_EQ(caller.call(), FSC_ABI_OK) << caller.run.message;
  EXPECT_EQ(caller.elements<float>(0), (std::vector<float>{1, 0}));
}

TEST(Routine, WritesNumbersAsPythonDoes) {
  Caller caller("Cast");
  caller.input<float>(f32, {6}, {1, 0.1f, 1e16f, 1e-5f, -INFINITY, 123456.78f});
  caller.result(int32_t(Type::string), {6});
  ASSERT_EQ(caller.call(), FSC_ABI_OK) << caller.run.message;
  std::vector<std::string> texts;
  for (int64_t number : caller.elements<int64_t>(0))
    texts.emplace_back(caller.run.strings.find(number));
  EXPECT_EQ(texts, (std::vector<std::string>{"1.0", "0.1", "1e+16", "1e-05", "-inf", "123456.78"}));
}

TEST(Float16, RoundsToNearestEven) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    Half half{uint16_t(bits)};
    BFloat brain{uint16_t(bits)};
    if (!std::isnan(float(half)))
      ASSERT_EQ(Half::from(double(float(half))).bits, bits);
    if (!std::isnan(float(brain)))
      ASSERT_EQ(BFloat::from(double(float(brain))).bits, bits);
  }
  EXPECT_EQ(Half::from(65519.99).bits, 0x7bff);
  EXPECT_EQ(Half::from(65520).bits, 0x7c00);
  EXPECT_EQ(Half::from(1 + 0x1p-11).bits, 0x3c00);
  EXPECT_EQ(Half::from(1 + 3 * 0x1p-11).bits, 0x3c02);
  EXPECT_EQ(Half::from(0x1p-25).bits, 0);
  EXPECT_EQ(Half::from(0x1.8p-25).bits, 1);
  EXPECT_TRUE(std::isnan(float(Half::from(NAN))));
}

TEST(StringTable, GivesEqualStringsOneNumber) {
  StringTable constants;
  EXPECT_EQ(constants.intern("a"), 1);
  EXPECT_EQ(constants.intern("b"), 2);
  StringTable table(&constants);
  EXPECT_EQ(table.intern(""), 0);
  EXPECT_EQ(table.intern("b"), 2);
  EXPECT_EQ(table.intern("c"), 3);
  EXPECT_EQ(table.intern("c"), 3);
  EXPECT_EQ(table.find(1), "a");
  EXPECT_EQ(table.find(3), "c");
  EXPECT_EQ(table.find(4), "");
  EXPECT_EQ(table.find(-1), "");
  EXPECT_EQ(table.find(INT64_MAX), "");
  table.clear();
  EXPECT_EQ(table.find(3), "");
  EXPECT_EQ(table.intern("d"), 3);
}
