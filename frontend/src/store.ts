/** The one state of the page, and the only ways in which it changes. */

import { batch, computed, signal, type ReadonlySignal } from "@preact/signals";

import { Away, get, Refused } from "./api.ts";
import { History } from "./history.ts";
import { FIRST_STATE, fromQuery, toQuery, type State, type Setting } from "./state.ts";
import { defaultOf, readStudy, type Study, type StudyEntry } from "./study.ts";

export const state = signal<State>(FIRST_STATE);

/** Each part of the state by itself: what reads only these is not drawn again while a slider moves. */
export const part = Object.fromEntries(
  (Object.keys(FIRST_STATE) as (keyof State)[]).map((key) => [key, computed(() => state.value[key])]),
) as { readonly [Key in keyof State]: ReadonlySignal<State[Key]> };
export const isMoved = computed(() => Object.keys(state.value.values).length > 0);

export const catalogue = signal<readonly StudyEntry[]>([]);
export const study = signal<Study | null>(null);
export const trouble = signal<{ readonly message: string; readonly hint: string; readonly away: boolean } | null>(null);
/** What a screen reader is told once something has happened that the eye sees. */
export const spoken = signal("");

let history = new History("");
const steps = signal({ undo: false, redo: false });
export const canUndo = computed(() => steps.value.undo);
export const canRedo = computed(() => steps.value.redo);

/** Study and drug whose sliders are on the page. */
let openedFor = "";

let committed: { what: string; at: number } = { what: "", at: 0 };
/** Presses of a key on one slider within this time are one step for undo and for the back button. */
const ONE_STEP_MS = 900;

function counted(): void {
  steps.value = { undo: history.canUndo, redo: history.canRedo };
}

function address(query: string): string {
  return `${location.pathname}${query ? `?${query}` : ""}`;
}

/** Change the state on the way (a slider being dragged): nothing is written into the address yet. */
export function preview(patch: Partial<State>): void {
  state.value = { ...state.value, ...patch };
}

/** Change the state for good: one step for undo, one entry for the back button. */
export function commit(patch: Partial<State>, what = ""): void {
  state.value = { ...state.value, ...patch };
  const query = toQuery(state.value);
  if (query === history.present) return;
  const now = performance.now();
  const merge = what !== "" && what === committed.what && now - committed.at < ONE_STEP_MS;
  committed = { what, at: now };
  history.push(query, merge);
  window.history[merge ? "replaceState" : "pushState"](null, "", address(query));
  counted();
}

function settle(query: string | null): void {
  if (query === null) return;
  committed = { what: "", at: 0 };
  state.value = fromQuery(query);
  counted();
  if (`${state.value.study} ${state.value.drug}` !== openedFor) void openStudy(state.value.study);
}

export function undo(): void {
  const query = history.undo();
  settle(query);
  if (query !== null) window.history.pushState(null, "", address(query));
  spoken.value = query === null ? "Nothing to undo." : "Undone.";
}

export function redo(): void {
  const query = history.redo();
  settle(query);
  if (query !== null) window.history.pushState(null, "", address(query));
  spoken.value = query === null ? "Nothing to redo." : "Redone.";
}

/** Set one slider; a value at its default is left out of the state. */
export function withValue(key: string, value: number): Partial<State> {
  const slider = study.value?.sliders.find((one) => one.key === key);
  const values = { ...state.value.values };
  if (slider && slider.default === value) delete values[key];
  else values[key] = value;
  return { values };
}

export function setting(from: State): Setting {
  return { drug: from.drug, values: from.values };
}

export function keepAsA(): void {
  commit({ compare: setting(state.value) });
  spoken.value = "Kept as A. What you change now is B.";
}

export function swap(): void {
  const { compare } = state.value;
  if (!compare) return;
  commit({ ...compare, compare: setting(state.value) });
}

export function fail(error: unknown): void {
  if (error instanceof Refused) trouble.value = { message: error.message, hint: error.hint, away: false };
  else if (error instanceof Away) awaitServer();
  else throw error;
}

export function answered(): void {
  if (trouble.value) trouble.value = null;
}

/** Bumped when the server is back: what is shown is asked again. */
export const returned = signal(0);

function awaitServer(): void {
  if (trouble.value?.away) return;
  trouble.value = {
    message: "The server does not answer.",
    hint: "What you see stays; the page goes on by itself once autocrine serve runs again.",
    away: true,
  };
  const timer = setInterval(() => {
    get("studies").then(
      () => {
        clearInterval(timer);
        batch(() => {
          trouble.value = null;
          returned.value += 1;
          spoken.value = "The server answers again.";
        });
      },
      (error: unknown) => {
        if (error instanceof Away) return;
        clearInterval(timer);
        trouble.value = null;
        fail(error);
      },
    );
  }, 1500);
}

/** Open a study by its key; a drug has its own sliders, and the address may have set their values. */
export async function openStudy(key: string, drug = state.value.drug): Promise<void> {
  try {
    const query = drug ? `?drug=${encodeURIComponent(drug)}` : "";
    const opened = readStudy(await get<Record<string, unknown>>(`studies/${encodeURIComponent(key)}${query}`));
    batch(() => {
      const before = state.value;
      const known = new Set(opened.sliders.map((one) => one.key));
      const values = Object.fromEntries(Object.entries(before.values).filter(([slider]) => known.has(slider)));
      const chosen = opened.drugs.some((one) => one.key === drug) ? drug : defaultOf(opened, "drug");
      study.value = opened;
      openedFor = `${key} ${chosen}`;
      state.value = { ...before, study: key, drug: chosen, values };
      document.title = `${opened.title} – Autocrine`;
      answered();
    });
  } catch (error) {
    fail(error);
  }
}

/** Choose another drug: values of sliders that it does not have are left behind. */
export function chooseDrug(drug: string): void {
  commit({ drug, dose_nM: null });
  void openStudy(state.value.study, drug).then(replacePresent);
}

/** Choose another study: what was set for the old one is left behind. */
export async function chooseStudy(key: string): Promise<void> {
  commit({ ...FIRST_STATE, study: key, view: state.value.view });
  await openStudy(key);
  replacePresent();
}

function replacePresent(): void {
  const query = toQuery(state.value);
  history.push(query, true);
  window.history.replaceState(null, "", address(query));
  counted();
}

/** Begin with what the address says. */
export async function start(): Promise<void> {
  const first = fromQuery(location.search);
  state.value = first;
  addEventListener("popstate", () => {
    const query = toQuery(fromQuery(location.search));
    history.follow(query);
    settle(query);
  });
  try {
    catalogue.value = await get<StudyEntry[]>("studies");
  } catch (error) {
    fail(error);
    return;
  }
  const key = first.study || catalogue.value[0]?.key || "";
  await openStudy(key);
  history = new History(toQuery(state.value));
  replacePresent();
}
