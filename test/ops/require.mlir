// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: func.func @keeps_the_message
func.func @keeps_the_message(%c: tensor<1xi1>) {
  // CHECK: fsc.require %{{.*}} : tensor<1xi1>, "must hold"
  fsc.require %c : tensor<1xi1>, "must hold"
  return
}

// -----

// require.C1: the condition is one bool
func.func @require_c1(%c: tensor<2xi1>) {
  // expected-error @+1 {{expected a condition of one bool, got 'tensor<2xi1>'}}
  fsc.require %c : tensor<2xi1>, "must hold"
  return
}
