//===- ListTest.cpp - Sequences, optionals and maps -----------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Fakes.h"

#include "runtime/include/fsc/fsc.hpp"
#include "runtime/src/ListTable.h"

#include <algorithm>
#include <cstring>
#include <gtest/gtest.h>
#include <random>

using namespace fsc;
using namespace fsc::test;

namespace {

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

runtime::ElementRef element(int64_t number) {
  auto made = std::make_shared<runtime::ListElement>();
  made->dims = {number};
  return made;
}

std::vector<int64_t> numbers(const runtime::List &list) {
  std::vector<int64_t> result;
  for (int64_t i = 0; i < runtime::sizeOf(list); ++i)
    result.push_back(runtime::elementAt(list, i)->dims[0]);
  return result;
}

int depth(const runtime::List &list) { return list ? 1 + std::max(depth(list->left), depth(list->right)) : 0; }

TEST(ListTest, edits_like_a_vector) {
  std::mt19937 random(1);
  runtime::List list;
  std::vector<int64_t> expected;
  for (int64_t i = 0; i < 2000; ++i) {
    if (random() % 3 || expected.empty()) {
      size_t place = random() % (expected.size() + 1);
      list = runtime::insertAt(list, int64_t(place), element(i));
      expected.insert(expected.begin() + int64_t(place), i);
    } else {
      size_t place = random() % expected.size();
      list = runtime::eraseAt(list, int64_t(place));
      expected.erase(expected.begin() + int64_t(place));
    }
    if (i % 100 == 0) {
      EXPECT_EQ(numbers(list), expected);
    }
  }
  EXPECT_EQ(numbers(list), expected);
}

TEST(ListTest, stays_shallow) {
  runtime::List appended, prepended;
  for (int64_t i = 0; i < 10000; ++i) {
    appended = runtime::insertAt(appended, i, element(i));
    prepended = runtime::insertAt(prepended, 0, element(i));
  }
  // 10000 elements need 14 levels.
  EXPECT_LE(depth(appended), 28);
  EXPECT_LE(depth(prepended), 28);
  while (runtime::sizeOf(appended) > 100)
    appended = runtime::eraseAt(appended, 0);
  EXPECT_LE(depth(appended), 14);
}

TEST(ListTest, editing_leaves_the_list_as_it_was) {
  std::vector<runtime::ElementRef> elements = {element(1), element(2), element(3)};
  runtime::List list = runtime::makeList(elements);
  runtime::List longer = runtime::insertAt(list, 1, element(9)), shorter = runtime::eraseAt(list, 2);
  EXPECT_EQ(numbers(list), (std::vector<int64_t>{1, 2, 3}));
  EXPECT_EQ(numbers(longer), (std::vector<int64_t>{1, 9, 2, 3}));
  EXPECT_EQ(numbers(shorter), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(runtime::elementAt(longer, 0), elements[0]);
}

TEST(ListTest, a_loop_keeps_what_is_carried_on) {
  runtime::ListTable table;
  EXPECT_EQ(table.add({}), 0);
  std::vector<runtime::ElementRef> one = {element(1)};
  int64_t before = table.add(runtime::makeList(one)), carried = before;
  table.enterLoop();
  for (int64_t i = 0; i < 1000; ++i) {
    table.add(runtime::makeList(one));
    carried = table.add(runtime::insertAt(table.find(carried), 0, element(i)));
    table.endIteration({&carried, 1});
    EXPECT_LE(table.size(), 3u);
  }
  table.leaveLoop();
  EXPECT_LE(table.capacity(), 8u);
  EXPECT_EQ(runtime::sizeOf(table.find(carried)), 1001);
  EXPECT_EQ(runtime::sizeOf(table.find(before)), 1);
  EXPECT_EQ(runtime::sizeOf(table.find(99)), 0);
  EXPECT_EQ(runtime::sizeOf(table.find(-1)), 0);
}

TEST(ListTest, an_inner_loop_forgets_nothing_of_the_outer) {
  runtime::ListTable table;
  std::vector<runtime::ElementRef> one = {element(1)};
  table.enterLoop();
  int64_t outer = table.add(runtime::makeList(one));
  table.enterLoop();
  int64_t inner = table.add(runtime::makeList(one));
  table.endIteration({&inner, 1});
  table.endIteration({});
  table.leaveLoop();
  EXPECT_EQ(runtime::sizeOf(table.find(outer)), 1);
  EXPECT_EQ(runtime::sizeOf(table.find(inner)), 0);
  table.endIteration({});
  EXPECT_EQ(table.size(), 0u);
}

//===----------------------------------------------------------------------===//
// Runs
//===----------------------------------------------------------------------===//

class ListRunTest : public testing::Test {
protected:
  Module module = Module(fake("list.so"));
  Session session = Session(module, 1);
  float a[2] = {1, 2}, b[4] = {3, 4, 5, 6}, values[2] = {0.5, 0.25};
  int64_t keys[2] = {7, -7};
  fsc_string words[2] = {{"one", 3}, {"", 0}};
  Tensor s = sequence({tensor(a, {1, 2}), tensor(b, {2, 2})});
  Tensor o = optional(sequence({tensor(words, {2}), tensor(words, {})}));
  Tensor m = map(tensor(keys, {2}), tensor(values, {2}));

  std::string failureOf(const std::vector<Tensor> &given, std::vector<Tensor> outputs = std::vector<Tensor>(4)) {
    try {
      session.run(given, outputs);
    } catch (const Error &error) {
      return std::string(fsc_code_name(error.code())) + ": " + error.what();
    }
    return "ran";
  }
};

TEST_F(ListRunTest, the_signature_says_what_lists_are_of) {
  std::vector<fsc_value> inputs = module.inputs();
  ASSERT_EQ(inputs[0].dtype, FSC_SEQUENCE);
  EXPECT_EQ(inputs[0].rank, 0);
  EXPECT_EQ(inputs[0].element->dtype, FSC_FLOAT32);
  EXPECT_EQ(inputs[0].element->rank, 2);
  EXPECT_EQ(inputs[0].element->dims[1].size, 2);
  ASSERT_EQ(inputs[1].dtype, FSC_OPTIONAL);
  ASSERT_EQ(inputs[1].element->dtype, FSC_SEQUENCE);
  EXPECT_EQ(inputs[1].element->element->dtype, FSC_STRING);
  EXPECT_EQ(inputs[1].element->element->rank, -1);
  ASSERT_EQ(inputs[2].dtype, FSC_MAP);
  EXPECT_EQ(inputs[2].element[0].dtype, FSC_INT64);
  EXPECT_EQ(inputs[2].element[1].dtype, FSC_FLOAT32);
  EXPECT_EQ(module.outputs()[3].element, nullptr);
}

TEST_F(ListRunTest, lists_go_in_and_out) {
  std::vector<Tensor> outputs = session.run({s, o, m});
  ASSERT_EQ(outputs[0].elements.size(), 2u);
  EXPECT_EQ(outputs[0].elements[0].dims, (std::vector<int64_t>{2, 2}));
  EXPECT_EQ(outputs[0].elements[0].as<float>()[3], 6);
  EXPECT_EQ(outputs[0].elements[1].as<float>()[0], 1);
  ASSERT_EQ(outputs[1].elements.size(), 1u);
  ASSERT_EQ(outputs[1].elements[0].elements.size(), 2u);
  const auto *text = outputs[1].elements[0].elements[0].as<fsc_string>();
  EXPECT_EQ(std::string(text[0].data, text[0].size), "one");
  EXPECT_EQ(text[1].size, 0u);
  ASSERT_EQ(outputs[2].elements.size(), 2u);
  EXPECT_EQ(outputs[2].elements[0].as<int64_t>()[1], -7);
  EXPECT_EQ(outputs[2].elements[1].as<float>()[1], 0.25);
  EXPECT_EQ(outputs[3].as<int64_t>()[0], 2);
}

TEST_F(ListRunTest, elements_are_copied) {
  std::vector<Tensor> outputs = session.run({s, o, m});
  a[0] = 99;
  words[0] = {"two", 3};
  EXPECT_EQ(outputs[0].elements[1].as<float>()[0], 1);
  EXPECT_EQ(outputs[1].elements[0].elements[0].as<fsc_string>()[0].data[0], 'o');
}

TEST_F(ListRunTest, outputs_are_the_next_runs_inputs) {
  std::vector<Tensor> outputs = session.run({s, o, m});
  for (int i = 0; i < 5; ++i)
    outputs = session.run({outputs[0], outputs[1], outputs[2]});
  EXPECT_EQ(outputs[0].elements[0].as<float>()[0], 1);
  EXPECT_EQ(outputs[0].elements[1].as<float>()[3], 6);
  EXPECT_EQ(outputs[1].elements[0].elements[0].as<fsc_string>()[0].size, 3u);
}

TEST_F(ListRunTest, an_optional_may_be_empty) {
  std::vector<Tensor> outputs = session.run({s, optional(), m});
  EXPECT_TRUE(outputs[1].elements.empty());
  EXPECT_EQ(failureOf({s, optional(sequence({})), m}), "ran");
}

TEST_F(ListRunTest, elements_may_have_strides) {
  Tensor strided = {a, FSC_FLOAT32, {2, 2}, {0, 4}, {}};
  std::vector<Tensor> outputs = session.run({sequence({strided}), o, m});
  EXPECT_EQ(outputs[0].elements[0].as<float>()[2], 1);
  EXPECT_EQ(outputs[0].elements[0].as<float>()[3], 2);
}

TEST_F(ListRunTest, what_does_not_fit_is_refused) {
  EXPECT_EQ(failureOf({tensor(a, {1, 2}), o, m}), "input: input 's': expected sequence, got float32");
  EXPECT_EQ(failureOf({sequence({tensor(keys, {1, 2})}), o, m}),
            "input: input 's': expected elements of float32, got int64");
  EXPECT_EQ(failureOf({sequence({tensor(a, {2})}), o, m}), "input: input 's': expected elements of rank 2, got rank 1");
  EXPECT_EQ(failureOf({sequence({tensor(a, {2, 1})}), o, m}), "input: input 's': dim 1 of an element is 1, expected 2");
  EXPECT_EQ(failureOf({sequence({tensor(a, {-1, 2})}), o, m}), "input: input 's': no memory holds an element of -1x2");
  EXPECT_EQ(failureOf({sequence({Tensor{nullptr, FSC_FLOAT32, {1, 2}, {}, {}}}), o, m}),
            "argument: input 's': the data of an element is null");
  EXPECT_EQ(failureOf({s, Tensor{nullptr, FSC_OPTIONAL, {}, {}, {sequence({}), sequence({})}}, m}),
            "input: input 'o': expected an optional of at most one element, got 2 elements");
  EXPECT_EQ(failureOf({s, o, Tensor{nullptr, FSC_MAP, {}, {}, {tensor(keys, {2})}}}),
            "input: input 'm': expected the keys and the values of a map, got 1 elements");
  EXPECT_EQ(failureOf({s, o, map(tensor(keys, {2}), tensor(values, {1}))}),
            "input: input 'm': expected as many values of a map as keys");
  EXPECT_EQ(failureOf({s, o, m}), "ran");
}

TEST_F(ListRunTest, a_list_cannot_be_given_memory) {
  std::vector<Tensor> outputs(4);
  outputs[0] = tensor(a, {1});
  EXPECT_EQ(failureOf({s, o, m}, outputs),
            "argument: output 'turned': a sequence cannot be written to memory of the caller's");
}

TEST_F(ListRunTest, an_illegal_index_of_compiled_code_ends_the_run) {
  EXPECT_EQ(failureOf({sequence({}), o, m}),
            "internal: the compiled code asked a list for an element that it does not have");
  EXPECT_EQ(failureOf({s, o, m}), "ran");
}

TEST_F(ListRunTest, null_lists_are_refused) {
  fsc_list list = {nullptr, 1};
  fsc_tensor given[3] = {{nullptr, FSC_SEQUENCE, 0, nullptr, nullptr},
                         {nullptr, FSC_OPTIONAL, 0, nullptr, nullptr},
                         {nullptr, FSC_MAP, 0, nullptr, nullptr}};
  fsc_tensor outputs[4] = {};
  fsc_status status = fsc_session_run(session.get(), given, 3, outputs, 4);
  EXPECT_STREQ(fsc_status_message(status), "input 's': the data of a sequence is null");
  fsc_status_destroy(status);
  given[0].data = &list;
  status = fsc_session_run(session.get(), given, 3, outputs, 4);
  EXPECT_STREQ(fsc_status_message(status), "input 's': the elements of a sequence are null");
  fsc_status_destroy(status);
}

} // namespace
