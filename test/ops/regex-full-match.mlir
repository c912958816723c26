// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @is_of_bools
// CHECK: fsc.regex_full_match(%{{.*}}) {pattern = "a+"}
func.func @is_of_bools(%x: tensor<?x3x!fsc.string>) -> tensor<?x3xi1> {
  %r = fsc.regex_full_match(%x) {pattern = "a+"} : (tensor<?x3x!fsc.string>) -> tensor<?x3xi1>
  return %r : tensor<?x3xi1>
}

// -----

// text.C1: the operands are strings
func.func @text_c1(%x: tensor<4xf32>) -> tensor<4xi1> {
  // expected-error @+1 {{expected a tensor of strings, got 'tensor<4xf32>'}}
  %r = fsc.regex_full_match(%x) {pattern = "a+"} : (tensor<4xf32>) -> tensor<4xi1>
  return %r : tensor<4xi1>
}
