// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @is_float_by_default
// CHECK: fsc.constant_of_shape
func.func @is_float_by_default(%x: tensor<2xi64>) -> tensor<?x?xf32> {
  %r = fsc.constant_of_shape(%x) : (tensor<2xi64>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// CHECK-LABEL: @takes_the_values_type
// CHECK: fsc.constant_of_shape
func.func @takes_the_values_type() -> tensor<2x0xi64> {
  %s = fsc.constant dense<[2, 0]> : tensor<2xi64>
  %r = fsc.constant_of_shape(%s) {value = dense<7> : tensor<1xi64>} : (tensor<2xi64>) -> tensor<2x0xi64>
  return %r : tensor<2x0xi64>
}

// -----

// constant_of_shape.C1: the rank of the result is known
func.func @constant_of_shape_c1(%x: tensor<?xi64>) -> tensor<?xf32> {
  // expected-error @+1 {{expected a shape operand of rank 1 and known size}}
  %r = fsc.constant_of_shape(%x) : (tensor<?xi64>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// -----

// constant_of_shape.C2: the value is one integer or float
func.func @constant_of_shape_c2(%x: tensor<1xi64>) -> tensor<?xi64> {
  // expected-error @+1 {{expected a value of one number}}
  %r = fsc.constant_of_shape(%x) {value = dense<7> : tensor<2xi64>} : (tensor<1xi64>) -> tensor<?xi64>
  return %r : tensor<?xi64>
}

// -----

// constant_of_shape.C3: sizes are not negative
func.func @constant_of_shape_c3() -> tensor<?xf32> {
  %s = fsc.constant dense<-2> : tensor<1xi64>
  // expected-error @+1 {{expected sizes of at least 0, got -2}}
  %r = fsc.constant_of_shape(%s) : (tensor<1xi64>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}
