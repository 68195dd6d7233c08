/** What runs in the background: started here, kept by the server, shown with its progress. */

import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import { Away, get, post, Refused } from "./api.ts";
import { spoken } from "./store.ts";

export interface Job {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly state: "waiting" | "running" | "done" | "failed" | "cancelled" | string;
  readonly progress: number | null;
  readonly message?: string | null;
  readonly started?: string | number | null;
  readonly ended?: string | number | null;
  readonly result?: Readonly<Record<string, unknown>> | null;
}

export const jobs = signal<readonly Job[]>([]);

const ACTIVE = new Set(["waiting", "running"]);
let timer: ReturnType<typeof setTimeout> | null = null;

function tell(before: readonly Job[], now: readonly Job[]): void {
  for (const job of now) {
    const old = before.find((one) => one.id === job.id);
    if (old && ACTIVE.has(old.state) && !ACTIVE.has(job.state)) spoken.value = `${job.title}: ${job.state}.`;
  }
}

/** Ask for all jobs, and go on asking while one of them is under way. */
export async function lookAtJobs(): Promise<void> {
  if (timer !== null) clearTimeout(timer);
  timer = null;
  let again = 1000;
  try {
    const now = await get<Job[]>("jobs");
    tell(jobs.value, now);
    jobs.value = now;
  } catch (error) {
    if (!(error instanceof Away || error instanceof Refused)) throw error;
    again = 3000; // the server is away or asks for patience: jobs are its own, so they go on without this page
    if (error instanceof Refused && error.status === 401) return;
  }
  if (jobs.value.some((one) => ACTIVE.has(one.state))) timer = setTimeout(() => void lookAtJobs(), again);
}

export async function startJob(kind: string, options: Readonly<Record<string, unknown>>): Promise<string> {
  const { id } = await post<{ id: string }>("jobs", { kind, options });
  spoken.value = "Started in the background.";
  await lookAtJobs();
  return id;
}

async function cancel(id: string): Promise<void> {
  try {
    await post(`jobs/${encodeURIComponent(id)}/cancel`, {});
  } catch (error) {
    if (!(error instanceof Away || error instanceof Refused)) throw error;
    spoken.value = error.message;
  }
  await lookAtJobs();
}

/** Return the pages and files of a result: addresses of this server only. */
function linksOf(job: Job): [string, string][] {
  const result = job.result ?? {};
  const own = (href: unknown): href is string => typeof href === "string" && /^\/(?!\/)/.test(href);
  const listed = Array.isArray(result["links"]) ? (result["links"] as { label?: string; href?: unknown }[]) : [];
  const found = listed.flatMap(({ label, href }) => (own(href) ? [[label ?? href, href] as [string, string]] : []));
  for (const [label, href] of Object.entries(result)) if (own(href)) found.push([label.replaceAll("_", " "), href]);
  if (typeof result["links"] === "object" && !Array.isArray(result["links"]) && result["links"] !== null)
    for (const [label, href] of Object.entries(result["links"])) if (own(href)) found.push([label.replaceAll("_", " "), href]);
  return found;
}

export function JobLine({ job }: { job: Job }): JSX.Element {
  const active = ACTIVE.has(job.state);
  const share = Math.min(1, Math.max(0, job.progress ?? 0));
  const links = linksOf(job);
  return (
    <div class={`job job-${active ? "active" : "ended"}`}>
      <p class="job-title">
        <a href={`/jobs/${encodeURIComponent(job.id)}`}>{job.title || job.kind}</a> <span class="job-state">{job.state}</span>
      </p>
      {active && <progress max={1} value={share} aria-label={`Progress of ${job.title || job.kind}`}>{Math.round(100 * share)} %</progress>}
      {job.message && <p class="soft">{job.message}</p>}
      {active && (
        <button type="button" onClick={() => void cancel(job.id)}>
          Cancel<span class="unseen"> {job.title}</span>
        </button>
      )}
      {links.length > 0 && (
        <p>
          {links.map(([label, href]) => (
            <a key={href} class="after" href={href}>{label}</a>
          ))}
        </p>
      )}
    </div>
  );
}

export interface Offer {
  readonly kind: string;
  readonly label: string;
  readonly options: Readonly<Record<string, unknown>>;
}

export function StartJob({ offer }: { offer: Offer }): JSX.Element {
  const [wrong, setWrong] = useState("");
  return (
    <span class="start-job">
      <button
        type="button"
        onClick={() => {
          setWrong("");
          startJob(offer.kind, offer.options).catch((error: unknown) => {
            if (!(error instanceof Away || error instanceof Refused)) throw error;
            setWrong(`${error.message} ${error instanceof Refused ? error.hint : ""}`);
          });
        }}
      >
        {offer.label}
      </button>
      <span class="wrong" role="alert">{wrong}</span>
    </span>
  );
}

export function JobsPanel({ offers }: { offers: readonly Offer[] }): JSX.Element {
  useEffect(() => void lookAtJobs(), []);
  const shown = jobs.value.slice(0, 8);
  const active = jobs.value.filter((one) => ACTIVE.has(one.state)).length;
  return (
    <section class="panel jobs" aria-labelledby="jobs-title">
      <h2 id="jobs-title">Background{active > 0 ? ` (${active} running)` : ""}</h2>
      <p class="offers">{offers.map((offer) => <StartJob key={offer.label} offer={offer} />)}</p>
      {shown.length === 0 ? <p class="soft">Nothing was started yet. What runs here goes on when this page is closed.</p> : shown.map((job) => <JobLine key={job.id} job={job} />)}
      <p><a href="/jobs">All jobs</a></p>
    </section>
  );
}
