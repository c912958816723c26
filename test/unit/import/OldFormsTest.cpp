//===- OldFormsTest.cpp - Nodes of old opsets in the newest form ----------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ImportFixture.h"

using namespace fsc;

namespace {

TEST_F(ImportTest, squeeze_and_unsqueeze_have_axes_as_inputs) {
  ASSERT_TRUE(
      import("net (float[1, 3] x) => (float[3, 1] y) { t = Squeeze<axes = [0]>(x) y = Unsqueeze<axes = [1]>(t) }", 11))
      << errors;
  EXPECT_HAS(ir, "fsc.squeeze(%arg0, %0)");
  EXPECT_HAS(ir, "-> tensor<3x1xf32>");
}

TEST_F(ImportTest, reductions_have_axes_as_inputs) {
  ASSERT_TRUE(import("net (float[2, 3] x) => (float[2] y, float[3] z) {"
                     "y = ReduceMean<axes = [1], keepdims = 0>(x) z = ReduceSum<axes = [0], keepdims = 0>(x) }",
                     11))
      << errors;
  EXPECT_HAS(ir, "fsc.reduce_mean(%arg0, %0) {keepdims = 0 : i64");
  EXPECT_HAS(ir, "-> (tensor<2xf32>");
}

TEST_F(ImportTest, reductions_without_axes_reduce_all) {
  ASSERT_TRUE(import("net (float[2, 3] x) => (float[1, 1] y) { y = ReduceMax(x) }", 11)) << errors;
  EXPECT_HAS(ir, "fsc.reduce_max(%arg0)");
  EXPECT_HAS(ir, "-> tensor<1x1xf32>");
}

TEST_F(ImportTest, clip_has_bounds_of_the_operand_type_as_inputs) {
  ASSERT_TRUE(import("net (float16[2] x) => (float16[2] y) { y = Clip<min = 0.0, max = 6.0>(x) }", 10)) << errors;
  EXPECT_HAS(ir, "dense<0.000000e+00> : tensor<f16>");
  EXPECT_HAS(ir, "dense<6.000000e+00> : tensor<f16>");
}

TEST_F(ImportTest, softmax_of_a_matrix_flattens) {
  ASSERT_TRUE(import("net (float[2, 3, 4] x) => (float[2, 3, 4] y) { y = Softmax(x) }", 11)) << errors;
  EXPECT_HAS(ir, "fsc.flatten(%arg0) {axis = 1 : i64} : (tensor<2x3x4xf32>) -> tensor<2x12xf32>");
  EXPECT_HAS(ir, "fsc.softmax(%0) {axis = -1 : i64}");
  EXPECT_HAS(ir, "-> tensor<2x3x4xf32>");
}

TEST_F(ImportTest, softmax_of_the_last_axis_stays) {
  ASSERT_TRUE(import("net (float[2, 3] x) => (float[2, 3] y) { y = Softmax<axis = 1>(x) }", 11)) << errors;
  EXPECT_HAS_NOT(ir, "fsc.flatten");
}

TEST_F(ImportTest, dropout_drops_nothing) {
  for (int opset : {7, 11, 13, 22}) {
    ASSERT_TRUE(import("net (float[2] x) => (float[2] y) { y, mask = Dropout(x) }", opset)) << errors;
    EXPECT_HAS(ir, "fsc.dropout(%arg0)");
  }
}

TEST_F(ImportTest, refuses_dropout_in_training) {
  EXPECT_FALSE(import("net (float[2] x) => (float[2] y) { y = Dropout<is_test = 0>(x) }", 6));
  EXPECT_HAS(errors, "node 'Dropout:y' (Dropout, opset 6): dropout in training mode (is_test = 0) is not supported");
}

TEST_F(ImportTest, takes_absent_inputs_through_the_version_converter) {
  ASSERT_TRUE(import("net (float[1, 8, 2] x) => (float[1, 8, 2] y) { y = DFT<axis = 1>(x) }", 17)) << errors;
  EXPECT_HAS(ir, "fsc.dft(%arg0, _, %0)");
}

TEST_F(ImportTest, batch_normalization_has_one_output) {
  const char *graph = "net (float[1, 2, 4] x, float[2] s, float[2] b, float[2] m, float[2] v) => (float[1, 2, 4] y) {"
                      "y, mo, vo, ms, vs = BatchNormalization(x, s, b, m, v) }";
  ASSERT_TRUE(import(graph, 9)) << errors;
  EXPECT_HAS(ir, "fsc.batch_normalization");
}

TEST_F(ImportTest, batch_normalization_has_statistics_for_each_place) {
  const char *graph = "net (float[1, 2, 4] x, float[2, 4] s, float[2, 4] b, float[2, 4] m, float[2, 4] v) =>"
                      "(float[1, 2, 4] y) { y = BatchNormalization<spatial = 0>(x, s, b, m, v) }";
  ASSERT_TRUE(import(graph, 7)) << errors;
  // Those of one for each channel would not fit.
  EXPECT_FALSE(import("net (float[1, 2, 4] x, float[2] s, float[2] b, float[2] m, float[2] v) => (float[1, 2, 4] y) {"
                      "y = BatchNormalization<spatial = 0>(x, s, b, m, v) }",
                      7));
  EXPECT_HAS(errors, "Incompatible dimensions");
}

TEST_F(ImportTest, broadcasting_at_an_axis_adds_dims) {
  ASSERT_TRUE(import("net (float[2, 3, 4] x, float[3] z) => (float[2, 3, 4] y) {"
                     "y = Add<broadcast = 1, axis = 1>(x, z) }",
                     6))
      << errors;
  EXPECT_HAS(ir, "fsc.unsqueeze(%arg1, %0) : (tensor<3xf32>, tensor<1xi64>) -> tensor<3x1xf32>");
}

TEST_F(ImportTest, a_cast_to_the_type_of_another_value_does_not_read_it) {
  ASSERT_TRUE(import("net (float[2] x, int64[0, 5] z) => (int64[2] y) { y = CastLike(x, z) }", 19)) << errors;
  EXPECT_HAS(ir, "fsc.cast(%arg0)");
}

TEST_F(ImportTest, an_operator_newer_than_the_opset_is_what_it_was_at_first) {
  EXPECT_TRUE(import("net (float[2] x) => (float[2] y) { y = Gelu(x) }", 13)) << errors;
  EXPECT_FALSE(import("net (int32[2] x) => (int32[2] y) { y = Gelu(x) }", 13));
}

} // namespace
