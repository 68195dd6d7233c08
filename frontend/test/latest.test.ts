import assert from "node:assert/strict";
import { test } from "node:test";

import { Latest } from "../src/latest.ts";

/** A server whose answers the test gives by hand. */
function server() {
  const open: { question: number; answer: (value: number) => void; fail: (error: Error) => void }[] = [];
  const ask = (question: number) =>
    new Promise<number>((answer, fail) => {
      open.push({ question, answer, fail });
    });
  return { open, ask };
}

const turn = () => new Promise((done) => setImmediate(done));

test("one question is in flight, and of those waiting the last wins", async () => {
  const { open, ask } = server();
  const seen: number[] = [];
  const latest = new Latest(ask, (answer: number) => seen.push(answer), (error) => assert.fail(String(error)));
  for (const question of [1, 2, 3, 4]) latest.push(question);
  assert.deepEqual(open.map((one) => one.question), [1]);
  open[0]?.answer(10);
  await turn();
  assert.deepEqual(open.map((one) => one.question), [1, 4]);
  open[1]?.answer(40);
  await turn();
  assert.deepEqual(seen, [10, 40]);
  assert.equal(latest.busy, false);
});

test("a failure does not stop later questions", async () => {
  const { open, ask } = server();
  const failed: unknown[] = [];
  const seen: number[] = [];
  const latest = new Latest(ask, (answer: number) => seen.push(answer), (error) => failed.push(error));
  latest.push(1);
  latest.push(2);
  open[0]?.fail(new Error("away"));
  await turn();
  open[1]?.answer(2);
  await turn();
  assert.equal(failed.length, 1);
  assert.deepEqual(seen, [2]);
});
