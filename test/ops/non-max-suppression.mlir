// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @gives_rows_of_three
// CHECK: fsc.non_max_suppression(%arg0, %arg1, _, %arg2)
func.func @gives_rows_of_three(%b: tensor<?x6x4xf32>, %s: tensor<?x3x6xf32>, %t: tensor<1xf32>) -> tensor<?x3xi64> {
  %r = fsc.non_max_suppression(%b, %s, _, %t) : (tensor<?x6x4xf32>, tensor<?x3x6xf32>, tensor<1xf32>) -> tensor<?x3xi64>
  return %r : tensor<?x3xi64>
}

// -----

// non_max_suppression.C1: boxes have four numbers
func.func @non_max_suppression_c1(%b: tensor<2x6x5xf32>, %s: tensor<2x3x6xf32>) -> tensor<?x3xi64> {
  // expected-error @+1 {{expected boxes of [batches, boxes, 4] in f32}}
  %r = fsc.non_max_suppression(%b, %s) : (tensor<2x6x5xf32>, tensor<2x3x6xf32>) -> tensor<?x3xi64>
  return %r : tensor<?x3xi64>
}

// -----

// non_max_suppression.C1: scores have batches, classes and boxes
func.func @non_max_suppression_c1_scores(%b: tensor<2x6x4xf32>, %s: tensor<2x6xf32>) -> tensor<?x3xi64> {
  // expected-error @+1 {{expected scores of [batches, classes, boxes] in f32}}
  %r = fsc.non_max_suppression(%b, %s) : (tensor<2x6x4xf32>, tensor<2x6xf32>) -> tensor<?x3xi64>
  return %r : tensor<?x3xi64>
}

// -----

// non_max_suppression.C2: there is a score for each box
func.func @non_max_suppression_c2(%b: tensor<2x6x4xf32>, %s: tensor<2x3x5xf32>) -> tensor<?x3xi64> {
  // expected-error @+1 {{expected as many boxes as scores}}
  %r = fsc.non_max_suppression(%b, %s) : (tensor<2x6x4xf32>, tensor<2x3x5xf32>) -> tensor<?x3xi64>
  return %r : tensor<?x3xi64>
}

// -----

// non_max_suppression.C3: the limits are one number each
func.func @non_max_suppression_c3(%b: tensor<2x6x4xf32>, %s: tensor<2x3x6xf32>, %m: tensor<2xi64>) -> tensor<?x3xi64> {
  // expected-error @+1 {{expected one int64 as max_output_boxes_per_class}}
  %r = fsc.non_max_suppression(%b, %s, %m) : (tensor<2x6x4xf32>, tensor<2x3x6xf32>, tensor<2xi64>) -> tensor<?x3xi64>
  return %r : tensor<?x3xi64>
}

// -----

// non_max_suppression.C4: boxes are given by corners or by their centre
func.func @non_max_suppression_c4(%b: tensor<2x6x4xf32>, %s: tensor<2x3x6xf32>) -> tensor<?x3xi64> {
  // expected-error @+1 {{expected center_point_box 0 or 1, got 2}}
  %r = fsc.non_max_suppression(%b, %s) {center_point_box = 2 : i64} : (tensor<2x6x4xf32>, tensor<2x3x6xf32>) -> tensor<?x3xi64>
  return %r : tensor<?x3xi64>
}
