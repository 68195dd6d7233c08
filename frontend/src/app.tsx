/** The experiment page: controls on the left, one of the views on the right, one state behind both. */

import type { ComponentType, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { Compare } from "./compare.tsx";
import { Controls } from "./controls.tsx";
import { JobsPanel, type Offer } from "./jobs.tsx";
import { NumberDialog } from "./numbers.tsx";
import { VIEWS, type View } from "./state.ts";
import { canRedo, canUndo, commit, keepAsA, part, redo, spoken, study, trouble, undo } from "./store.ts";
import { UploadsPanel } from "./uploads.tsx";
import { CohortView } from "./views/cohort.tsx";
import { DensityView } from "./views/density.tsx";
import { DoseView } from "./views/dose.tsx";
import { TimeView } from "./views/time.tsx";

const NAMES: Readonly<Record<View, string>> = {
  overview: "Overview",
  "dose-response": "Dose–response",
  "time-courses": "Time courses",
  density: "Density",
  tumour: "Tumour",
  cohort: "Cohort",
};

/** The part with the cells in space comes only when it is looked at. */
function LazyTumour(): JSX.Element {
  const [part, setPart] = useState<{ View: ComponentType } | null>(null);
  const [wrong, setWrong] = useState("");
  useEffect(() => {
    import("./tumour/view.tsx").then(
      (found) => { setPart({ View: found.default }); },
      () => { setWrong("This part of the page could not be loaded; is the server still running?"); },
    );
  }, []);
  if (wrong) return <p class="wrong" role="alert">{wrong}</p>;
  return part ? <part.View /> : <p role="status">Loading the view in space …</p>;
}

function Overview(): JSX.Element {
  return (
    <div class="overview">
      <DoseView compact />
      <DensityView compact />
      <TimeView compact />
    </div>
  );
}

function Shown({ view }: { view: View }): JSX.Element {
  switch (view) {
    case "overview":
      return <Overview />;
    case "dose-response":
      return <DoseView />;
    case "time-courses":
      return <TimeView />;
    case "density":
      return <DensityView />;
    case "tumour":
      return <LazyTumour />;
    case "cohort":
      return <CohortView />;
  }
}

function Tabs(): JSX.Element {
  const list = useRef<HTMLDivElement>(null);
  const view = part.view.value;
  const go = (to: View) => { commit({ view: to }); };
  const key = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const index = event.key === "Home" ? 0 : event.key === "End" ? VIEWS.length - 1 : step ? (VIEWS.indexOf(view) + step + VIEWS.length) % VIEWS.length : -1;
    const to = VIEWS[index];
    if (!to) return;
    event.preventDefault();
    go(to);
    list.current?.querySelector<HTMLElement>(`#tab-${to}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label="Views of this state" ref={list} onKeyDown={key}>
      {VIEWS.map((one) => (
        <button key={one} type="button" role="tab" id={`tab-${one}`} aria-selected={one === view} aria-controls="view" tabIndex={one === view ? 0 : -1} onClick={() => { go(one); }}>
          {NAMES[one]}
        </button>
      ))}
    </div>
  );
}

function Toolbar(): JSX.Element {
  return (
    <div class="toolbar" role="group" aria-label="State">
      <button type="button" disabled={!canUndo.value} onClick={undo} title="Ctrl+Z">Undo</button>
      <button type="button" disabled={!canRedo.value} onClick={redo} title="Ctrl+Shift+Z">Redo</button>
      <button type="button" onClick={keepAsA}>{part.compare.value ? "Keep this as A instead" : "Keep as A, go on as B"}</button>
    </div>
  );
}

function useKeys(): void {
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement | null;
      const typing = target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && target.type !== "range");
      if (typing || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
      event.preventDefault();
      if (event.shiftKey) redo();
      else undo();
    };
    addEventListener("keydown", key);
    return () => { removeEventListener("keydown", key); };
  }, []);
}

function Trouble(): JSX.Element {
  const now = trouble.value;
  return (
    <div role="alert" class="trouble-place">
      {now && <div class={`trouble${now.away ? " away" : ""}`}><strong>{now.message}</strong> {now.hint}</div>}
    </div>
  );
}

function offers(): Offer[] {
  const key = part.study.value;
  return [
    { kind: "study", label: "Run the whole study", options: { study: key } },
    { kind: "trial", label: "Trial of virtual patients", options: {} },
  ];
}

export function App(): JSX.Element {
  useKeys();
  const opened = study.value;
  return (
    <div class="lab">
      <div class="top">
        <div>
          <h1>Experiment</h1>
          <p class="soft">{opened ? opened.title : "Opening …"}</p>
        </div>
        <Toolbar />
      </div>
      <Trouble />
      <div class="columns">
        <div class="side">
          <Controls />
        </div>
        <div class="stage">
          <Tabs />
          <div id="view" role="tabpanel" aria-labelledby={`tab-${part.view.value}`} tabIndex={-1}>
            <Compare />
            {opened && <Shown view={part.view.value} />}
          </div>
        </div>
        <div class="side side-low">
          <JobsPanel offers={offers()} />
          <UploadsPanel />
        </div>
      </div>
      <NumberDialog />
      <p class="unseen" role="status" aria-live="polite">{spoken.value}</p>
    </div>
  );
}
