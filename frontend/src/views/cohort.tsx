/** Virtual patients: time to event in two groups, who is still at risk, and the hazard ratio. */

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { busy, channels, follow } from "../answers.ts";
import { Chart, colour, type Series } from "../chart.tsx";
import { Figure } from "../figure.tsx";
import type { Frame, Numbers } from "../frame.ts";
import { NumberButton } from "../numbers.tsx";
import { across, type Plane } from "../paths.ts";
import { axisOver, format } from "../scale.ts";
import { isMoved, part } from "../store.ts";

interface Group {
  readonly label: string;
  readonly n: number;
  readonly events?: number | null;
  readonly median?: number | null;
}

interface Ratio {
  readonly value: number | null;
  readonly lower?: number | null;
  readonly upper?: number | null;
}

const groupsOf = (frame: Frame) => (frame.header["groups"] ?? []) as readonly Group[];
const NOTHING: Numbers = new Float64Array(0);
const valuesOf = (frame: Frame, name: string): Numbers => frame.arrays[name]?.values ?? NOTHING;

function seriesOf(frame: Frame, role: NonNullable<Series["role"]>): Series[] {
  return groupsOf(frame).map((group, i) => ({
    key: group.label,
    label: group.label,
    x: valuesOf(frame, `time_${i}`),
    y: valuesOf(frame, `survival_${i}`),
    lower: frame.arrays[`lower_${i}`]?.values,
    upper: frame.arrays[`upper_${i}`]?.values,
    colour: i + 1,
    role,
    stepped: true,
  }));
}

function AtRisk({ frame, plane }: { frame: Frame; plane: Plane }): JSX.Element {
  const times = [...valuesOf(frame, "at_risk_time")];
  const top = plane.top + plane.height + 70;
  // Where the numbers would touch one another every second one is left out; the table has all.
  const every = Math.ceil((times.length * 34) / plane.width);
  return (
    <g font-size="11.5" fill="var(--ink)">
      <text x={plane.left} y={top} font-weight="600">At risk</text>
      {groupsOf(frame).map((group, i) => (
        <g key={group.label}>
          <path d={`M${plane.left - 40} ${top + 14 + 18 * i}h16`} stroke={colour(i + 1)} stroke-width="2.4" />
          {times.map((time, j) => j % every === 0 && (
            <text key={j} x={across(plane, time)} y={top + 18 + 18 * i} text-anchor="middle">{format(valuesOf(frame, `at_risk_${i}`)[j])}</text>
          ))}
        </g>
      ))}
    </g>
  );
}

function tableOf(frame: Frame) {
  const groups = groupsOf(frame);
  const times = [...valuesOf(frame, "at_risk_time")];
  const at = (i: number, time: number) => {
    const steps = valuesOf(frame, `time_${i}`);
    let found = 1;
    for (let j = 0; j < steps.length && (steps[j] as number) <= time; j++) found = valuesOf(frame, `survival_${i}`)[j] as number;
    return found;
  };
  return {
    caption: "Share without event, and patients at risk",
    head: ["Time", ...groups.flatMap(({ label }) => [`${label}: share`, `${label}: at risk`])],
    rows: times.map((time, j) => [
      `${format(time)} ${String(frame.header["time_unit"] ?? "months")}`,
      ...groups.flatMap((_, i) => [format(at(i, time)), format(valuesOf(frame, `at_risk_${i}`)[j])]),
    ]),
  };
}

function Findings({ frame }: { frame: Frame }): JSX.Element {
  const about = { study: part.study.value };
  const unit = String(frame.header["time_unit"] ?? "months");
  const ratio = frame.header["hazard_ratio"] as Ratio | undefined;
  const shown = ratio?.value == null ? "not estimable" : `${format(ratio.value)} (${format(ratio.lower)} – ${format(ratio.upper)})`;
  return (
    <dl class="facts">
      <dt>Hazard ratio</dt>
      <dd><NumberButton label="Hazard ratio" shown={shown} number="hazard_ratio" about={about} how="Cox model of virtual patients, with its 95 % interval." /></dd>
      {groupsOf(frame).map((group) => (
        <>
          <dt>{group.label}</dt>
          <dd>
            {format(group.n)} patients{group.events == null ? "" : `, ${format(group.events)} events`}, median{" "}
            <NumberButton label={`Median time, ${group.label}`} shown={group.median == null ? "not reached" : `${format(group.median)} ${unit}`} number="median_survival" about={about} how="Time at which the Kaplan–Meier curve of this group falls to one half." />
          </dd>
        </>
      ))}
    </dl>
  );
}

export function CohortView(): JSX.Element {
  useEffect(() => follow("cohort"), []);
  const { present, baseline } = channels.cohort;
  const frame = present.value;
  if (!frame) return <section class="figure waiting"><h2>Cohort</h2><p role="status">Simulating virtual patients …</p></section>;
  const ghost = isMoved.value ? baseline.value : null;
  const series = [...(ghost ? seriesOf(ghost, "ghost") : []), ...seriesOf(frame, "present")];
  const unit = String(frame.header["time_unit"] ?? "months");
  const notice = String(frame.header["notice"] ?? "Virtual patients: for research only, not for decisions about any person.");
  return (
    <Figure title="Cohort" sentence={String(frame.header["sentence"] ?? "")} drawing="cohort-drawing" table={() => tableOf(frame)} waiting={busy.value.has("cohort")}>
      <p class="notice">{notice}</p>
      <Findings frame={frame} />
      <Chart
        id="cohort-drawing"
        title="Share of patients without event against time, by group"
        series={series}
        x={{ ...axisOver("linear", series.map((one) => one.x)), minimum: 0 }}
        y={{ kind: "linear", minimum: 0, maximum: 1.02 }}
        xLabel={`Time, ${unit}`}
        yLabel="Share without event"
        xFormat={(value) => `${format(value)} ${unit}`}
        yFormat={(value) => `${format(100 * value)} %`}
        below={{ height: 34 + 18 * groupsOf(frame).length, draw: (plane) => <AtRisk frame={frame} plane={plane} /> }}
      />
    </Figure>
  );
}
