// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: func.func @joins_the_types_of_the_branches
func.func @joins_the_types_of_the_branches(%c: tensor<i1>, %a: tensor<2x3xf32>, %b: tensor<4x3xf32>) -> tensor<?x3xf32> {
  // CHECK: fsc.if %{{.*}} : tensor<i1> -> tensor<?x3xf32> then {
  // CHECK: fsc.yield %{{.*}} : tensor<2x3xf32>
  // CHECK: } else {
  // CHECK: fsc.yield %{{.*}} : tensor<4x3xf32>
  %r = fsc.if %c : tensor<i1> -> tensor<?x3xf32> then {
    fsc.yield %a : tensor<2x3xf32>
  } else {
    fsc.yield %b : tensor<4x3xf32>
  }
  return %r : tensor<?x3xf32>
}

// -----

// CHECK-LABEL: func.func @may_have_no_results
func.func @may_have_no_results(%c: i1) {
  // CHECK: fsc.if %{{.*}} : i1 then {
  fsc.if %c : i1 then {
    fsc.yield
  } else {
    fsc.yield
  }
  return
}

// -----

// if.C1: the condition is one bool
func.func @if_c1(%c: tensor<2xi1>) {
  // expected-error @+1 {{expected a condition of one bool, got 'tensor<2xi1>'}}
  fsc.if %c : tensor<2xi1> then {
    fsc.yield
  } else {
    fsc.yield
  }
  return
}

// -----

// if.C2: each branch yields a tensor for each result
func.func @if_c2_count(%c: tensor<i1>, %a: tensor<2xf32>) -> tensor<2xf32> {
  // expected-error @+1 {{expected the branch 'else' to yield 1 tensors}}
  %r = fsc.if %c : tensor<i1> -> tensor<2xf32> then {
    fsc.yield %a : tensor<2xf32>
  } else {
    fsc.yield
  }
  return %r : tensor<2xf32>
}

// -----

// if.C2: whose type holds for it
func.func @if_c2_type(%c: tensor<i1>, %a: tensor<2xf32>, %b: tensor<3xf32>) -> tensor<2xf32> {
  // expected-error @+1 {{expected the branch 'else' to yield 'tensor<2xf32>', got 'tensor<3xf32>'}}
  %r = fsc.if %c : tensor<i1> -> tensor<2xf32> then {
    fsc.yield %a : tensor<2xf32>
  } else {
    fsc.yield %b : tensor<3xf32>
  }
  return %r : tensor<2xf32>
}
