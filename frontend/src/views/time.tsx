/** What happens in one well over time: a small drawing for each molecule, and the map at one moment. */

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { busy, channels, follow } from "../answers.ts";
import { Chart, type Series } from "../chart.tsx";
import { Figure } from "../figure.tsx";
import { need, row, type Frame, type Numbers } from "../frame.ts";
import { NumberButton } from "../numbers.tsx";
import { axisOver, concentration, format } from "../scale.ts";
import { commit, isMoved, part, preview, study } from "../store.ts";
import { defaultOf, type Named } from "../study.ts";
import { Pathway, type Edge, type Level, type Node } from "./pathway.tsx";

interface Species {
  readonly key: string;
  readonly label: string;
  readonly unit: string;
  readonly node?: string | null;
}

interface Said extends Omit<Species, "key"> {
  readonly name: string;
}

const speciesOf = (frame: Frame): readonly Species[] =>
  ((frame.header["species"] ?? []) as readonly Said[]).map((one) => ({ ...one, key: one.name }));

function indexAt(times: Numbers, time: number | null): number {
  if (time === null) return Math.max(0, times.length - 1);
  let found = 0;
  for (let i = 1; i < times.length; i++)
    if (Math.abs((times[i] as number) - time) < Math.abs((times[found] as number) - time)) found = i;
  return found;
}

function courses(frame: Frame, key: string, role: NonNullable<Series["role"]>): Series[] {
  const index = speciesOf(frame).findIndex((one) => one.key === key);
  if (index < 0) return [];
  return [{ key, label: key, x: need(frame, "times_h").values, y: row(need(frame, "values"), index), colour: 1, role }];
}

/** A longer unit does not fit into a node of the map; the panel below has it. */
const LONGEST_UNIT = 13;

function levelsOf(frame: Frame, at: number): Map<string, Level> {
  const levels = new Map<string, Level>();
  speciesOf(frame).forEach((one, i) => {
    const course = row(need(frame, "values"), i);
    const highest = Math.max(...course);
    const value = course[at] ?? NaN;
    if (one.node) levels.set(one.node, { share: highest > 0 ? value / highest : 0, text: `${format(value)} ${one.unit === "1" || one.unit.length > LONGEST_UNIT ? "" : one.unit}` });
  });
  return levels;
}

function tableOf(frame: Frame) {
  const times = need(frame, "times_h").values;
  const species = speciesOf(frame);
  const every = Math.max(1, Math.ceil(times.length / 40));
  const chosen = Array.from(times, (_, i) => i).filter((i) => i % every === 0 || i === times.length - 1);
  return {
    caption: "Level of each molecule over time",
    head: ["Time, h", ...species.map((one) => `${one.label}, ${one.unit}`)],
    rows: chosen.map((i) => [format(times[i]), ...species.map((_, s) => format(row(need(frame, "values"), s)[i]))]),
  };
}

function Choice({ label, list, now, set }: { label: string; list: readonly Named[]; now: string; set: (key: string) => void }): JSX.Element | null {
  if (list.length === 0) return null;
  return (
    <label class="choice">
      {label}
      <select value={now} onChange={(event) => { set(event.currentTarget.value); }}>
        {list.map((one) => <option key={one.key} value={one.key} selected={one.key === now}>{one.label}</option>)}
      </select>
    </label>
  );
}

function Well({ frame }: { frame: Frame }): JSX.Element | null {
  const opened = study.value;
  if (!opened) return null;
  const line = part.line.value; const arm = part.arm.value; const dose_nM = part.dose_nM.value;
  const said = (what: "line" | "arm") => {
    const found = frame.header[what];
    return typeof found === "string" ? found : defaultOf(opened, what);
  };
  const dose = dose_nM ?? (typeof frame.header["dose_nM"] === "number" ? frame.header["dose_nM"] : null);
  const doses = [...new Set([0, ...(opened.doses_nM[part.drug.value] ?? []), ...(dose === null ? [] : [dose])])].sort((a, b) => a - b);
  return (
    <div class="choices">
      <Choice label="Cells" list={opened.lines} now={line || said("line")} set={(key) => { commit({ line: key }); }} />
      <Choice label="Arm" list={opened.arms} now={arm || said("arm")} set={(key) => { commit({ arm: key }); }} />
      <Choice label="Dose" list={doses.map((one) => ({ key: String(one), label: concentration(one) }))} now={String(dose ?? "")} set={(key) => { commit({ dose_nM: Number(key) }); }} />
    </div>
  );
}

function Scrubber({ times, at }: { times: Numbers; at: number }): JSX.Element {
  const set = (text: string) => ({ time_h: Number((times[Number(text)] ?? 0).toPrecision(5)) });
  const now = `${format(times[at])} h`;
  return (
    <label class="scrubber">
      Time shown <b>{now}</b>
      <input
        type="range" min={0} max={Math.max(0, times.length - 1)} step={1} value={at} aria-valuetext={now}
        onInput={(event) => { preview(set(event.currentTarget.value)); }}
        onChange={(event) => { commit(set(event.currentTarget.value), "time"); }}
      />
    </label>
  );
}

function Panel({ frame, ghost, kept, one, at }: { frame: Frame; ghost: Frame | null; kept: Frame | null; one: Species; at: number }): JSX.Element {
  const series = [
    ...(ghost ? courses(ghost, one.key, "ghost") : []),
    ...(kept ? courses(kept, one.key, "compare") : []),
    ...courses(frame, one.key, "present"),
  ];
  const times = need(frame, "times_h").values;
  const value = series.at(-1)?.y[at];
  const about = { study: part.study.value, drug: part.drug.value, line: part.line.value, arm: part.arm.value, species: one.key };
  const unit = one.unit === "1" ? "" : one.unit;
  return (
    <li>
      <h3>{one.label}</h3>
      <NumberButton label={`${one.label} at ${format(times[at])} h`} shown={`${format(value)} ${unit}`} number="level" about={about} how={`Simulated level at ${format(times[at])} h in the well chosen above.`} />
      <Chart
        small
        id={`time-${one.key.replace(/\W/g, "-")}`}
        title={`${one.label} over time`}
        series={series}
        x={axisOver("linear", [times], [0])}
        y={axisOver("linear", series.map((each) => each.y), [0])}
        xLabel="Time, h"
        yLabel={unit}
        xFormat={(each) => `${format(each)} h`}
        yFormat={(each) => `${format(each)} ${unit}`}
        marks={[{ x: times[at] ?? 0, label: "" }]}
        onPick={(each) => { commit({ time_h: Number(each.toPrecision(3)) }, "time"); }}
        height={130}
      />
    </li>
  );
}

export function TimeView({ compact = false }: { compact?: boolean }): JSX.Element {
  useEffect(() => follow("time-courses"), []);
  const { present, baseline, compare } = channels["time-courses"];
  const frame = present.value;
  if (!frame) return <section class="figure waiting"><h2>Time courses</h2><p role="status">Simulating one well …</p></section>;
  const ghost = isMoved.value ? baseline.value : null;
  const kept = part.compare.value ? compare.value : null;
  const times = need(frame, "times_h").values;
  const at = indexAt(times, part.time_h.value);
  const nodes = (frame.header["nodes"] ?? []) as readonly Node[];
  return (
    <Figure title="Time courses" sentence={String(frame.header["sentence"] ?? "")} drawing="pathway-drawing" table={() => tableOf(frame)} waiting={busy.value.has("time-courses")} compact={compact}>
      <Well frame={frame} />
      <Scrubber times={times} at={at} />
      {nodes.length > 0 && !compact && <Pathway id="pathway-drawing" nodes={nodes} edges={(frame.header["edges"] ?? []) as readonly Edge[]} levels={levelsOf(frame, at)} />}
      <ul class="panels">
        {speciesOf(frame).map((one) => <Panel key={one.key} frame={frame} ghost={ghost} kept={kept} one={one} at={at} />)}
      </ul>
    </Figure>
  );
}
