// RUN: fsc-opt %s --fsc-fold-shapes --split-input-file | FileCheck %s

// CHECK-LABEL: func.func @folds_the_shape_of_known_sizes
func.func @folds_the_shape_of_known_sizes(%x: tensor<2x3xf32>) -> tensor<2xi64> {
  // CHECK: fsc.constant dense<[2, 3]> : tensor<2xi64>
  // CHECK-NOT: fsc.shape
  %0 = fsc.shape(%x) : (tensor<2x3xf32>) -> tensor<2xi64>
  return %0 : tensor<2xi64>
}

// -----

// CHECK-LABEL: func.func @folds_one_known_size_among_unknown_ones
func.func @folds_one_known_size_among_unknown_ones(%x: tensor<?x3xf32>) -> tensor<i64> {
  // CHECK: fsc.constant dense<6> : tensor<i64>
  %one = fsc.constant dense<1> : tensor<i64>
  %two = fsc.constant dense<2> : tensor<i64>
  %s = fsc.shape(%x) : (tensor<?x3xf32>) -> tensor<2xi64>
  %0 = fsc.gather(%s, %one) : (tensor<2xi64>, tensor<i64>) -> tensor<i64>
  %1 = fsc.mul(%0, %two) : (tensor<i64>, tensor<i64>) -> tensor<i64>
  return %1 : tensor<i64>
}

// -----

// CHECK-LABEL: func.func @keeps_the_shape_of_unknown_sizes
func.func @keeps_the_shape_of_unknown_sizes(%x: tensor<?x3xf32>) -> tensor<2xi64> {
  // CHECK: fsc.shape
  %0 = fsc.shape(%x) : (tensor<?x3xf32>) -> tensor<2xi64>
  return %0 : tensor<2xi64>
}

// -----

// CHECK-LABEL: func.func @keeps_floats
func.func @keeps_floats() -> tensor<1xf32> {
  // CHECK: fsc.neg
  %c = fsc.constant dense<1.0> : tensor<1xf32>
  %0 = fsc.neg(%c) : (tensor<1xf32>) -> tensor<1xf32>
  return %0 : tensor<1xf32>
}

// -----

// A bool is 0 or 1.
// CHECK-LABEL: func.func @folds_conditions_on_sizes
func.func @folds_conditions_on_sizes(%x: tensor<2x3xf32>) -> (tensor<1xi1>, tensor<2xi1>, tensor<1xi1>, tensor<1xi1>) {
  // CHECK-DAG: fsc.constant dense<true> : tensor<1xi1>
  // CHECK-DAG: fsc.constant dense<[true, false]> : tensor<2xi1>
  // CHECK-DAG: fsc.constant dense<false> : tensor<1xi1>
  // CHECK-NOT: fsc.cast
  // CHECK-NOT: fsc.not
  // CHECK-NOT: fsc.less
  %s = fsc.shape(%x) : (tensor<2x3xf32>) -> tensor<2xi64>
  %two = fsc.constant dense<2> : tensor<1xi64>
  %b = fsc.cast(%two) {to = 9 : i64} : (tensor<1xi64>) -> tensor<1xi1>
  %e = fsc.equal(%s, %two) : (tensor<2xi64>, tensor<1xi64>) -> tensor<2xi1>
  %n = fsc.not(%b) : (tensor<1xi1>) -> tensor<1xi1>
  %l = fsc.less(%two, %two) : (tensor<1xi64>, tensor<1xi64>) -> tensor<1xi1>
  return %b, %e, %n, %l : tensor<1xi1>, tensor<2xi1>, tensor<1xi1>, tensor<1xi1>
}
