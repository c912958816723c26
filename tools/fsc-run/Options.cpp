//===- Options.cpp - The command line of fsc-run --------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/fsc-run/Options.h"

#include "tools/common/Files.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <functional>

using namespace fsc::tools;

const char fsc::tools::helpText[] = R"(usage: fsc-run MODEL [OPTION...]

Runs a compiled model (.so), or compiles an .onnx model first and runs that.

  fsc-run model.so                                 random inputs: does it run, and how fast?
  fsc-run model.so --input image.npy               a model with one input
  fsc-run model.so --input ids=ids.npy --input mask=random:7 --output-dir out
  fsc-run model.so --data test_data_set_0          inputs and expected outputs: are they equal?
  fsc-run model.onnx --repeat 50 --threads 2       latency percentiles

inputs
  --input [NAME=]FILE     .npy; .npz (the member of the input's name); .pb (an onnx.TensorProto)
  --input [NAME=]random:SEED
                          floats from -1 to 1, 8-bit integers of the full range, 0 and 1 for all others
                          Without NAME: the only input, all members of an .npz, or all inputs not named elsewhere.
                          Without any --input and --data, all inputs are random:0.
  --dim NAME=N            the size of a symbolic dimension for random inputs (default: 1, or what another input says);
                          NAME is a symbol, or INPUT.AXIS for a dimension without a name
  --data DIR              the files input_<i>.pb and output_<i>.pb, numbered in graph order, as ONNX's tests have them;
                          or a folder of such folders, test_data_set_<k>. Inputs may be replaced with --input.

custom operators
  --custom-ops LIB,...    shared libraries that define operators of the model; an .onnx model is compiled with them too

comparing and saving
  --rtol R, --atol A      an element agrees if |got - expected| <= A + R * |expected|, as in numpy.allclose, and NaN
                          with NaN (default: 1e-3 and 1e-5). Relative errors are over elements expected not to be 0.
  --output-dir DIR        writes output_<i>.npy (4- and 2-bit integers as int8 or uint8, types that NumPy lacks as raw
                          bytes), in a folder for each test set if there are several
  --output-format=pb      writes output_<i>.pb instead

measuring
  --repeat N              timed runs (default: 1)
  --warmup N              runs before them (default: 1 if there is a --repeat, else 0)
  --threads N             threads of a run (default: all that this process may use)
  --profile               the time of each kernel, from as many runs again
  --json[=FILE]           everything as JSON, on standard output (which then has nothing else) or in FILE
  --quiet                 nothing but errors and the result of comparisons

compiling an .onnx model
  --compile-arg ARG       an option for fsc-compile; can be repeated
  --compiler FILE         the compiler (default: fsc-compile beside fsc-run)
  --cache-dir DIR         where compiled models are kept, by the contents of the model, the compiler and its options
                          (default: $XDG_CACHE_HOME/fsc or ~/.cache/fsc); the oldest go when it exceeds 4 GiB
  --no-cache              compile anew, keep nothing

exit code: 0 right, 1 outputs differ, 2 wrong usage, 3 the model or an input is refused, 4 internal error
)";

namespace {

template <typename T> T parseNumber(const std::string &option, const std::string &text, T least, T most) {
  T value{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value > most)
    throw UsageError(option + ": expected a number from " + std::to_string(least) + " to " + std::to_string(most) +
                     ", got '" + text + "'");
  return value;
}

double parseTolerance(const std::string &option, const std::string &text) {
  char *end = nullptr;
  double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(value >= 0) || std::isinf(value))
    throw UsageError(option + ": expected a number of 0 or more, got '" + text + "'");
  return value;
}

InputOption parseInput(const std::string &text) {
  InputOption input;
  std::string value = text;
  if (size_t equals = text.find('='); equals != std::string::npos) {
    input.name = text.substr(0, equals);
    value = text.substr(equals + 1);
  }
  if (value.rfind("random:", 0) == 0)
    input.seed = parseNumber<uint64_t>("--input", value.substr(7), 0, UINT64_MAX);
  else
    input.path = value;
  bool known = endsWith(value, ".npy") || endsWith(value, ".npz") || endsWith(value, ".pb");
  if (!input.path.empty() && !known)
    throw UsageError("--input: expected [NAME=]FILE.npy, .npz or .pb, or [NAME=]random:SEED, got '" + text + "'");
  if (value.empty())
    throw UsageError("--input: expected a file or random:SEED after '" + text + "'");
  return input;
}

void parseDim(Options &options, const std::string &text) {
  size_t equals = text.rfind('=');
  if (equals == std::string::npos || equals == 0)
    throw UsageError("--dim: expected NAME=SIZE, got '" + text + "'");
  options.dims[text.substr(0, equals)] = parseNumber<int64_t>("--dim", text.substr(equals + 1), 0, INT64_MAX);
}

void parseFormat(Options &options, const std::string &text) {
  if (text != "npy" && text != "pb")
    throw UsageError("--output-format: expected 'npy' or 'pb', got '" + text + "'");
  options.outputAsProto = text == "pb";
}

void parseCustomOps(Options &options, const std::string &text) {
  for (size_t at = 0, end = 0; end != std::string::npos; at = end + 1) {
    end = text.find(',', at);
    std::string path = text.substr(at, end == std::string::npos ? end : end - at);
    if (path.empty())
      throw UsageError("--custom-ops: expected LIB.so[,LIB.so], got '" + text + "'");
    options.customOps.push_back(path);
  }
}

using WithValue = std::function<void(Options &, const std::string &)>;
using Plain = std::function<void(Options &)>;

/// Options that take a value: --name VALUE or --name=VALUE.
const std::map<std::string, WithValue> &optionsWithValue() {
  static const std::map<std::string, WithValue> table = {
      {"--input", [](Options &o, const std::string &v) { o.inputs.push_back(parseInput(v)); }},
      {"--dim", parseDim},
      {"--data", [](Options &o, const std::string &v) { o.data = v; }},
      {"--rtol", [](Options &o, const std::string &v) { o.tolerance.relative = parseTolerance("--rtol", v); }},
      {"--atol", [](Options &o, const std::string &v) { o.tolerance.absolute = parseTolerance("--atol", v); }},
      {"--output-dir", [](Options &o, const std::string &v) { o.outputFolder = v; }},
      {"--output-format", parseFormat},
      {"--repeat", [](Options &o, const std::string &v) { o.repeat = parseNumber<int>("--repeat", v, 1, 1000000000); }},
      {"--warmup", [](Options &o, const std::string &v) { o.warmup = parseNumber<int>("--warmup", v, 0, 1000000000); }},
      {"--threads", [](Options &o, const std::string &v) { o.threads = parseNumber<int>("--threads", v, 1, 1024); }},
      {"--custom-ops", parseCustomOps},
      {"--compile-arg", [](Options &o, const std::string &v) { o.compileArguments.push_back(v); }},
      {"--compiler", [](Options &o, const std::string &v) { o.compiler = v; }},
      {"--cache-dir", [](Options &o, const std::string &v) { o.cacheFolder = v; }},
  };
  return table;
}

const std::map<std::string, Plain> &plainOptions() {
  static const std::map<std::string, Plain> table = {
      {"--profile", [](Options &o) { o.profile = true; }}, {"--json", [](Options &o) { o.json = true; }},
      {"--quiet", [](Options &o) { o.quiet = true; }},     {"--no-cache", [](Options &o) { o.useCache = false; }},
      {"--help", [](Options &o) { o.help = true; }},       {"-h", [](Options &o) { o.help = true; }},
      {"--version", [](Options &o) { o.version = true; }},
  };
  return table;
}

} // namespace

Options fsc::tools::parseOptions(const std::vector<std::string> &arguments) {
  Options options;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string &argument = arguments[i];
    if (argument.empty() || argument[0] != '-') {
      if (!options.model.empty())
        throw UsageError("expected one model, got '" + options.model + "' and '" + argument + "'");
      options.model = argument;
      continue;
    }
    if (auto plain = plainOptions().find(argument); plain != plainOptions().end()) {
      plain->second(options);
      continue;
    }
    size_t equals = argument.find('=');
    std::string name = argument.substr(0, equals);
    if (name == "--json") {
      options.json = true;
      options.jsonFile = argument.substr(equals + 1);
      continue;
    }
    auto known = optionsWithValue().find(name);
    if (known == optionsWithValue().end())
      throw UsageError("unknown option '" + argument + "'");
    if (equals == std::string::npos && i + 1 == arguments.size())
      throw UsageError(name + ": expected a value after it");
    known->second(options, equals == std::string::npos ? arguments[++i] : argument.substr(equals + 1));
  }
  if (options.model.empty() && !options.help && !options.version)
    throw UsageError("expected a model");
  return options;
}
