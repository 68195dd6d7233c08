/** What a person has chosen: all of it fits into the address, so that reload, back button and a link restore it. */

export const VIEWS = ["overview", "dose-response", "time-courses", "density", "tumour", "cohort"] as const;
export type View = (typeof VIEWS)[number];
export type Values = Readonly<Record<string, number>>;

/** The part that an experiment depends on: what is compared as A and B. */
export interface Setting {
  readonly drug: string;
  readonly values: Values;
}

export interface State extends Setting {
  readonly study: string;
  readonly line: string;
  readonly arm: string;
  readonly dose_nM: number | null;
  readonly time_h: number | null;
  readonly view: View;
  readonly compare: Setting | null;
  readonly tumour: string;
  readonly frame: number | null;
  readonly colour: string;
  readonly clip: number;
}

export const FIRST_STATE: State = {
  study: "",
  drug: "",
  line: "",
  arm: "",
  dose_nM: null,
  time_h: null,
  view: "dose-response",
  values: {},
  compare: null,
  tumour: "",
  frame: null,
  colour: "",
  clip: 0,
};

const KEY = /^[\w.:+-]{1,80}$/;

function encode(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function decode(text: string): string {
  const binary = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(binary, (letter) => letter.charCodeAt(0)));
}

function finite(text: string | null): number | null {
  if (text === null || text.trim() === "") return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

function readCompare(text: string | null): Setting | null {
  if (!text) return null;
  try {
    const read: unknown = JSON.parse(decode(text));
    if (typeof read !== "object" || read === null) return null;
    const { drug, values } = read as { drug?: unknown; values?: unknown };
    if (typeof drug !== "string" || typeof values !== "object" || values === null) return null;
    const kept = Object.entries(values).filter(([key, value]) => KEY.test(key) && Number.isFinite(value));
    return { drug: KEY.test(drug) ? drug : "", values: Object.fromEntries(kept) as Values };
  } catch {
    return null; // a link that was cut or altered opens without the comparison
  }
}

/** Return the query of an address; what is at its default is not written. */
export function toQuery(state: State): string {
  const query = new URLSearchParams();
  const write = (key: string, value: string | number | null, unless: string | number | null = "") => {
    if (value !== unless && value !== null) query.set(key, String(value));
  };
  write("study", state.study);
  write("drug", state.drug);
  write("line", state.line);
  write("arm", state.arm);
  write("dose", state.dose_nM, null);
  write("time", state.time_h, null);
  for (const key of Object.keys(state.values).sort()) write(`v.${key}`, state.values[key] ?? null, null);
  write("view", state.view, FIRST_STATE.view);
  write("tumour", state.tumour);
  write("frame", state.frame, null);
  write("colour", state.colour);
  write("clip", state.clip, 0);
  if (state.compare) query.set("compare", encode(JSON.stringify(state.compare)));
  return query.toString();
}

/** Read a query; what is not understood is left at its default, because an address is typed by people. */
export function fromQuery(text: string): State {
  const query = new URLSearchParams(text);
  const word = (key: string) => {
    const found = query.get(key) ?? "";
    return KEY.test(found) ? found : "";
  };
  const values: Record<string, number> = {};
  for (const [key, value] of query) {
    const number = finite(value);
    if (key.startsWith("v.") && KEY.test(key.slice(2)) && number !== null) values[key.slice(2)] = number;
  }
  const view = query.get("view") as View;
  const frame = finite(query.get("frame"));
  return {
    study: word("study"),
    drug: word("drug"),
    line: word("line"),
    arm: word("arm"),
    dose_nM: finite(query.get("dose")),
    time_h: finite(query.get("time")),
    view: VIEWS.includes(view) ? view : FIRST_STATE.view,
    values,
    compare: readCompare(query.get("compare")),
    tumour: word("tumour"),
    frame: frame === null ? null : Math.max(0, Math.round(frame)),
    colour: word("colour"),
    clip: Math.min(1, Math.max(0, finite(query.get("clip")) ?? 0)),
  };
}
