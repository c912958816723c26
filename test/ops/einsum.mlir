// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @sums_over_what_the_result_does_not_name
// CHECK: fsc.einsum
func.func @sums_over_what_the_result_does_not_name(%x: tensor<?x3x4xf32>, %y: tensor<?x4x5xf32>) -> tensor<?x3x5xf32> {
  %r = fsc.einsum(%x, %y) {equation = "bij, bjk -> bik"} : (tensor<?x3x4xf32>, tensor<?x4x5xf32>) -> tensor<?x3x5xf32>
  return %r : tensor<?x3x5xf32>
}

// CHECK-LABEL: @names_the_result_alphabetically
// CHECK: fsc.einsum
func.func @names_the_result_alphabetically(%x: tensor<3x4xf32>) -> tensor<4x3xf32> {
  %r = fsc.einsum(%x) {equation = "ba"} : (tensor<3x4xf32>) -> tensor<4x3xf32>
  return %r : tensor<4x3xf32>
}

// CHECK-LABEL: @takes_diagonals_of_an_ellipsis
// CHECK: fsc.einsum
func.func @takes_diagonals_of_an_ellipsis(%x: tensor<3x5x5xf32>) -> tensor<3x5xf32> {
  %r = fsc.einsum(%x) {equation = "...ii->...i"} : (tensor<3x5x5xf32>) -> tensor<3x5xf32>
  return %r : tensor<3x5xf32>
}

// -----

// einsum.C1: the equation has a term for each operand, with a letter for each dim
func.func @einsum_c1(%x: tensor<3x4xf32>) -> tensor<3xf32> {
  // expected-error @+1 {{got 'abc->a'}}
  %r = fsc.einsum(%x) {equation = "abc->a"} : (tensor<3x4xf32>) -> tensor<3xf32>
  return %r : tensor<3xf32>
}

// -----

// einsum.C2: the result names dims of the operands, each once
func.func @einsum_c2(%x: tensor<3x4xf32>) -> tensor<3x4xf32> {
  // expected-error @+1 {{got 'ab->ac'}}
  %r = fsc.einsum(%x) {equation = "ab->ac"} : (tensor<3x4xf32>) -> tensor<3x4xf32>
  return %r : tensor<3x4xf32>
}

// -----

// einsum.C3: dims of one name have one size, or 1
func.func @einsum_c3(%x: tensor<3x4xf32>) -> tensor<3xf32> {
  // expected-error @+1 {{expected equal sizes of equal letters}}
  %r = fsc.einsum(%x) {equation = "aa->a"} : (tensor<3x4xf32>) -> tensor<3xf32>
  return %r : tensor<3xf32>
}

// -----

// einsum.C4: operands have one element type, of numbers
func.func @einsum_c4(%x: tensor<3xf32>, %y: tensor<3xf64>) -> tensor<f32> {
  // expected-error @+1 {{expected numbers of one type}}
  %r = fsc.einsum(%x, %y) {equation = "a,a->"} : (tensor<3xf32>, tensor<3xf64>) -> tensor<f32>
  return %r : tensor<f32>
}
