//===- RuntimeCalls.cpp - What compiled code asks of the runtime ----------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lowering/RuntimeCalls.h"

#include "dialects/fsc/ops/Host.h"
#include "passes/lowering/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "runtime/abi/Artifact.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;

namespace fsc {

Value RuntimeCalls::constant(int64_t value, unsigned width) {
  return LLVM::ConstantOp::create(builder, loc, builder.getIntegerAttr(builder.getIntegerType(width), value));
}

Value RuntimeCalls::offset(Value address, int64_t bytes) {
  if (bytes == 0)
    return address;
  return LLVM::GEPOp::create(builder, loc, address.getType(), builder.getI8Type(), address,
                             ArrayRef<LLVM::GEPArg>{constant(bytes)});
}

Value RuntimeCalls::load(Value address, int64_t byteOffset, Type type) {
  return LLVM::LoadOp::create(builder, loc, type, offset(address, byteOffset));
}

static Type pointer(OpBuilder &builder) { return LLVM::LLVMPointerType::get(builder.getContext()); }

Value RuntimeCalls::inputData(int64_t index) {
  Value inputs = load(context, offsetof(fsc_abi_context, inputs), pointer(builder));
  return load(inputs, index * sizeof(fsc_abi_tensor) + offsetof(fsc_abi_tensor, data), pointer(builder));
}

Value RuntimeCalls::inputDim(int64_t index, int64_t axis) {
  Value inputs = load(context, offsetof(fsc_abi_context, inputs), pointer(builder));
  Value dims = load(inputs, index * sizeof(fsc_abi_tensor) + offsetof(fsc_abi_tensor, dims), pointer(builder));
  return load(dims, axis * sizeof(int64_t), builder.getI64Type());
}

Value RuntimeCalls::arena() { return load(context, offsetof(fsc_abi_context, arena), pointer(builder)); }
Value RuntimeCalls::weights() { return load(context, offsetof(fsc_abi_context, weights), pointer(builder)); }

Value RuntimeCalls::callHost(size_t offset, Type result, ValueRange arguments) {
  Value host = load(context, offsetof(fsc_abi_context, host), pointer(builder));
  SmallVector<Value> operands = {load(host, offset, pointer(builder)), context};
  llvm::append_range(operands, arguments);
  SmallVector<Type> types = llvm::map_to_vector(ArrayRef(operands).drop_front(), [](Value v) { return v.getType(); });
  Type returned = result ? result : LLVM::LLVMVoidType::get(builder.getContext());
  auto call = LLVM::CallOp::create(builder, loc, LLVM::LLVMFunctionType::get(returned, types), operands);
  return result ? call.getResult() : Value();
}

Value RuntimeCalls::output(int64_t index, Value dims) {
  return callHost(offsetof(fsc_abi_host, output), pointer(builder), {constant(index), dims});
}

Value RuntimeCalls::allocate(Value bytes) {
  return callHost(offsetof(fsc_abi_host, allocate), pointer(builder), bytes);
}

void RuntimeCalls::release(Value address) { callHost(offsetof(fsc_abi_host, release), Type(), address); }

Value RuntimeCalls::reserve(Value bytes) {
  return callHost(offsetof(fsc_abi_host, reserve), builder.getI32Type(), bytes);
}

Value RuntimeCalls::parallel(Value kernel, Value function, Value words, Value tasks, Value cost) {
  return callHost(offsetof(fsc_abi_host, parallel), builder.getI32Type(), {kernel, function, words, tasks, cost});
}

Value RuntimeCalls::routine(StringRef name) {
  return callHost(offsetof(fsc_abi_host, routine), pointer(builder), text(name));
}

Value RuntimeCalls::callRoutine(Value routine, Value call) {
  auto type = LLVM::LLVMFunctionType::get(builder.getI32Type(), {context.getType(), call.getType()});
  return LLVM::CallOp::create(builder, loc, type, ValueRange{routine, context, call}).getResult();
}

Value RuntimeCalls::bytes(StringRef data) {
  Operation *module = builder.getInsertionBlock()->getParentOp();
  while (!isa<ModuleOp>(module))
    module = module->getParentOp();
  std::string name = "message." + llvm::utohexstr(llvm::xxh3_64bits(data));
  if (!SymbolTable::lookupSymbolIn(module, name)) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(cast<ModuleOp>(module).getBody());
    auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), data.size());
    LLVM::GlobalOp::create(builder, loc, type, /*isConstant=*/true, LLVM::Linkage::Private, name,
                           builder.getStringAttr(data), /*alignment=*/8);
  }
  return LLVM::AddressOfOp::create(builder, loc, pointer(builder), name);
}

Value RuntimeCalls::fail(int32_t code, StringRef message) {
  return callHost(offsetof(fsc_abi_host, fail), builder.getI32Type(), {constant(code, 32), text(message)});
}

Value RuntimeCalls::fail(CheckOp check) {
  std::string node = describeNode(check.getLoc(), "");
  std::string message = (node + (node.empty() ? "" : ": ") + check.getMessage()).str();
  if (check.getNumbers().empty())
    return fail(FSC_ABI_ERROR_INVALID_ARGUMENT, message);
  SmallVector<Value> numbers = llvm::map_to_vector(check.getNumbers(), [&](Value number) -> Value {
    return arith::IndexCastOp::create(builder, loc, builder.getI64Type(), number);
  });
  numbers.resize(2, numbers.front());
  return callHost(offsetof(fsc_abi_host, fail_with), builder.getI32Type(),
                  {constant(FSC_ABI_ERROR_INVALID_ARGUMENT, 32), text(message), numbers[0], numbers[1]});
}

} // namespace fsc
