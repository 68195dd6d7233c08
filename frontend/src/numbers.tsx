/** Every number is a button: it opens what the number is, where it comes from, and what is held against it. */

import { signal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { Away, get, Refused } from "./api.ts";
import { jobs, JobLine, startJob } from "./jobs.tsx";
import { format } from "./scale.ts";
import { commit, state, withValue } from "./store.ts";
import type { Basis, Slider } from "./study.ts";

interface Claim {
  readonly key: string;
  readonly statement?: string;
  readonly stance?: string;
  readonly verdict?: string;
}

interface Evidence {
  readonly label?: string;
  readonly value?: number | string | null;
  readonly unit?: string | null;
  readonly basis?: string | null;
  readonly fitted?: boolean;
  readonly range?: readonly [number | null, number | null] | null;
  readonly record?: { readonly key: string; readonly citation: string; readonly href: string } | null;
  readonly claims?: readonly Claim[];
  readonly note?: string | null;
  readonly can_check?: boolean;
  readonly href?: string | null;
}

export interface Asked {
  readonly label: string;
  readonly shown: string;
  /** The key that the server knows the number by, with what it is about; none for a number it does not know. */
  readonly number: string | null;
  readonly about?: Readonly<Record<string, string>>;
  /** How this page came by the number, in one sentence. */
  readonly how?: string;
  readonly slider?: Slider;
}

export const asked = signal<Asked | null>(null);

const BASIS: Readonly<Record<string, string>> = {
  read: "read in a publication",
  derived: "computed from numbers that were read",
  recalled: "recalled, not looked up: a wide range is kept",
  chosen: "chosen by us; no source",
  fitted: "fitted to findings, so those findings cannot count as reproduced",
  simulated: "simulated for the state on the screen",
};

export function BasisBadge({ basis }: { basis: Basis | string }): JSX.Element {
  return <span class={`basis basis-${/^\w+$/.test(basis) ? basis : "chosen"}`}>{basis}</span>;
}

/** Return an address of this server, or the notice that stands before any other. */
export function through(href: string): string {
  return /^\/(?!\/)/.test(href) ? href : `/leave?to=${encodeURIComponent(href)}`;
}

export function NumberButton({ children, ...about }: Asked & { children?: ComponentChildren }): JSX.Element {
  return (
    <button
      type="button"
      class="number"
      aria-haspopup="dialog"
      onClick={() => {
        asked.value = about;
      }}
    >
      <span class="unseen">{about.label}: </span>
      {children ?? about.shown}
    </button>
  );
}

function Exact({ slider }: { slider: Slider }): JSX.Element {
  const [wrong, setWrong] = useState("");
  const now = state.value.values[slider.key] ?? slider.default;
  const set = (text: string) => {
    const value = Number(text.trim().replace(",", "."));
    if (text.trim() === "" || !(value >= slider.minimum && value <= slider.maximum)) {
      setWrong(`Must be from ${format(slider.minimum)} to ${format(slider.maximum)} ${slider.unit}.`);
      return;
    }
    setWrong("");
    commit(withValue(slider.key, value));
  };
  return (
    <form
      class="exact"
      onSubmit={(event) => {
        event.preventDefault();
        set(String(new FormData(event.currentTarget).get("value") ?? ""));
      }}
    >
      <label>
        Set exactly ({slider.unit === "1" ? "no unit" : slider.unit})
        <input name="value" inputMode="decimal" autocomplete="off" defaultValue={String(now)} key={now} aria-invalid={wrong !== ""} />
      </label>
      <button type="submit">Set</button>
      <button type="button" onClick={() => { setWrong(""); commit(withValue(slider.key, slider.default)); }}>
        Default {format(slider.default)}
      </button>
      <p class="wrong" role="alert">{wrong}</p>
    </form>
  );
}

function Claims({ claims }: { claims: readonly Claim[] }): JSX.Element {
  return (
    <ul class="claims">
      {claims.map((claim) => (
        <li key={claim.key}>
          <a href={`/library/claims/${encodeURIComponent(claim.key)}`}>{claim.statement ?? claim.key}</a>{" "}
          {claim.stance && <span class="stance">{claim.stance}</span>}{" "}
          <span class={`verdict ${/^[A-Z_]+$/.test(claim.verdict ?? "") ? claim.verdict : "NOT_ASKED"}`}>
            {(claim.verdict ?? "not checked").replaceAll("_", " ").toLowerCase()}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Check({ claims }: { claims: readonly Claim[] }): JSX.Element {
  const [id, setId] = useState("");
  const [wrong, setWrong] = useState("");
  const first = claims[0];
  const job = jobs.value.find((one) => one.id === id);
  if (!first) return <p class="soft">No claim rests on this number yet, so there is nothing to check.</p>;
  return (
    <div>
      <button
        type="button"
        disabled={job !== undefined && !job.ended}
        onClick={() => {
          setWrong("");
          startJob("claim", { claim: first.key }).then(setId, (error: unknown) => {
            setWrong(error instanceof Error ? error.message : "This could not be started.");
          });
        }}
      >
        Check this now
      </button>
      {job && <JobLine job={job} />}
      <p class="wrong" role="alert">{wrong}</p>
    </div>
  );
}

function Facts({ asked, known }: { asked: Asked; known: Evidence }): JSX.Element {
  const basis = known.basis ?? asked.slider?.basis ?? "simulated";
  const [low, high] = known.range ?? [asked.slider?.minimum ?? null, asked.slider?.maximum ?? null];
  const fitted = known.fitted ?? basis === "fitted";
  const claims = known.claims ?? [];
  return (
    <>
      <dl>
        {asked.slider && (
          <>
            <dt>Default</dt>
            <dd>{format(asked.slider.default)} {asked.slider.unit}</dd>
          </>
        )}
        <dt>Basis</dt>
        <dd><BasisBadge basis={basis} /> {BASIS[basis] ?? ""}</dd>
        {(low !== null || high !== null) && (
          <>
            <dt>Range</dt>
            <dd>{format(low)} to {format(high)} {known.unit ?? asked.slider?.unit ?? ""}</dd>
          </>
        )}
        <dt>Fitted</dt>
        <dd>{fitted ? "Yes: it was moved until fitted findings agreed" : "No"}</dd>
        <dt>Record</dt>
        <dd>
          {known.record ? <a href={through(known.record.href)}>{known.record.citation}</a> : <span class="soft">No record holds this number.</span>}
        </dd>
        <dt>Verdict</dt>
        <dd>{claims.length > 0 ? <Claims claims={claims} /> : <span class="soft">No claim is about this number.</span>}</dd>
        {known.note && <><dt>Note</dt><dd>{known.note}</dd></>}
      </dl>
      {known.can_check !== false && <Check key={asked.number ?? ""} claims={claims} />}
      {known.href && <p><a href={through(known.href)}>All evidence for and against</a></p>}
    </>
  );
}

function useEvidence(about: Asked | null): { known: Evidence | null; note: string } {
  const [found, setFound] = useState<{ for: Asked | null; known: Evidence | null; note: string }>({ for: null, known: null, note: "" });
  useEffect(() => {
    if (!about) return;
    if (!about.number) {
      setFound({ for: about, known: {}, note: "" });
      return;
    }
    const query = new URLSearchParams(Object.entries(about.about ?? {}).filter(([, value]) => value !== "")).toString();
    get<Evidence>(`numbers/${encodeURIComponent(about.number)}${query ? `?${query}` : ""}`).then(
      (known) => { setFound({ for: about, known, note: "" }); },
      (error: unknown) => {
        const none = error instanceof Refused && error.status === 404;
        const note = none ? "" : error instanceof Away || error instanceof Refused ? error.message : "The evidence could not be read.";
        setFound({ for: about, known: {}, note });
      },
    );
  }, [about]);
  return found.for === about ? found : { known: null, note: "" };
}

export function NumberDialog(): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const about = asked.value;
  const { known, note } = useEvidence(about);
  useEffect(() => {
    if (about && !dialog.current?.open) dialog.current?.showModal();
  }, [about]);
  const slider = about?.slider;
  const value = slider ? state.value.values[slider.key] ?? slider.default : null;
  return (
    <dialog
      ref={dialog}
      class="evidence"
      aria-labelledby="number-title"
      onClose={() => { asked.value = null; }}
      onClick={(event) => {
        if (event.target === dialog.current) dialog.current?.close();
      }}
    >
      {about && (
        <div class="inside">
          <h2 id="number-title">{known?.label ?? about.label}</h2>
          <p class="value">
            {slider ? <>{format(value, 4)} <small>{slider.unit === "1" ? "" : slider.unit}</small></> : about.shown}
          </p>
          {about.how && <p class="soft">{about.how}</p>}
          {slider && <Exact slider={slider} />}
          {note && <p class="wrong" role="alert">{note}</p>}
          {known ? <Facts asked={about} known={known} /> : <p class="soft" role="status">Looking up the evidence …</p>}
          <p class="close"><button type="button" onClick={() => dialog.current?.close()}>Close</button></p>
        </div>
      )}
    </dialog>
  );
}
