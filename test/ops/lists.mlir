// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @types
// CHECK-SAME: tensor<!fsc.sequence<tensor<*xf32>>>, %arg1: tensor<!fsc.optional<tensor<!fsc.sequence<tensor<2x?xi64>>>>>, %arg2: tensor<!fsc.map<!fsc.string, i64>>
func.func @types(%s: tensor<!fsc.sequence<tensor<*xf32>>>, %o: tensor<!fsc.optional<tensor<!fsc.sequence<tensor<2x?xi64>>>>>,
                 %m: tensor<!fsc.map<!fsc.string, i64>>) -> tensor<!fsc.sequence<tensor<*xf32>>> {
  %r = fsc.identity(%s) : (tensor<!fsc.sequence<tensor<*xf32>>>) -> tensor<!fsc.sequence<tensor<*xf32>>>
  return %r : tensor<!fsc.sequence<tensor<*xf32>>>
}

// -----

// The type of a loop's carried value holds for what it begins with and for what it carries on.
// CHECK-LABEL: @collects
// CHECK: fsc.loop
func.func @collects(%n: tensor<i64>, %x: tensor<2xf32>) -> tensor<!fsc.sequence<tensor<2xf32>>> {
  %s = fsc.sequence_empty() : () -> tensor<!fsc.sequence<f32>>
  %r = fsc.loop times(%n : tensor<i64>) carry(%s : tensor<!fsc.sequence<f32>>) -> tensor<!fsc.sequence<tensor<2xf32>>> {
  ^bb0(%i: tensor<i64>, %t: tensor<!fsc.sequence<tensor<2xf32>>>):
    %yes = fsc.constant dense<true> : tensor<i1>
    %u = fsc.sequence_insert(%t, %x) : (tensor<!fsc.sequence<tensor<2xf32>>>, tensor<2xf32>) -> tensor<!fsc.sequence<tensor<2xf32>>>
    fsc.yield %yes, %u : tensor<i1>, tensor<!fsc.sequence<tensor<2xf32>>>
  }
  return %r : tensor<!fsc.sequence<tensor<2xf32>>>
}

// -----

// loop.C4: lists cannot be stacked
func.func @loop_c4(%n: tensor<i64>) -> tensor<?x!fsc.sequence<f32>> {
  %s = fsc.sequence_empty() : () -> tensor<!fsc.sequence<f32>>
  // expected-error @+1 {{expected elements that are tensors, got 'tensor<!fsc.sequence<f32>>'}}
  %r = fsc.loop times(%n : tensor<i64>) carry() -> tensor<?x!fsc.sequence<f32>> {
  ^bb0(%i: tensor<i64>):
    %yes = fsc.constant dense<true> : tensor<i1>
    fsc.yield %yes, %s : tensor<i1>, tensor<!fsc.sequence<f32>>
  }
  return %r : tensor<?x!fsc.sequence<f32>>
}

// -----

// Ops that are not marked for lists refuse them.
func.func @refuses_lists(%s: tensor<!fsc.sequence<f32>>) -> tensor<!fsc.sequence<f32>> {
  // expected-error @+1 {{expected tensors, got 'tensor<!fsc.sequence<f32>>'}}
  %r = fsc.add(%s, %s) : (tensor<!fsc.sequence<f32>>, tensor<!fsc.sequence<f32>>) -> tensor<!fsc.sequence<f32>>
  return %r : tensor<!fsc.sequence<f32>>
}

// -----

// expected-error @+1 {{expected a list of tensors or of tensor<!fsc...>}}
func.func private @of_tuples(tensor<!fsc.sequence<tuple<i64>>>)

// -----

// expected-error @+1 {{expected a map from integers or strings to elements of tensors, got one from 'f32' to 'f32'}}
func.func private @from_floats(tensor<!fsc.map<f32, f32>>)
