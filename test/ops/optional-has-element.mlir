// RUN: fsc-opt %s --verify-roundtrip | FileCheck %s
// RUN: fsc-opt %s --pass-pipeline='builtin.module(func.func(fsc-fold-shapes))' | FileCheck %s --check-prefix=FOLD

// CHECK-LABEL: @asks
// CHECK: fsc.optional_has_element(%arg0)
// FOLD-LABEL: @asks
// FOLD: fsc.optional_has_element(%arg0)
func.func @asks(%o: tensor<!fsc.optional<tensor<*xf32>>>) -> tensor<i1> {
  %r = fsc.optional_has_element(%o) : (tensor<!fsc.optional<tensor<*xf32>>>) -> tensor<i1>
  return %r : tensor<i1>
}

// FOLD-LABEL: @is_known
// FOLD-DAG: %[[NO:.*]] = fsc.constant dense<false> : tensor<i1>
// FOLD-DAG: %[[YES:.*]] = fsc.constant dense<true> : tensor<i1>
// FOLD-NOT: fsc.optional_has_element
func.func @is_known(%x: tensor<2xf32>) -> (tensor<i1>, tensor<i1>, tensor<i1>) {
  %a = fsc.optional_has_element() : () -> tensor<i1>
  %b = fsc.optional_has_element(%x) : (tensor<2xf32>) -> tensor<i1>
  %o = fsc.optional(%x) : (tensor<2xf32>) -> tensor<!fsc.optional<tensor<2xf32>>>
  %c = fsc.optional_has_element(%o) : (tensor<!fsc.optional<tensor<2xf32>>>) -> tensor<i1>
  return %a, %b, %c : tensor<i1>, tensor<i1>, tensor<i1>
}
