import assert from "node:assert/strict";
import { test } from "node:test";

import { History } from "../src/history.ts";

test("undo and redo go back and forth over the same states", () => {
  const history = new History("a");
  history.push("b");
  history.push("c");
  assert.equal(history.undo(), "b");
  assert.equal(history.undo(), "a");
  assert.equal(history.undo(), null);
  assert.equal(history.redo(), "b");
  assert.equal(history.redo(), "c");
  assert.equal(history.redo(), null);
  assert.equal(history.present, "c");
});

test("a new state after an undo ends what could be redone", () => {
  const history = new History("a");
  history.push("b");
  history.undo();
  history.push("c");
  assert.equal(history.canRedo, false);
  assert.equal(history.undo(), "a");
});

test("the same state twice is one step, and merged states are one step", () => {
  const history = new History("a");
  history.push("a");
  assert.equal(history.canUndo, false);
  history.push("b");
  history.push("c", true);
  assert.equal(history.undo(), "a");
  assert.equal(history.redo(), "c");
});

test("the browser's back and forward are followed", () => {
  const history = new History("a");
  history.push("b");
  history.follow("a");
  assert.equal(history.canRedo, true);
  history.follow("b");
  assert.deepEqual([history.present, history.canUndo, history.canRedo], ["b", true, false]);
  history.follow("elsewhere");
  assert.equal(history.undo(), "b");
});

test("memory is bounded", () => {
  const history = new History("0", 3);
  for (let i = 1; i < 10; i++) history.push(String(i));
  let steps = 0;
  while (history.undo() !== null) steps++;
  assert.equal(steps, 3);
});
