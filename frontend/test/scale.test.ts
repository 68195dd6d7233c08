import assert from "node:assert/strict";
import { test } from "node:test";

import { axisOver, concentration, format, position, ticks, valueAt, type Axis } from "../src/scale.ts";

const AXES: Axis[] = [
  { kind: "log", minimum: 0.3, maximum: 4e5 },
  { kind: "linear", minimum: -2, maximum: 9 },
];

test("position and value are inverse", () => {
  for (const axis of AXES)
    for (const at of [0, 0.2, 0.77, 1]) assert.ok(Math.abs(position(axis, valueAt(axis, at)) - at) < 1e-12);
});

test("ticks lie inside the axis and are not too many", () => {
  for (const axis of [...AXES, { kind: "log", minimum: 1, maximum: 5 } as Axis, { kind: "log", minimum: 1e-9, maximum: 1e9 } as Axis]) {
    const found = ticks(axis, 6);
    assert.ok(found.length > 1);
    assert.ok(found.filter((tick) => !tick.minor).length <= 8, JSON.stringify(axis));
    for (const tick of found) assert.ok(position(axis, tick.value) > -1e-6 && position(axis, tick.value) < 1 + 1e-6);
  }
  assert.deepEqual(ticks({ kind: "log", minimum: 0, maximum: 1 }), []);
});

test("numbers are written as people write them", () => {
  assert.deepEqual(
    [0, 1.7, 0.006, 12345.6, 2.5e8, 1e-7, -0.25, NaN, Infinity, null, 999.9].map((value) => format(value)),
    ["0", "1.7", "0.006", "12,346", "2.5 × 10⁸", "10⁻⁷", "−0.25", "–", "∞", "–", "1,000"],
  );
  assert.deepEqual([0.5, 12, 2500, 3e6, 0].map((value) => concentration(value)), ["500 pM", "12 nM", "2.5 µM", "3 mM", "0 nM"]);
});

test("an axis holds its values, and nothing that cannot be drawn", () => {
  const axis = axisOver("log", [[0, 1, 100, NaN]]);
  assert.ok(axis.minimum > 0 && axis.minimum < 1 && axis.maximum > 100);
  assert.ok(axisOver("linear", [[5, 5]]).maximum > 5);
  assert.deepEqual(axisOver("linear", []), { kind: "linear", minimum: 0, maximum: 1 });
});
