import assert from "node:assert/strict";
import { test } from "node:test";

import { FIRST_STATE, fromQuery, toQuery, type State } from "../src/state.ts";

const FULL: State = {
  study: "conze2001",
  drug: "doxorubicin",
  line: "il6_producer",
  arm: "anti_il6",
  dose_nM: 316.2277660168379,
  time_h: 48,
  view: "time-courses",
  values: { il6_secretion_rate: 0.1 + 0.2, cell_density: 2.5e5 },
  compare: { drug: "cisplatin", values: { abcb1_copies: 60 } },
  tumour: "example",
  frame: 7,
  colour: "pgp",
  clip: 0.4,
};

test("an address restores the whole state", () => {
  assert.deepEqual(fromQuery(toQuery(FULL)), FULL);
});

test("the first state has an empty address", () => {
  assert.equal(toQuery(FIRST_STATE), "");
  assert.deepEqual(fromQuery(""), FIRST_STATE);
});

test("equal states have equal addresses, in whatever order sliders were moved", () => {
  const other = { ...FULL, values: { cell_density: 2.5e5, il6_secretion_rate: 0.1 + 0.2 } };
  assert.equal(toQuery(other), toQuery(FULL));
});

test("an address that was altered opens with defaults instead of failing", () => {
  for (const query of ["v.x=NaN", "v.x=Infinity", "view=nowhere", "compare=%%%", "compare=e30", "dose=", "study=<script>",
    "v.%3Cb%3E=1", "drug=a b", `study=${"x".repeat(200)}`])
    assert.deepEqual(fromQuery(query), FIRST_STATE, query);
  assert.equal(fromQuery("clip=9").clip, 1);
  assert.equal(fromQuery("frame=-3.2").frame, 0);
});
