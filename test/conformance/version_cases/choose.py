# ===- choose.py - The cases of an operator's version -*- Python -*-=========== #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""The cases of a pair (operator, since-version): of the seeds, rewritten,

    hand     all that are written by hand
    full     of the node tests that lost least the one with the most inputs and attributes
    plain    and the one with the fewest, because defaults change between versions
    new      one of an element type that the version before did not allow
"""

import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx

from . import oracles
from .rewrite import Model, Unfit, allowed_types, convert, rewrite, with_signature
from .seed import Operator, Seed

FIRST_OPSET = 7
DOMAINS = ("", "ai.onnx.ml")
# An operator that is another's form of old: its cases are made from the other's.
SAME_AS = {("", "Upsample"): ("", "Resize"), ("", "Scatter"): ("", "ScatterElements")}
TRIED_AT_MOST = 40  # seeds of a pair


@dataclass(frozen=True, order=True)
class Pair:
    domain: str
    op: str
    since: int

    def __str__(self) -> str:
        return f"{self.domain + '.' if self.domain else ''}{self.op}-{self.since}"

    @property
    def operator(self) -> Operator:
        return self.domain, self.op

    @property
    def opset(self) -> int:
        """That the cases are of: the first to have the version, from opset 7 on."""
        return self.since if self.domain else max(self.since, FIRST_OPSET)


@dataclass
class Case:
    kind: str
    seed: Seed
    model: Model
    expected: list[Any]
    oracle: str


def all_schemas() -> list[onnx.defs.OpSchema]:
    """Without those that only say that an operator is no more."""
    return [s for s in onnx.defs.get_all_schemas_with_history()
            if s.domain in DOMAINS and not (s.deprecated and not s.has_context_dependent_function)]


def pairs_of(schemas: Iterable[onnx.defs.OpSchema]) -> list[Pair]:
    """All versions since opset 7 and the one in force there; all of other domains, which have versions of their own."""
    versions: dict[Operator, list[int]] = defaultdict(list)
    for schema in schemas:
        versions[schema.domain, schema.name].append(schema.since_version)
    pairs = []
    for (domain, op), all_of in versions.items():
        old = [v for v in all_of if v <= FIRST_OPSET]
        kept = all_of if domain else [v for v in all_of if v > FIRST_OPSET] + ([max(old)] if old else [])
        pairs += [Pair(domain, op, since) for since in kept]
    return sorted(pairs)


class Chooser:
    def __init__(self, seeds: Iterable[Seed], schemas: Iterable[onnx.defs.OpSchema]):
        self.seeds: dict[Operator, list[Seed]] = defaultdict(list)
        for seed in seeds:
            self.seeds[seed.operator].append(seed)
        self.schemas: dict[Operator, dict[int, onnx.defs.OpSchema]] = defaultdict(dict)
        for schema in schemas:
            self.schemas[schema.domain, schema.name][schema.since_version] = schema

    def constants(self, operator: Operator) -> set[str]:
        """The inputs that are attributes in another version."""
        versions = self.schemas[operator].values()
        names = {name.lower() for schema in versions for name in schema.attributes}
        return names & {parameter.name.lower() for schema in versions for parameter in schema.inputs}

    def before(self, pair: Pair) -> onnx.defs.OpSchema | None:
        older = [since for since in self.schemas[pair.operator] if since < pair.since]
        return self.schemas[pair.operator][max(older)] if older else None

    def candidates(self, pair: Pair, reasons: list[str]) -> list[tuple[Seed, Model]]:
        """The seeds as this version has them, those that lost least first; why others have no form there."""
        target = self.schemas[pair.operator][pair.since]
        origin = SAME_AS.get(pair.operator, pair.operator)
        constants = self.constants(pair.operator) | self.constants(origin)
        found = []
        for seed in [*self.seeds[pair.operator], *(self.seeds[origin] if origin != pair.operator else [])]:
            try:
                found.append((seed, rewrite(seed, target, pair.opset, constants)))
            except Unfit as reason:
                reasons.append(f"{seed.name}: {reason}")
        return sorted(found, key=lambda candidate: candidate[1].lost)

    def new_types(self, pair: Pair) -> list[set[str]]:
        """For each input, and then for each output: the types that the version before did not allow."""
        target, older = self.schemas[pair.operator][pair.since], self.before(pair)
        if not older or pair.since <= FIRST_OPSET:
            return []
        return [allowed_types(target, new) - allowed_types(older, old)
                for news, olds in ((target.inputs, older.inputs), (target.outputs, older.outputs))
                for new, old in zip(news, olds)]

    def of_new_type(self, pair: Pair, candidates: list[tuple[Seed, Model]]) -> Iterator[tuple[Seed, Model]]:
        """Models with a type that is new: some have one; in others the tensors of the first variable that grew are converted."""
        new = self.new_types(pair)
        every = sorted(set().union(*new)) if new else []
        if not every:
            return
        # Another one for each operator, so that all have their turn.
        turn = zlib.crc32(f"{pair}".encode()) % len(every)
        for wanted in every[turn:] + every[:turn]:
            yield from (c for c in candidates if wanted in c[1].types and not c[1].lost)
        target = self.schemas[pair.operator][pair.since]
        grown = next((p for p, types in zip(target.inputs, new) if types), None)
        if grown is None:
            return
        wide = [t for t in every if t.startswith("tensor(") and t in allowed_types(target, grown)]
        for wanted in wide[turn % len(wide):] + wide[:turn % len(wide)] if wide else []:
            for seed, model in candidates:
                if seed.is_node() and (converted := self.converted(pair, seed, model, grown.type_str, wanted)):
                    yield seed, converted

    def converted(self, pair: Pair, seed: Seed, model: Model, variable: str, wanted: str) -> Model | None:
        """A model with the tensors of a type variable converted; nothing if that cannot be."""
        target = self.schemas[pair.operator][pair.since]
        node = model.proto.graph.node[0]
        values = dict(model.inputs)
        fixed = {t.name: onnx.numpy_helper.to_array(t) for t in model.proto.graph.initializer}
        try:
            for index, name in enumerate(node.input):
                parameter = target.inputs[min(index, len(target.inputs) - 1)]
                if parameter.type_str == variable:
                    for known in (values, fixed):
                        if name in known:
                            known[name] = convert(known[name], wanted)
            result = Model(onnx.ModelProto(), values, model.lost, changed=True)
            return with_signature(result, seed, target, pair.opset, [node], fixed, [v.name for v in model.proto.graph.output])
        except Unfit:
            return None

    def cases(self, pair: Pair) -> tuple[list[Case], list[str]]:
        """The cases, and why there are not more."""
        reasons: list[str] = []
        candidates = self.candidates(pair, reasons)
        cases: list[Case] = []

        def take(kind: str, order: Iterable[tuple[Seed, Model]]) -> None:
            taken = {(case.seed.name, case.model.proto.SerializeToString()) for case in cases}
            for count, (seed, model) in enumerate(order):
                if count == TRIED_AT_MOST or (seed.name, model.proto.SerializeToString()) in taken:
                    return
                try:
                    outputs, oracle = ([], "check") if seed.check else oracles.expected(model, seed)
                except oracles.NoOracle as reason:
                    reasons.append(f"{kind}: {seed.name}: {reason}")
                    continue
                cases.append(Case(kind, seed, model, outputs, oracle))
                return

        for candidate in candidates:
            if candidate[0].by_hand:
                take("hand", [candidate])
        tests = [c for c in candidates if not c[0].by_hand]
        best = [c for c in tests if c[1].lost == tests[0][1].lost]
        rest = tests[len(best):]
        take("full", [*sorted(best, key=richness, reverse=True), *rest])
        take("plain", sorted(best, key=richness))
        take("new", self.of_new_type(pair, tests + [c for c in candidates if c[0].by_hand and not c[0].check]))
        return cases, reasons


def richness(candidate: tuple[Seed, Model]) -> tuple[int, int]:
    """By how much a model says of its node, and then by the ranks of its inputs."""
    seed, model = candidate
    node = next(n for n in model.proto.graph.node if n.op_type == model.proto.graph.node[0].op_type)
    ranks = sum(np.ndim(value) for value in model.inputs.values() if isinstance(value, np.ndarray))
    return len([name for name in node.input if name]) + len(node.attribute) + len(node.output), ranks
