/** What stands around each drawing: a sentence, the table, and the files. */

import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";

import { Away, Refused } from "./api.ts";
import { saveCanvas, saveFromServer, savePng, saveSvg, SERVER_FILES } from "./exports.ts";
import { part, spoken, state } from "./store.ts";

export interface Table {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Rows are made only when somebody opens the table, so that a moving slider need not write them. */
export function DataTable({ table }: { table: () => Table }): JSX.Element {
  const [open, setOpen] = useState(false);
  const made = open ? table() : null;
  return (
    <details class="table" onToggle={(event) => { setOpen(event.currentTarget.open); }}>
      <summary>Table of this drawing</summary>
      {made && (
        <div class="scroll" role="region" aria-label={made.caption} tabIndex={0}>
          <table>
            <caption>{made.caption}</caption>
            <thead><tr>{made.head.map((cell) => <th key={cell} scope="col">{cell}</th>)}</tr></thead>
            <tbody>
              {made.rows.map((cells, i) => (
                <tr key={i}>{cells.map((cell, j) => (j === 0 ? <th key={j} scope="row">{cell}</th> : <td key={j}>{cell}</td>))}</tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}

function Files({ drawing }: { drawing: string }): JSX.Element {
  const [wrong, setWrong] = useState("");
  const run = (what: () => Promise<void> | void, name: string) => () => {
    setWrong("");
    Promise.resolve(what()).then(
      () => { spoken.value = `${name} saved.`; },
      (error: unknown) => {
        if (!(error instanceof Away || error instanceof Refused)) throw error;
        setWrong(`${error.message} ${error instanceof Refused ? error.hint : ""}`);
      },
    );
  };
  const element = () => document.getElementById(drawing);
  const name = `${part.study.value}-${part.view.value}`;
  const svg = () => {
    const found = element();
    if (found instanceof SVGSVGElement) saveSvg(found, name);
  };
  const png = async () => {
    const found = element();
    if (found instanceof SVGSVGElement) await savePng(found, name);
    if (found instanceof HTMLCanvasElement) await saveCanvas(found, name);
  };
  return (
    <div class="files" role="group" aria-label="Save">
      <span class="soft">Save</span>
      <button type="button" onClick={run(png, "PNG")}>PNG</button>
      {!drawing.startsWith("tumour") && <button type="button" onClick={run(svg, "SVG")}>SVG</button>}
      {SERVER_FILES.map(([kind, label, ending]) => (
        <button key={kind} type="button" onClick={run(() => saveFromServer(kind, ending, state.value), label)}>{label}</button>
      ))}
      <span class="wrong" role="alert">{wrong}</span>
    </div>
  );
}

export interface FigureProps {
  readonly title: string;
  readonly sentence: string;
  readonly drawing: string;
  readonly table: () => Table;
  readonly waiting: boolean;
  readonly compact?: boolean;
  readonly children: ComponentChildren;
}

export function Figure({ title, sentence, drawing, table, waiting, compact, children }: FigureProps): JSX.Element {
  return (
    <section class={`figure${waiting ? " waiting" : ""}`} aria-labelledby={`${drawing}-heading`}>
      <h2 id={`${drawing}-heading`}>{title}</h2>
      <p class="sentence">{sentence}</p>
      {children}
      <DataTable table={table} />
      {!compact && <Files drawing={drawing} />}
    </section>
  );
}
