/** Plates and patients of one's own, with what the checks of the commands say about them. */

import { signal } from "@preact/signals";
import type { JSX } from "preact";

import { Away, postFile, Refused } from "./api.ts";
import { StartJob } from "./jobs.tsx";
import { spoken } from "./store.ts";

interface Message {
  readonly level?: string;
  readonly text: string;
  readonly where?: string | null;
}

interface Uploaded {
  readonly id: string;
  readonly rows?: number;
  readonly report?: { readonly messages?: readonly Message[]; readonly summary?: string | null };
}

type Kind = "plates" | "patients";
interface Seen {
  readonly name: string;
  readonly uploaded: Uploaded | null;
  readonly wrong: string;
}

const seen = signal<Readonly<Partial<Record<Kind, Seen>>>>({});
const LARGEST = 20 * 2 ** 20;

async function send(kind: Kind, file: File): Promise<void> {
  const show = (uploaded: Uploaded | null, wrong: string) => {
    seen.value = { ...seen.value, [kind]: { name: file.name, uploaded, wrong } };
    spoken.value = wrong || `${file.name} was read.`;
  };
  if (file.size > LARGEST) {
    show(null, `A file must be at most 20 MB (was ${(file.size / 2 ** 20).toFixed(0)} MB).`);
    return;
  }
  try {
    show(await postFile<Uploaded>(`uploads/${kind}`, file), "");
  } catch (error) {
    if (!(error instanceof Away || error instanceof Refused)) throw error;
    show(null, `${error.message} ${error instanceof Refused ? error.hint : ""}`);
  }
}

function Report({ kind, of }: { kind: Kind; of: Seen }): JSX.Element {
  const report = of.uploaded?.report;
  return (
    <div class="report">
      <p><strong>{of.name}</strong>{of.uploaded?.rows !== undefined && `: ${of.uploaded.rows} rows`}</p>
      {of.wrong && <p class="wrong" role="alert">{of.wrong}</p>}
      {report?.summary && <p>{report.summary}</p>}
      {(report?.messages ?? []).length > 0 && (
        <ul>
          {(report?.messages ?? []).slice(0, 20).map((message, i) => (
            <li key={i}><span class="level">{message.level ?? "note"}</span> {message.text}{message.where ? `, ${message.where}` : ""}</li>
          ))}
        </ul>
      )}
      {of.uploaded && <StartJob offer={{ kind, label: kind === "plates" ? "Fit these plates" : "Analyse these patients", options: { upload: of.uploaded.id } }} />}
    </div>
  );
}

function Upload({ kind, label }: { kind: Kind; label: string }): JSX.Element {
  const of = seen.value[kind];
  return (
    <>
      <label class="choice">
        {label}
        <input type="file" accept=".csv,.tsv,.txt,.xlsx" onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file) void send(kind, file);
        }} />
      </label>
      {of && <Report kind={kind} of={of} />}
    </>
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
