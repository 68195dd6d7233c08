/** Plates and patients of one's own, with what the checks of the commands say about them. */

import { signal } from "@preact/signals";
import type { JSX } from "preact";

import { Away, postForm, Refused } from "./api.ts";
import { StartJob } from "./jobs.tsx";
import { spoken } from "./store.ts";

interface Message {
  readonly level?: string;
  readonly text: string;
  readonly where?: string | null;
}

interface Uploaded {
  readonly id: string;
  /** The first rows, as they were read. */
  readonly rows?: readonly Readonly<Record<string, string>>[];
  readonly report?: { readonly messages?: readonly Message[]; readonly summary?: Readonly<Record<string, unknown>> };
}

type Kind = "plates" | "patients";
interface Seen {
  readonly name: string;
  readonly uploaded: Uploaded | null;
  readonly wrong: string;
  /** What was said about the columns; the job needs it again. */
  readonly said: Readonly<Record<string, string>>;
}

/** What the checks need to know that a file often does not say: name of the field and what it is called here. */
const FIELDS: Readonly<Record<Kind, readonly (readonly [string, string])[]>> = {
  plates: [["dose_unit", "Unit of doses"], ["time_unit", "Unit of times"], ["line", "Cell line"], ["drug", "Drug"]],
  patients: [["time", "Column of times"], ["event", "Column of events (1 = seen)"], ["marker", "Column of the marker"], ["adjust", "Adjust for columns"], ["time_unit", "Unit of times"]],
};
const JOBS: Readonly<Record<Kind, readonly [string, string]>> = {
  plates: ["explain", "Explain the resistance in these plates"],
  patients: ["patients", "Is the marker prognostic here?"],
};

const seen = signal<Readonly<Partial<Record<Kind, Seen>>>>({});
const LARGEST = 20 * 2 ** 20;

async function send(kind: Kind, form: FormData): Promise<void> {
  const file = form.get("file");
  if (!(file instanceof File) || file.name === "") return;
  const said = Object.fromEntries([...form].filter(([, value]) => typeof value === "string" && value !== "")) as Record<string, string>;
  const show = (uploaded: Uploaded | null, wrong: string) => {
    seen.value = { ...seen.value, [kind]: { name: file.name, uploaded, wrong, said } };
    spoken.value = wrong || `${file.name} was read.`;
  };
  if (file.size > LARGEST) {
    show(null, `A file must be at most 20 MB (was ${(file.size / 2 ** 20).toFixed(0)} MB).`);
    return;
  }
  try {
    show(await postForm<Uploaded>(`uploads/${kind}`, form), "");
  } catch (error) {
    if (!(error instanceof Away || error instanceof Refused)) throw error;
    show(null, `${error.message} ${error instanceof Refused ? error.hint : ""}`);
  }
}

function Rows({ rows }: { rows: readonly Readonly<Record<string, string>>[] }): JSX.Element | null {
  const columns = Object.keys(rows[0] ?? {});
  if (columns.length === 0) return null;
  return (
    <details>
      <summary>First rows as read</summary>
      <div class="scroll" role="region" aria-label="First rows" tabIndex={0}>
        <table>
          <caption>First rows</caption>
          <thead><tr>{columns.map((column) => <th key={column} scope="col">{column}</th>)}</tr></thead>
          <tbody>{rows.slice(0, 8).map((each, i) => <tr key={i}>{columns.map((column) => <td key={column}>{each[column]}</td>)}</tr>)}</tbody>
        </table>
      </div>
    </details>
  );
}

function written(value: unknown): string {
  if (Array.isArray(value)) return value.map(written).join(", ");
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}

function Report({ kind, of }: { kind: Kind; of: Seen }): JSX.Element {
  const report = of.uploaded?.report;
  const [job, label] = JOBS[kind];
  return (
    <div class="report">
      <p><strong>{of.name}</strong></p>
      {of.wrong && <p class="wrong" role="alert">{of.wrong}</p>}
      {report?.summary && <ul class="summary">{Object.entries(report.summary).map(([key, value]) => <li key={key}>{key.replaceAll("_", " ")}: {written(value)}</li>)}</ul>}
      {(report?.messages ?? []).length > 0 && (
        <ul>
          {(report?.messages ?? []).slice(0, 20).map((message, i) => (
            <li key={i}><span class="level">{message.level ?? "note"}</span> {message.text}{message.where ? `, ${message.where}` : ""}</li>
          ))}
        </ul>
      )}
      {of.uploaded && <Rows rows={of.uploaded.rows ?? []} />}
      {of.uploaded && <StartJob offer={{ kind: job, label, options: { ...of.said, upload: of.uploaded.id } }} />}
    </div>
  );
}

function Upload({ kind, label }: { kind: Kind; label: string }): JSX.Element {
  const of = seen.value[kind];
  return (
    <form onSubmit={(event) => { event.preventDefault(); void send(kind, new FormData(event.currentTarget)); }}>
      <label class="choice">
        {label}
        <input type="file" name="file" accept=".csv,.tsv,.txt,.xlsx" required />
      </label>
      <details>
        <summary>What the file does not say</summary>
        {FIELDS[kind].map(([name, words]) => (
          <label key={name} class="choice">{words}<input name={name} maxLength={200} autocomplete="off" /></label>
        ))}
      </details>
      <p><button type="submit">Check {kind}</button></p>
      {of && <Report kind={kind} of={of} />}
    </form>
  );
}

export function UploadsPanel(): JSX.Element {
  return (
    <section class="panel" aria-labelledby="uploads-title">
      <h2 id="uploads-title">Your own data</h2>
      <Upload kind="plates" label="Plates (CSV, Excel)" />
      <Upload kind="patients" label="Patients (CSV)" />
      <p class="soft">Files stay on this computer.</p>
    </section>
  );
}
