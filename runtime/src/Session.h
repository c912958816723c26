//===- Session.h - The state of one run at a time ---------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A run goes: check and bind the inputs, check the outputs that were given, call the
// compiled code, hand out the outputs. All that it needs is set up by create; only
// copies of strided tensors, an arena whose size follows from the inputs, and buffers of sizes that
// follow from data are allocated later, and kept.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_RUNTIME_SRC_SESSION_H
#define FSC_RUNTIME_SRC_SESSION_H

#include "runtime/abi/Artifact.h"
#include "runtime/src/Allocator.h"
#include "runtime/src/Buffer.h"
#include "runtime/src/ListTable.h"
#include "runtime/src/Module.h"
#include "runtime/src/ThreadPool.h"

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <sys/types.h>
#include <vector>

namespace fsc::runtime {

class Session {
public:
  explicit Session(std::shared_ptr<const Module> module);

  Status create(int threads);
  Status run(const fsc_tensor *inputs, size_t inputCount, fsc_tensor *outputs, size_t outputCount);

  int threads() const { return pool.threads(); }
  void setOutputAllocator(fsc_output_allocator function, void *user);
  void profile(bool enable);
  bool kernelTime(size_t kernel, fsc_kernel_time &time) const;

private:
  friend struct Host;

  /// What compiled code sees, and how its calls find back here.
  struct Context : fsc_abi_context {
    Session *session;
  };

  struct Input {
    Buffer copy;    // of a tensor that cannot be read in place
    Buffer numbers; // of strings
    int64_t list = 0;
    uintptr_t begin = 0, end = 0;
  };

  /// A list as the caller has it, with all that it points to.
  struct ListResult {
    fsc_list list = {};
    std::deque<std::vector<fsc_tensor>> tensors;
    std::deque<fsc_list> lists;
    std::deque<Buffer> copies; // of elements that are not the caller's as they are
    List elements;
  };

  struct Output {
    const fsc_tensor *given = nullptr; // the caller's, or null where we allocate
    void *data = nullptr;              // where compiled code writes; null until it asks
    void *result = nullptr;            // what the caller gets where none is given
    bool copied = false;               // data is a copy to be scattered into `given`
    uintptr_t begin = 0, end = 0;      // of `given`
    int64_t *dims = nullptr;           // [rank], once known
    Buffer own, spare;                 // in turn, where the caller feeds an output back
    Buffer numbers;                    // where compiled code writes strings, and the number of a list, instead
    ListResult list;
  };

  struct Symbol {
    int64_t size = -1;
    size_t input = 0; // that bound it
  };

  Status bindInput(size_t index, const fsc_tensor &tensor);
  Status checkInputDims(size_t index, const fsc_tensor &tensor);
  Status checkRange(const fsc_value &value, int32_t axis, int64_t size, int64_t symbol) const;
  Status bindOutput(size_t index, const fsc_tensor &tensor);
  Status execute();
  void finish(fsc_tensor *outputs);
  Status internInput(size_t index, const void *elements, size_t count);
  void resolveOutput(Output &output, int32_t rank);
  Status internStrings(const char *name, const void *elements, size_t count, int64_t *numbers);
  void resolveStrings(const int64_t *numbers, size_t count, void *target);

  // Lists.cpp
  Status bindList(size_t index, const fsc_tensor &tensor);
  Status importElements(const char *name, const fsc_value &type, const fsc_tensor &tensor, List &list);
  Status importElement(const char *name, const fsc_value &type, const fsc_tensor &tensor, ElementRef &result);
  Status exportLists();
  void exportElements(const List &list, ListResult &result, fsc_list &target);
  fsc_tensor exportElement(const ListElement &element, ListResult &result);
  void *exportedData(const ListElement &element, ListResult &result);
  int64_t listSize(int64_t list) const { return sizeOf(lists.find(list)); }
  int32_t listElement(int64_t list, int64_t index, fsc_abi_element &element);
  int64_t listSplice(int64_t list, int64_t index, int64_t erased, const fsc_abi_element *elements, int64_t count);
  int32_t listLoop(int32_t event, const int64_t *carried, int64_t count);
  ElementRef keepElement(const fsc_abi_element &element);

  // The functions of the host's table.
  void *output(int64_t index, const int64_t *dims);
  bool placeGivenOutput(size_t index, int64_t bytes);
  bool placeOwnOutput(size_t index, int64_t bytes);
  void *writtenMemory(size_t index, int64_t bytes);
  void *ownMemory(Output &output, int64_t bytes);
  bool overlapsInput(uintptr_t begin, uintptr_t end) const;
  void *allocate(int64_t bytes);
  int32_t reserve(int64_t bytes);
  int32_t failWith(int32_t code, const char *message, int64_t first, int64_t second);
  int32_t parallel(int64_t kernel, fsc_abi_kernel_fn function, const int64_t *words, int64_t tasks, int64_t cost);
  int32_t fail(int32_t code, const char *message);
  int64_t intern(const char *data, int64_t size);
  fsc_abi_string string(int64_t number) const;
  uint64_t random();

  std::shared_ptr<const Module> module;
  ThreadPool pool;
  Allocator allocator;
  Context context = {};
  Buffer arena, scratch;
  size_t scratchStride = 0;
  pid_t owner = 0;
  std::atomic<bool> running = false;
  bool inParallel = false;

  std::vector<fsc_abi_tensor> inputTensors;
  std::vector<int64_t> inputDims, outputDims;
  std::unique_ptr<Input[]> inputs;
  std::unique_ptr<Output[]> outputs;
  std::vector<Symbol> symbols;
  fsc_output_allocator outputAllocator = nullptr;
  void *outputAllocatorUser = nullptr;

  StringTable strings[2]; // of this run, and of the last
  int currentStrings = 0;
  ListTable lists;
  int64_t lastListNumber = 0; // that listElement gave
  uint64_t randomState = 0;

  bool profiling = false;
  std::vector<fsc_kernel_time> kernelTimes;

  // The first failure of the run.
  std::mutex failureMutex;
  std::atomic<int32_t> failureCode = FSC_ABI_OK;
  char failureMessage[1024];
};

} // namespace fsc::runtime

/// The handle of the C interface.
struct fsc_session {
  fsc::runtime::Session session;
};

#endif // FSC_RUNTIME_SRC_SESSION_H
