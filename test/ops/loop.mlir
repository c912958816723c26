// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: func.func @carries_values_and_stacks_elements
func.func @carries_values_and_stacks_elements(%n: tensor<i64>, %go: tensor<i1>, %x: tensor<2xf32>)
    -> (tensor<?xf32>, tensor<?x2xf32>) {
  // CHECK: fsc.loop times(%{{.*}} : tensor<i64>) while(%{{.*}} : tensor<i1>) carry(%{{.*}} : tensor<2xf32>) -> tensor<?xf32>, tensor<?x2xf32> {
  // CHECK: ^bb0(%{{.*}}: tensor<i64>, %{{.*}}: tensor<?xf32>):
  // CHECK: fsc.yield %{{.*}}, %{{.*}}, %{{.*}} : tensor<i1>, tensor<?xf32>, tensor<2xf32>
  %last, %all = fsc.loop times(%n : tensor<i64>) while(%go : tensor<i1>) carry(%x : tensor<2xf32>)
      -> tensor<?xf32>, tensor<?x2xf32> {
  ^bb0(%i: tensor<i64>, %a: tensor<?xf32>):
    fsc.yield %go, %a, %x : tensor<i1>, tensor<?xf32>, tensor<2xf32>
  }
  return %last, %all : tensor<?xf32>, tensor<?x2xf32>
}

// -----

// CHECK-LABEL: func.func @may_carry_nothing
func.func @may_carry_nothing(%n: index, %more: i1) {
  // CHECK: fsc.loop times(%{{.*}} : index) carry() {
  fsc.loop times(%n : index) carry() {
  ^bb0(%i: tensor<1xi64>):
    fsc.yield %more : i1
  }
  return
}

// -----

// loop.C1: the number of iterations is one int64
func.func @loop_c1_count(%n: tensor<2xi64>, %more: tensor<i1>) {
  // expected-error @+1 {{expected a number of iterations of one int64, got 'tensor<2xi64>'}}
  fsc.loop times(%n : tensor<2xi64>) carry() {
  ^bb0(%i: tensor<i64>):
    fsc.yield %more : tensor<i1>
  }
  return
}

// -----

// loop.C1: the condition is one bool
func.func @loop_c1_condition(%go: tensor<i8>, %more: tensor<i1>) {
  // expected-error @+1 {{expected a condition of one bool, got 'tensor<i8>'}}
  fsc.loop while(%go : tensor<i8>) carry() {
  ^bb0(%i: tensor<i64>):
    fsc.yield %more : tensor<i1>
  }
  return
}

// -----

// loop.C2: the body has an argument for each carried value
func.func @loop_c2_count(%go: tensor<i1>, %x: tensor<2xf32>) -> tensor<2xf32> {
  // expected-error @+1 {{expected a body with the number of the iteration and 1 carried values}}
  %r = fsc.loop while(%go : tensor<i1>) carry(%x : tensor<2xf32>) -> tensor<2xf32> {
  ^bb0(%i: tensor<i64>):
    fsc.yield %go, %x : tensor<i1>, tensor<2xf32>
  }
  return %r : tensor<2xf32>
}

// -----

// loop.C2: whose type holds for it
func.func @loop_c2_type(%go: tensor<i1>, %x: tensor<2xf32>) -> tensor<3xf32> {
  // expected-error @+1 {{expected a carried value of type 'tensor<3xf32>', got 'tensor<2xf32>'}}
  %r = fsc.loop while(%go : tensor<i1>) carry(%x : tensor<2xf32>) -> tensor<3xf32> {
  ^bb0(%i: tensor<i64>, %a: tensor<3xf32>):
    fsc.yield %go, %a : tensor<i1>, tensor<3xf32>
  }
  return %r : tensor<3xf32>
}

// -----

// loop.C3: the body yields a condition and a tensor for each result
func.func @loop_c3_count(%go: tensor<i1>, %x: tensor<2xf32>) -> tensor<2xf32> {
  // expected-error @+1 {{expected a body that yields a condition and 1 tensors}}
  %r = fsc.loop while(%go : tensor<i1>) carry(%x : tensor<2xf32>) -> tensor<2xf32> {
  ^bb0(%i: tensor<i64>, %a: tensor<2xf32>):
    fsc.yield %go : tensor<i1>
  }
  return %r : tensor<2xf32>
}

// -----

// loop.C3: what the body yields has the type of the carried value
func.func @loop_c3_carried(%go: tensor<i1>, %x: tensor<2xf32>, %y: tensor<?xf32>) -> tensor<2xf32> {
  // expected-error @+1 {{expected a carried value of type 'tensor<2xf32>', got a body that yields 'tensor<?xf32>'}}
  %r = fsc.loop while(%go : tensor<i1>) carry(%x : tensor<2xf32>) -> tensor<2xf32> {
  ^bb0(%i: tensor<i64>, %a: tensor<2xf32>):
    fsc.yield %go, %y : tensor<i1>, tensor<?xf32>
  }
  return %r : tensor<2xf32>
}

// -----

// loop.C3: elements are slices of the scan output
func.func @loop_c3_elements(%go: tensor<i1>, %x: tensor<2xf32>) -> tensor<?x3xf32> {
  // expected-error @+1 {{expected elements of 'tensor<?x3xf32>', got 'tensor<2xf32>'}}
  %r = fsc.loop while(%go : tensor<i1>) carry() -> tensor<?x3xf32> {
  ^bb0(%i: tensor<i64>):
    fsc.yield %go, %x : tensor<i1>, tensor<2xf32>
  }
  return %r : tensor<?x3xf32>
}
