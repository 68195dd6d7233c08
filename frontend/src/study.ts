/** What can be run, as the server describes it. */

export interface StudyEntry {
  readonly key: string;
  readonly title: string;
  readonly question?: string;
}

export interface Named {
  readonly key: string;
  readonly label: string;
}

export type Basis = "read" | "derived" | "recalled" | "chosen" | "fitted";

export interface Slider {
  readonly key: string;
  readonly label: string;
  readonly group?: string;
  readonly unit: string;
  readonly scale: "log" | "linear";
  readonly minimum: number;
  readonly maximum: number;
  readonly default: number;
  readonly step?: number | null;
  readonly basis: Basis;
  readonly parameter?: string | null;
  readonly evidence_key?: string | null;
}

export interface Study {
  readonly key: string;
  readonly title: string;
  readonly question: string;
  readonly drugs: readonly Named[];
  readonly lines: readonly Named[];
  readonly arms: readonly Named[];
  readonly doses_nM: Readonly<Record<string, readonly number[]>>;
  readonly hours: number;
  readonly default: Readonly<Record<string, unknown>>;
  readonly sliders: readonly Slider[];
}

function named(list: unknown): Named[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((one: unknown) => {
    if (typeof one === "string") return [{ key: one, label: one.replaceAll("_", " ") }];
    const { key, label } = one as { key?: unknown; label?: unknown };
    return typeof key === "string" ? [{ key, label: typeof label === "string" ? label : key }] : [];
  });
}

/** Take a description as it comes: drugs, lines and arms may be plain names. */
export function readStudy(said: Readonly<Record<string, unknown>>): Study {
  const { question, hours } = said;
  return {
    ...(said as unknown as Study),
    question: typeof question === "string" ? question : "",
    hours: typeof hours === "number" ? hours : 72,
    drugs: named(said["drugs"]),
    lines: named(said["lines"]),
    arms: named(said["arms"]),
    doses_nM: (said["doses_nM"] ?? {}) as Record<string, number[]>,
    default: (said["default"] ?? {}) as Record<string, unknown>,
    sliders: Array.isArray(said["sliders"]) ? (said["sliders"] as Slider[]) : [],
  };
}

/** Return a default of the study, or the first that there is. */
export function defaultOf(study: Study, what: "drug" | "line" | "arm"): string {
  const found = study.default[what];
  const list = what === "drug" ? study.drugs : what === "line" ? study.lines : study.arms;
  return typeof found === "string" ? found : (list[0]?.key ?? "");
}

export function labelOf(list: readonly Named[], key: string): string {
  return list.find((one) => one.key === key)?.label ?? key.replaceAll("_", " ");
}
