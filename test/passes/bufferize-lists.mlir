// RUN: fsc-opt %s --fsc-phase-fuse --fsc-phase-schedule --fsc-bufferize-host | FileCheck %s

// What an iteration makes and does not carry on is forgotten at its end; what is carried lies in a buffer around the loop.
// CHECK-LABEL: func.func @main
// CHECK: %[[S:.*]] = fsc.allocate[] : memref<i64>
// CHECK: fsc.call_routine "EnterLoop" {} places [] wanted [] outputs [] ins()
// CHECK: scf.while
// CHECK: fsc.call_routine "SequenceInsert" {} places [256, 1] wanted [256] outputs [-1]
// CHECK: memref.copy %{{.*}}, %[[S]]
// CHECK: fsc.call_routine "EndIteration" {} places [256] wanted [] outputs [] ins(%[[S]] : memref<i64>)
// CHECK: scf.yield
// CHECK: fsc.call_routine "LeaveLoop" {} places [] wanted [] outputs [] ins()
// CHECK: fsc.output 0
func.func @main(%n: tensor<i64>, %x: tensor<2xf32>) -> tensor<!fsc.sequence<tensor<2xf32>>> {
  %s = fsc.sequence_empty() : () -> tensor<!fsc.sequence<f32>>
  %r = fsc.loop times(%n : tensor<i64>) carry(%s : tensor<!fsc.sequence<f32>>) -> tensor<!fsc.sequence<tensor<2xf32>>> {
  ^bb0(%i: tensor<i64>, %t: tensor<!fsc.sequence<tensor<2xf32>>>):
    %yes = fsc.constant dense<true> : tensor<i1>
    %u = fsc.sequence_insert(%t, %x) : (tensor<!fsc.sequence<tensor<2xf32>>>, tensor<2xf32>) -> tensor<!fsc.sequence<tensor<2xf32>>>
    fsc.yield %yes, %u : tensor<i1>, tensor<!fsc.sequence<tensor<2xf32>>>
  }
  return %r : tensor<!fsc.sequence<tensor<2xf32>>>
}
