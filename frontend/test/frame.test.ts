import assert from "node:assert/strict";
import { test } from "node:test";

import { decodeFrame, need, row } from "../src/frame.ts";

function encode(header: Record<string, unknown>, payload: Uint8Array): ArrayBuffer {
  const text = JSON.stringify(header);
  const padded = text.padEnd(Math.ceil((text.length + 4) / 8) * 8 - 4);
  const bytes = new Uint8Array(4 + padded.length + payload.length);
  new DataView(bytes.buffer).setUint32(0, padded.length, true);
  bytes.set(new TextEncoder().encode(padded), 4);
  bytes.set(payload, 4 + padded.length);
  return bytes.buffer;
}

test("arrays and the rest of the header come back as they were sent", () => {
  const doses = new Float64Array([1, 10, 100]);
  const viability = new Float32Array([1, 0.5, 0.1, 0.9, 0.8, 0.7]);
  const payload = new Uint8Array(24 + 24);
  payload.set(new Uint8Array(doses.buffer), 0);
  payload.set(new Uint8Array(viability.buffer), 24);
  const arrays = [
    { name: "doses_nM", type: "f8", shape: [3], offset: 0 },
    { name: "viability", type: "f4", shape: [2, 3], offset: 24 },
  ];
  const frame = decodeFrame(encode({ arrays, sentence: "IC50 rises", milliseconds: 3 }, payload));
  assert.deepEqual([...need(frame, "doses_nM").values], [1, 10, 100]);
  assert.deepEqual(row(need(frame, "viability"), 1), viability.subarray(3));
  assert.deepEqual(frame.header, { sentence: "IC50 rises", milliseconds: 3 });
});

test("an array that does not lie on its alignment is copied, not refused", () => {
  const payload = new Uint8Array(9);
  payload.set(new Uint8Array(new Float64Array([2.5]).buffer), 1);
  const frame = decodeFrame(encode({ arrays: [{ name: "x", type: "f8", shape: [1], offset: 1 }] }, payload));
  assert.equal(need(frame, "x").values[0], 2.5);
});

for (const [what, buffer] of [
  ["nothing", new ArrayBuffer(0)],
  ["a header that is cut", new Uint8Array([255, 0, 0, 0, 123]).buffer],
  ["an array that is cut", encode({ arrays: [{ name: "x", type: "f8", shape: [4], offset: 0 }] }, new Uint8Array(8))],
  ["a kind nobody knows", encode({ arrays: [{ name: "x", type: "c8", shape: [1], offset: 0 }] }, new Uint8Array(8))],
] as const)
  test(`${what} is an error, not an empty answer`, () => {
    assert.throws(() => decodeFrame(buffer), RangeError);
  });

test("an answer without an array that a view needs says which", () => {
  assert.throws(() => need(decodeFrame(encode({}, new Uint8Array(0))), "times_h"), /times_h/);
});
