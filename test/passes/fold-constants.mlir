// One input, not split: linking resets the options from which fsc-opt makes the passes of the next part.
// RUN: fsc-opt %s --fsc-fold-constants | FileCheck %s
// REQUIRES: x86-64-v3

// CHECK-LABEL: func.func @computes_a_constant_part
func.func @computes_a_constant_part(%x: tensor<2xf32>) -> tensor<2xf32> {
  // CHECK: fsc.constant dense<[1.500000e+00, -2.500000e+00]> : tensor<2xf32>
  // CHECK-NOT: fsc.neg
  // CHECK: fsc.add
  %a = fsc.constant dense<[-2.0, 2.0]> : tensor<2xf32>
  %b = fsc.constant dense<[0.5, 0.5]> : tensor<2xf32>
  %0 = fsc.add(%a, %b) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %1 = fsc.neg(%0) : (tensor<2xf32>) -> tensor<2xf32>
  %2 = fsc.add(%x, %1) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return %2 : tensor<2xf32>
}


// CHECK-LABEL: func.func @folds_bools
func.func @folds_bools(%x: tensor<2xi1>) -> tensor<2xi1> {
  // CHECK: fsc.constant dense<[true, false]> : tensor<2xi1>
  %a = fsc.constant dense<[1.0, 3.0]> : tensor<2xf32>
  %b = fsc.constant dense<2.0> : tensor<f32>
  %0 = fsc.less(%a, %b) : (tensor<2xf32>, tensor<f32>) -> tensor<2xi1>
  %1 = fsc.and(%x, %0) : (tensor<2xi1>, tensor<2xi1>) -> tensor<2xi1>
  return %1 : tensor<2xi1>
}


// CHECK-LABEL: func.func @keeps_what_depends_on_an_input
func.func @keeps_what_depends_on_an_input(%x: tensor<2xf32>) -> tensor<2xf32> {
  // CHECK: fsc.neg
  %0 = fsc.neg(%x) : (tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}


// Four bytes that would become four megabytes of weights.
// CHECK-LABEL: func.func @keeps_what_would_grow_the_artefact
func.func @keeps_what_would_grow_the_artefact(%x: tensor<1024x1024xf32>) -> tensor<1024x1024xf32> {
  // CHECK: fsc.add
  // CHECK: fsc.mul
  %a = fsc.constant dense<1.0> : tensor<1024x1xf32>
  %b = fsc.constant dense<2.0> : tensor<1x1024xf32>
  %0 = fsc.add(%a, %b) : (tensor<1024x1xf32>, tensor<1x1024xf32>) -> tensor<1024x1024xf32>
  %1 = fsc.mul(%x, %0) : (tensor<1024x1024xf32>, tensor<1024x1024xf32>) -> tensor<1024x1024xf32>
  return %1 : tensor<1024x1024xf32>
}

// CHECK-LABEL: func.func @folds_inside_a_branch
func.func @folds_inside_a_branch(%c: tensor<i1>, %x: tensor<2xf32>) -> tensor<2xf32> {
  // CHECK: fsc.if
  // CHECK: %[[R:.*]] = fsc.constant dense<[0.000000e+00, 2.000000e+00]>
  // CHECK-NEXT: fsc.yield %[[R]]
  %k = fsc.constant dense<[-1.0, 2.0]> : tensor<2xf32>
  %r = fsc.if %c : tensor<i1> -> tensor<2xf32> then {
    %0 = fsc.relu(%k) : (tensor<2xf32>) -> tensor<2xf32>
    fsc.yield %0 : tensor<2xf32>
  } else {
    fsc.yield %x : tensor<2xf32>
  }
  return %r : tensor<2xf32>
}

// What a routine gives has a shape then, and so more is constant.
// CHECK-LABEL: func.func @folds_what_a_routine_gives
// CHECK-SAME: -> tensor<1x2xi64>
func.func @folds_what_a_routine_gives(%x: tensor<1x2xi64>) -> tensor<1x?xi64> {
  // CHECK: fsc.constant dense<{{\[\[}}2, 6]]> : tensor<1x2xi64>
  // CHECK-NOT: fsc.non_zero
  %a = fsc.constant dense<[0.0, 1.5, 0.0, -1.0]> : tensor<4xf32>
  %0 = fsc.non_zero(%a) : (tensor<4xf32>) -> tensor<1x?xi64>
  %1 = fsc.add(%0, %0) : (tensor<1x?xi64>, tensor<1x?xi64>) -> tensor<1x?xi64>
  %2 = fsc.add(%x, %1) : (tensor<1x2xi64>, tensor<1x?xi64>) -> tensor<1x?xi64>
  return %2 : tensor<1x?xi64>
}


// CHECK-LABEL: func.func @keeps_draws_and_strings
func.func @keeps_draws_and_strings() -> (tensor<2xf32>, tensor<2x!fsc.string>) {
  // CHECK: fsc.random_uniform
  // CHECK: fsc.string_concat
  %0 = fsc.random_uniform() {shape = array<i64: 2>} : () -> tensor<2xf32>
  %a = fsc.constant dense<["a", "b"]> : tensor<2x!fsc.string>
  %1 = fsc.string_concat(%a, %a) : (tensor<2x!fsc.string>, tensor<2x!fsc.string>) -> tensor<2x!fsc.string>
  return %0, %1 : tensor<2xf32>, tensor<2x!fsc.string>
}
