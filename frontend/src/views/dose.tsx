/** Dose against viability, with the band of the parameters, the ghost of the baseline, and the IC50 of each curve. */

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { busy, channels, follow } from "../answers.ts";
import { Chart, type Series } from "../chart.tsx";
import { Figure } from "../figure.tsx";
import { need, row, type Frame } from "../frame.ts";
import { NumberButton } from "../numbers.tsx";
import { axisOver, concentration, format, type Axis } from "../scale.ts";
import { commit, isMoved, part, study } from "../store.ts";
import { labelOf } from "../study.ts";

interface Fitted {
  readonly line: string;
  readonly arm: string;
  readonly label?: string;
  readonly ic50_nM: number | null;
  readonly lower_nM?: number | null;
  readonly upper_nM?: number | null;
  readonly fold?: number | null;
  readonly bound?: "above" | "below" | null;
}

const curvesOf = (frame: Frame) => (frame.header["curves"] ?? []) as readonly Fitted[];
const VIABILITY: Axis = { kind: "linear", minimum: 0, maximum: 1.1 };

function nameOf(curve: Fitted): string {
  if (curve.label) return curve.label.replaceAll("_", " ");
  const opened = study.value;
  return opened ? `${labelOf(opened.lines, curve.line)}, ${labelOf(opened.arms, curve.arm)}` : `${curve.line}, ${curve.arm}`;
}

/** Lines of cells by colour, arms by pattern: either can be told without the other. */
function seriesOf(frame: Frame, role: NonNullable<Series["role"]>, band: Frame | null = null): Series[] {
  const doses = need(frame, "doses_nM").values;
  const viability = need(frame, "viability");
  const { lower, upper } = band?.arrays ?? {};
  const curves = curvesOf(frame);
  const lines = [...new Set(curves.map((one) => one.line))];
  const arms = [...new Set(curves.map((one) => one.arm))];
  return curves.map((curve, i) => ({
    key: `${curve.line}/${curve.arm}`,
    label: nameOf(curve),
    x: doses,
    y: row(viability, i),
    lower: lower && row(lower, i),
    upper: upper && row(upper, i),
    colour: lines.indexOf(curve.line) + 1,
    pattern: arms.indexOf(curve.arm),
    role,
    points: role === "present",
  }));
}

function ic50Text(curve: Fitted | undefined): string {
  if (!curve || curve.ic50_nM === null) return "not reached";
  const sign = curve.bound === "above" ? "> " : curve.bound === "below" ? "< " : "";
  return sign + concentration(curve.ic50_nM);
}

const aboutOf = (curve: Fitted) => ({ study: part.study.value, drug: part.drug.value, line: curve.line, arm: curve.arm });

function Ic50({ curve }: { curve: Fitted }): JSX.Element {
  const how = "Dose at which the simulated viability is half of that without the drug.";
  return <NumberButton label={`IC50 of ${nameOf(curve)}`} shown={ic50Text(curve)} number="ic50" about={aboutOf(curve)} how={how} />;
}

function Fold({ curve }: { curve: Fitted }): JSX.Element {
  const sign = curve.bound === "above" ? "> " : curve.bound === "below" ? "< " : "";
  const how = "Ratio of the IC50 to that of the line that the study compares with.";
  return <NumberButton label={`Fold resistance of ${nameOf(curve)}`} shown={`${sign}${format(curve.fold)}×`} number="fold" about={aboutOf(curve)} how={how} />;
}

function interval(curve: Fitted): string {
  const { lower_nM: lower, upper_nM: upper } = curve;
  return lower == null || upper == null ? "–" : `${concentration(lower)} – ${concentration(upper)}`;
}

function Ic50Table({ present, baseline, compare }: { present: Frame; baseline: Frame | null; compare: Frame | null }): JSX.Element {
  const same = (frame: Frame, curve: Fitted) => curvesOf(frame).find((one) => one.line === curve.line && one.arm === curve.arm);
  return (
    <div class="scroll" role="region" aria-label="IC50 of each curve" tabIndex={0}>
      <table class="results">
        <caption>Dose that halves viability</caption>
        <thead>
          <tr>
            <th scope="col">Cells</th>
            <th scope="col">IC50</th>
            <th scope="col">Interval</th>
            <th scope="col">Fold</th>
            {baseline && <th scope="col">At default</th>}
            {compare && <th scope="col">In A</th>}
          </tr>
        </thead>
        <tbody>
          {curvesOf(present).map((curve) => (
            <tr key={`${curve.line}/${curve.arm}`}>
              <th scope="row">{nameOf(curve)}</th>
              <td><Ic50 curve={curve} /></td>
              <td class="soft">{interval(curve)}</td>
              <td>{curve.fold == null ? "–" : <Fold curve={curve} />}</td>
              {baseline && <td class="soft">{ic50Text(same(baseline, curve))}</td>}
              {compare && <td>{ic50Text(same(compare, curve))}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function tableOf(present: Frame) {
  const doses = [...need(present, "doses_nM").values];
  const viability = need(present, "viability");
  const curves = curvesOf(present);
  return {
    caption: "Viability at each dose, 1 without the drug",
    head: ["Dose", ...curves.map(nameOf)],
    rows: doses.map((dose, i) => [concentration(dose), ...curves.map((_, c) => format(row(viability, c)[i]))]),
  };
}

function pick(x: number): void {
  const doses = study.value?.doses_nM[part.drug.value] ?? [];
  const nearest = doses.filter((dose) => dose > 0).sort((a, b) => Math.abs(Math.log(a / x)) - Math.abs(Math.log(b / x)))[0];
  commit({ dose_nM: nearest ?? Number(x.toPrecision(3)) }, "dose");
}

export function DoseView({ compact = false }: { compact?: boolean }): JSX.Element {
  useEffect(() => follow("dose-response"), []);
  const { present, baseline, compare, band } = channels["dose-response"];
  const frame = present.value;
  if (!frame) return <section class="figure waiting"><h2>Dose–response</h2><p role="status">Simulating the plate …</p></section>;
  const ghost = isMoved.value ? baseline.value : null;
  const kept = part.compare.value ? compare.value : null;
  const banded = band.value;
  const series = [...(ghost ? seriesOf(ghost, "ghost") : []), ...(kept ? seriesOf(kept, "compare") : []), ...seriesOf(frame, "present", banded)];
  const doses = need(frame, "doses_nM").values.filter((dose) => dose > 0);
  const drug = study.value ? labelOf(study.value.drugs, part.drug.value) : part.drug.value;
  const dose = part.dose_nM.value;
  return (
    <Figure
      title="Dose–response"
      sentence={String(frame.header["sentence"] ?? "")}
      drawing="dose-drawing"
      table={() => tableOf(frame)}
      waiting={busy.value.has("dose-response")}
      compact={compact}
    >
      <Chart
        id="dose-drawing"
        title={`Viability of each line against the dose of ${drug}`}
        series={series}
        x={axisOver("log", [doses])}
        y={VIABILITY}
        xLabel={`${drug}, nM`}
        yLabel="Viability, 1 without drug"
        xFormat={concentration}
        yFormat={(value) => format(value)}
        level={0.5}
        marks={dose === null ? [] : [{ x: dose, label: `time courses at ${concentration(dose)}` }]}
        onPick={pick}
        height={compact ? 320 : 430}
      />
      {banded && <p class="key">Bands: {String(banded.header["draws"] ?? "several")} draws of the parameters that agree with the baseline.</p>}
      {ghost && <p class="key"><span class="swatch-ghost" aria-hidden="true" /> thin grey: every slider at its default</p>}
      <Ic50Table present={banded ?? frame} baseline={ghost} compare={kept} />
    </Figure>
  );
}
