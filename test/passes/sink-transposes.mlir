// RUN: fsc-opt %s --fsc-sink-transposes | FileCheck %s

// CHECK-LABEL: @cancels_inverse_transposes_around_relu
// CHECK-NEXT: %[[Y:.*]] = fsc.relu(%arg0) : (tensor<1x8x8x3xf32>)
// CHECK-NEXT: return %[[Y]]
func.func @cancels_inverse_transposes_around_relu(%x: tensor<1x8x8x3xf32>) -> tensor<1x8x8x3xf32> {
  %a = fsc.transpose(%x) {perm = array<i64: 0, 3, 1, 2>} : (tensor<1x8x8x3xf32>) -> tensor<1x3x8x8xf32>
  %b = fsc.relu(%a) : (tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32>
  %c = fsc.transpose(%b) {perm = array<i64: 0, 2, 3, 1>} : (tensor<1x3x8x8xf32>) -> tensor<1x8x8x3xf32>
  return %c : tensor<1x8x8x3xf32>
}

// CHECK-LABEL: @turns_a_constant_of_lower_rank
// CHECK: %[[C:.*]] = fsc.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00]> : tensor<3xf32>
// CHECK: %[[Y:.*]] = fsc.mul(%arg0, %[[C]]) : (tensor<?x8x8x3xf32>, tensor<3xf32>) -> tensor<?x8x8x3xf32>
// CHECK: fsc.transpose(%[[Y]]) {perm = array<i64: 0, 3, 1, 2>}
func.func @turns_a_constant_of_lower_rank(%x: tensor<?x8x8x3xf32>) -> tensor<?x3x8x8xf32> {
  %c = fsc.constant dense<[[[1.0]], [[2.0]], [[3.0]]]> : tensor<3x1x1xf32>
  %a = fsc.transpose(%x) {perm = array<i64: 0, 3, 1, 2>} : (tensor<?x8x8x3xf32>) -> tensor<?x3x8x8xf32>
  %b = fsc.mul(%a, %c) : (tensor<?x3x8x8xf32>, tensor<3x1x1xf32>) -> tensor<?x3x8x8xf32>
  return %b : tensor<?x3x8x8xf32>
}

// CHECK-LABEL: @merges_the_transposes_of_a_sum
// CHECK: %[[Y:.*]] = fsc.add(%arg0, %arg1) : (tensor<1x8x8x3xf32>, tensor<1x8x8x3xf32>)
// CHECK-NEXT: fsc.transpose(%[[Y]])
func.func @merges_the_transposes_of_a_sum(%x: tensor<1x8x8x3xf32>, %y: tensor<1x8x8x3xf32>) -> tensor<1x3x8x8xf32> {
  %a = fsc.transpose(%x) {perm = array<i64: 0, 3, 1, 2>} : (tensor<1x8x8x3xf32>) -> tensor<1x3x8x8xf32>
  %b = fsc.transpose(%y) {perm = array<i64: 0, 3, 1, 2>} : (tensor<1x8x8x3xf32>) -> tensor<1x3x8x8xf32>
  %c = fsc.add(%a, %b) : (tensor<1x3x8x8xf32>, tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32>
  return %c : tensor<1x3x8x8xf32>
}

// CHECK-LABEL: @keeps_a_sum_whose_other_operand_would_need_a_transpose
// CHECK: fsc.transpose(%arg0)
// CHECK-NEXT: fsc.add
// CHECK-NEXT: return
func.func @keeps_a_sum_whose_other_operand_would_need_a_transpose(%x: tensor<1x8x8x3xf32>, %y: tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32> {
  %a = fsc.transpose(%x) {perm = array<i64: 0, 3, 1, 2>} : (tensor<1x8x8x3xf32>) -> tensor<1x3x8x8xf32>
  %c = fsc.add(%a, %y) : (tensor<1x3x8x8xf32>, tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32>
  return %c : tensor<1x3x8x8xf32>
}

// A transpose that moves dims of size 1 alone is a reshape, but one with two dynamic sizes stays a transpose: moving it to the
// other operand, and back, would never end.
// CHECK-LABEL: @keeps_a_sum_of_units_with_two_dynamic_sizes
// CHECK-NEXT: %[[A:.*]] = fsc.transpose(%arg0)
// CHECK-NEXT: %[[Y:.*]] = fsc.add(%[[A]], %arg1)
// CHECK-NEXT: return %[[Y]]
func.func @keeps_a_sum_of_units_with_two_dynamic_sizes(%x: tensor<?x1x?xf32>, %y: tensor<1x?x?xf32>) -> tensor<1x?x?xf32> {
  %a = fsc.transpose(%x) {perm = array<i64: 1, 0, 2>} : (tensor<?x1x?xf32>) -> tensor<1x?x?xf32>
  %c = fsc.add(%a, %y) : (tensor<1x?x?xf32>, tensor<1x?x?xf32>) -> tensor<1x?x?xf32>
  return %c : tensor<1x?x?xf32>
}

// CHECK-LABEL: @ends_where_transposes_are_reshapes
// CHECK-NOT: fsc.transpose
// CHECK: return
func.func @ends_where_transposes_are_reshapes(%x: tensor<1x18x32x1xf32>, %y: tensor<1x1x18x32xf32>) -> tensor<1x18x32x1xf32> {
  %a = fsc.transpose(%x) {perm = array<i64: 0, 3, 1, 2>} : (tensor<1x18x32x1xf32>) -> tensor<1x1x18x32xf32>
  %b = fsc.sub(%a, %y) : (tensor<1x1x18x32xf32>, tensor<1x1x18x32xf32>) -> tensor<1x1x18x32xf32>
  %c = fsc.transpose(%b) {perm = array<i64: 0, 2, 3, 1>} : (tensor<1x1x18x32xf32>) -> tensor<1x18x32x1xf32>
  %d = fsc.sub(%c, %x) : (tensor<1x18x32x1xf32>, tensor<1x18x32x1xf32>) -> tensor<1x18x32x1xf32>
  return %d : tensor<1x18x32x1xf32>
}

// CHECK-LABEL: @moves_the_axis_of_concat
// CHECK: %[[Y:.*]] = fsc.concat(%arg0, %arg1) {axis = 3 : i64} : (tensor<1x8x8x3xf32>, tensor<1x8x8x5xf32>) -> tensor<1x8x8x8xf32>
// CHECK-NEXT: fsc.transpose(%[[Y]])
func.func @moves_the_axis_of_concat(%x: tensor<1x8x8x3xf32>, %y: tensor<1x8x8x5xf32>) -> tensor<1x8x8x8xf32> {
  %a = fsc.transpose(%x) {perm = array<i64: 0, 3, 1, 2>} : (tensor<1x8x8x3xf32>) -> tensor<1x3x8x8xf32>
  %b = fsc.transpose(%y) {perm = array<i64: 0, 3, 1, 2>} : (tensor<1x8x8x5xf32>) -> tensor<1x5x8x8xf32>
  %c = fsc.concat(%a, %b) {axis = 1 : i64} : (tensor<1x3x8x8xf32>, tensor<1x5x8x8xf32>) -> tensor<1x8x8x8xf32>
  return %c : tensor<1x8x8x8xf32>
}

// CHECK-LABEL: @moves_the_axis_of_softmax
// CHECK: fsc.softmax(%arg0) {axis = 3 : i64}
func.func @moves_the_axis_of_softmax(%x: tensor<1x8x8x3xf32>) -> tensor<1x3x8x8xf32> {
  %a = fsc.transpose(%x) {perm = array<i64: 0, 3, 1, 2>} : (tensor<1x8x8x3xf32>) -> tensor<1x3x8x8xf32>
  %b = fsc.softmax(%a) {axis = 1 : i64} : (tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32>
  return %b : tensor<1x3x8x8xf32>
}

// CHECK-LABEL: @needs_no_transpose_behind_a_mean_over_pixels
// CHECK: %[[A:.*]] = fsc.constant dense<[1, 2]> : tensor<2xi64>
// CHECK: fsc.reduce_mean(%arg0, %[[A]]) {{.*}} -> tensor<1x3xf32>
// CHECK-NOT: fsc.transpose
func.func @needs_no_transpose_behind_a_mean_over_pixels(%x: tensor<1x8x8x3xf32>) -> tensor<1x3xf32> {
  %axes = fsc.constant dense<[2, 3]> : tensor<2xi64>
  %a = fsc.transpose(%x) {perm = array<i64: 0, 3, 1, 2>} : (tensor<1x8x8x3xf32>) -> tensor<1x3x8x8xf32>
  %b = fsc.reduce_mean(%a, %axes) {keepdims = 0 : i64} : (tensor<1x3x8x8xf32>, tensor<2xi64>) -> tensor<1x3xf32>
  return %b : tensor<1x3xf32>
}

// CHECK-LABEL: @makes_a_transpose_of_units_a_reshape
// CHECK-NOT: fsc.transpose
// CHECK: fsc.reshape(%arg0, {{.*}}) {{.*}} -> tensor<?x3x1x1xf32>
func.func @makes_a_transpose_of_units_a_reshape(%x: tensor<?x1x1x3xf32>) -> tensor<?x3x1x1xf32> {
  %a = fsc.transpose(%x) {perm = array<i64: 0, 3, 1, 2>} : (tensor<?x1x1x3xf32>) -> tensor<?x3x1x1xf32>
  return %a : tensor<?x3x1x1xf32>
}

// CHECK-LABEL: @transposes_a_constant_now
// CHECK: %[[C:.*]] = fsc.constant dense<{{\[\[}}1.000000e+00, 3.000000e+00], [2.000000e+00, 4.000000e+00]]> : tensor<2x2xf32>
// CHECK: return %[[C]]
func.func @transposes_a_constant_now() -> tensor<2x2xf32> {
  %c = fsc.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %a = fsc.transpose(%c) {perm = array<i64: 1, 0>} : (tensor<2x2xf32>) -> tensor<2x2xf32>
  return %a : tensor<2x2xf32>
}

// CHECK-LABEL: @keeps_a_transpose_of_two_dynamic_dims
// CHECK: fsc.transpose
func.func @keeps_a_transpose_of_two_dynamic_dims(%x: tensor<?x1x?x3xf32>) -> tensor<?x?x1x3xf32> {
  %a = fsc.transpose(%x) {perm = array<i64: 0, 2, 1, 3>} : (tensor<?x1x?x3xf32>) -> tensor<?x?x1x3xf32>
  return %a : tensor<?x?x1x3xf32>
}
