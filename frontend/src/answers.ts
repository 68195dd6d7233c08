/** What the server computes for a state, one channel for each view, and the speed at which it came. */

import { effect, signal, untracked, type Signal } from "@preact/signals";

import { postFrame } from "./api.ts";
import type { Frame } from "./frame.ts";
import { Latest } from "./latest.ts";
import type { Setting, State } from "./state.ts";
import { answered, fail, returned, state, study } from "./store.ts";

export type Kind = "dose-response" | "time-courses" | "density" | "cohort";

export interface Question {
  readonly kind: Kind;
  readonly body: Readonly<Record<string, unknown>>;
  readonly asked: number;
}

export interface Channel {
  /** The state on the screen. */
  readonly present: Signal<Frame | null>;
  /** The same with every slider at its default. */
  readonly baseline: Signal<Frame | null>;
  /** The setting kept as A. */
  readonly compare: Signal<Frame | null>;
  /** The state on the screen once it rests, with the band of plausible parameters; it takes longer. */
  readonly band: Signal<Frame | null>;
}

const channel = (): Channel => ({ present: signal(null), baseline: signal(null), compare: signal(null), band: signal(null) });

export const channels: Readonly<Record<Kind, Channel>> = {
  "dose-response": channel(),
  "time-courses": channel(),
  density: channel(),
  cohort: channel(),
};

/** Kinds whose answer has been on its way for a while: quick answers are not worth drawing twice. */
export const busy = signal<ReadonlySet<Kind>>(new Set());
const LONG_MS = 300;
const pending = new Map<Kind, ReturnType<typeof setTimeout>>();

function mark(kind: Kind, on: boolean): void {
  if (on && pending.has(kind)) return;
  clearTimeout(pending.get(kind));
  pending.delete(kind);
  if (on) {
    pending.set(kind, setTimeout(() => { busy.value = new Set(busy.value).add(kind); }, LONG_MS));
    return;
  }
  const known = untracked(() => busy.value);
  if (known.has(kind)) busy.value = new Set([...known].filter((one) => one !== kind));
}

/** Return what a view depends on: two states with equal bodies show the same. */
export function bodyOf(kind: Kind, of: State, set: Setting): Record<string, unknown> {
  const body: Record<string, unknown> = { study: of.study, values: set.values };
  if (kind !== "cohort" && set.drug) body["drug"] = set.drug;
  if (kind === "time-courses") {
    if (of.line) body["line"] = of.line;
    if (of.arm) body["arm"] = of.arm;
    if (of.dose_nM !== null) body["dose_nM"] = of.dose_nM;
  }
  if (kind === "cohort") body["patients"] = 400;
  return body;
}

const ask = ({ kind, body }: Question) => postFrame(`experiments/${kind}`, body);

/** Note how long it took from the hand to the picture: after the next frame has been painted. */
function painted(kind: Kind, asked: number): void {
  requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      performance.measure(`painted:${kind}`, { start: asked, end: performance.now() });
      port1.close();
    };
    port2.postMessage(null);
  });
}

function presentChannel(kind: Kind): Latest<Question, Frame> {
  const done = (frame: Frame, question: Question) => {
    channels[kind].present.value = frame;
    answered();
    painted(kind, question.asked);
    mark(kind, false);
  };
  return new Latest(ask, done, (error) => {
    mark(kind, false);
    fail(error);
  });
}

/** Answers that do not change while a slider moves are asked once. */
function keptChannel(to: Signal<Frame | null>): (question: Question | null) => void {
  let shown = "";
  const latest = new Latest(
    ask,
    (frame, question) => {
      if (JSON.stringify(question.body) === shown) to.value = frame;
    },
    (error) => {
      shown = "";
      fail(error);
    },
  );
  return (question) => {
    const key = question ? JSON.stringify(question.body) : "";
    if (key === shown) return;
    shown = key;
    if (!question) {
      to.value = null;
      return;
    }
    latest.push(question);
  };
}

const presents = Object.fromEntries(
  (Object.keys(channels) as Kind[]).map((kind) => [kind, presentChannel(kind)]),
) as Record<Kind, Latest<Question, Frame>>;
const baselines = Object.fromEntries(
  (Object.keys(channels) as Kind[]).map((kind) => [kind, keptChannel(channels[kind].baseline)]),
) as Record<Kind, (question: Question | null) => void>;
const compares = Object.fromEntries(
  (Object.keys(channels) as Kind[]).map((kind) => [kind, keptChannel(channels[kind].compare)]),
) as Record<Kind, (question: Question | null) => void>;

/** How long the hand must rest before the band is asked, and how many draws of the parameters it is made of. */
const REST_MS = 400;
const DRAWS = 24;
const band = keptChannel(channels["dose-response"].band);
let resting: ReturnType<typeof setTimeout> | undefined;

function bandAtRest(question: Question): void {
  clearTimeout(resting);
  band(null);
  resting = setTimeout(() => {
    band({ ...question, body: { ...question.body, band: DRAWS } });
  }, REST_MS);
}

const shownBodies = new Map<Kind, string>();

function keep(kind: Kind): void {
  const now = state.value;
  const generation = returned.value;
  const asked = performance.now();
  const question = (set: Setting): Question => ({ kind, body: bodyOf(kind, now, set), asked });
  const present = question(now);
  const key = `${generation} ${JSON.stringify(present.body)}`;
  if (key !== shownBodies.get(kind)) {
    shownBodies.set(kind, key);
    untracked(() => mark(kind, true));
    presents[kind].push(present);
    if (kind === "dose-response") untracked(() => { bandAtRest(present); });
  }
  const moved = Object.keys(now.values).length > 0;
  baselines[kind](moved ? question({ drug: now.drug, values: {} }) : null);
  compares[kind](now.compare ? question(now.compare) : null);
}

/** Keep the answers of one view up to date for as long as it is shown. */
export function follow(kind: Kind): () => void {
  return effect(() => {
    // The study decides which sliders there are; before it is open there is nothing to ask.
    if (study.value && study.value.key === state.value.study) keep(kind);
  });
}
