// RUN: fsc-opt %s --fsc-infer-shapes --split-input-file | FileCheck %s

// CHECK-LABEL: func.func @refines_through_ops_and_the_signature
// CHECK-SAME: -> tensor<2x4xf32>
func.func @refines_through_ops_and_the_signature(%x: tensor<2x3xf32>, %w: tensor<3x4xf32>) -> tensor<?x?xf32> {
  // CHECK: fsc.matmul{{.*}} -> tensor<2x4xf32>
  // CHECK: fsc.relu{{.*}} -> tensor<2x4xf32>
  %0 = fsc.matmul(%x, %w) : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<?x?xf32>
  %1 = fsc.relu(%0) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  return %1 : tensor<?x?xf32>
}

// -----

// CHECK-LABEL: func.func @keeps_what_was_known_before
func.func @keeps_what_was_known_before(%x: tensor<?xf32>) -> tensor<8xf32> {
  // CHECK: fsc.exp{{.*}} -> tensor<8xf32>
  %0 = fsc.exp(%x) : (tensor<?xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

// Sizes that are not known cancel: [n, 6] as [n, 2, -1].
// CHECK-LABEL: func.func @follows_a_size_through_shape_arithmetic
func.func @follows_a_size_through_shape_arithmetic(%x: tensor<?x6xf32>) -> tensor<?x?x?xf32> {
  %zero = fsc.constant dense<0> : tensor<1xi64>
  %rest = fsc.constant dense<[2, 3]> : tensor<2xi64>
  %s = fsc.shape(%x) : (tensor<?x6xf32>) -> tensor<2xi64>
  %n = fsc.gather(%s, %zero) : (tensor<2xi64>, tensor<1xi64>) -> tensor<1xi64>
  %shape = fsc.concat(%n, %rest) {axis = 0 : i64} : (tensor<1xi64>, tensor<2xi64>) -> tensor<3xi64>
  // CHECK: fsc.reshape{{.*}} -> tensor<?x2x3xf32>
  %0 = fsc.reshape(%x, %shape) : (tensor<?x6xf32>, tensor<3xi64>) -> tensor<?x?x?xf32>
  return %0 : tensor<?x?x?xf32>
}
