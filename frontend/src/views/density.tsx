/** How crowded the cells are against what their own IL-6 does: the prediction that tells a loop from a trait. */

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { busy, channels, follow } from "../answers.ts";
import { Chart, type Series } from "../chart.tsx";
import { Figure } from "../figure.tsx";
import { need, type Frame } from "../frame.ts";
import { NumberButton } from "../numbers.tsx";
import { axisOver, concentration, format } from "../scale.ts";
import { isMoved, part } from "../store.ts";

type Column = "fold" | "il6_ng_per_ml";

function series(frames: readonly (readonly [Frame | null, NonNullable<Series["role"]>])[], column: Column, label: string): Series[] {
  return frames.flatMap(([frame, role]) => {
    const found = frame?.arrays[column];
    if (!frame || !found) return [];
    return [{ key: column, label, x: need(frame, "density_per_ml").values, y: found.values, colour: column === "fold" ? 1 : 2, role, points: role === "present" }];
  });
}

function tableOf(frame: Frame) {
  const density = need(frame, "density_per_ml").values;
  const columns = (["fold", "il6_ng_per_ml", "ic50_nM"] as const).filter((name) => frame.arrays[name]);
  const heads = { fold: "Fold resistance", il6_ng_per_ml: "IL-6, ng/ml", ic50_nM: "IC50" };
  return {
    caption: "What the density of cells does",
    head: ["Cells per ml", ...columns.map((name) => heads[name])],
    rows: Array.from(density, (value, i) => [
      format(value),
      ...columns.map((name) => {
        const cell = frame.arrays[name]?.values[i];
        return name === "ic50_nM" ? concentration(cell) : format(cell);
      }),
    ]),
  };
}

interface At {
  readonly density_per_ml?: number;
  readonly fold?: number;
  readonly il6_ng_per_ml?: number;
}

function Here({ at }: { at: At }): JSX.Element {
  const about = { study: part.study.value, drug: part.drug.value };
  return (
    <p class="here">
      At <NumberButton label="Density" shown={`${format(at.density_per_ml)} cells/ml`} number="density" about={about} how="The density that the slider sets." />{" "}
      the medium holds <NumberButton label="IL-6 in the medium" shown={`${format(at.il6_ng_per_ml)} ng/ml`} number="il6" about={about} how="Simulated: what the cells secrete, less what they take up and what decays." />{" "}
      of IL-6 and the fold resistance is <NumberButton label="Fold resistance" shown={`${format(at.fold)}×`} number="density_fold" about={about} how="Simulated ratio of IC50 at this density." />.
    </p>
  );
}

export function DensityView({ compact = false }: { compact?: boolean }): JSX.Element {
  useEffect(() => follow("density"), []);
  const { present, baseline, compare } = channels.density;
  const frame = present.value;
  if (!frame) return <section class="figure waiting"><h2>Density</h2><p role="status">Simulating one well at each density …</p></section>;
  const ghost = isMoved.value ? baseline.value : null;
  const frames = [[ghost, "ghost"], [part.compare.value ? compare.value : null, "compare"], [frame, "present"]] as const;
  const x = axisOver("log", [need(frame, "density_per_ml").values]);
  const at = frame.header["at"] as At | undefined;
  const marks = at?.density_per_ml ? [{ x: at.density_per_ml, label: "this state" }] : [];
  const fold = series(frames, "fold", "fold resistance");
  const il6 = series(frames, "il6_ng_per_ml", "IL-6");
  const shared = { x, xLabel: "Cells per ml", xFormat: (value: number) => `${format(value)} cells/ml`, marks, height: compact ? 250 : 290 };
  return (
    <Figure title="Density" sentence={String(frame.header["sentence"] ?? "")} drawing="density-drawing" table={() => tableOf(frame)} waiting={busy.value.has("density")} compact={compact}>
      {at && <Here at={at} />}
      <Chart {...shared} id="density-drawing" title="Fold resistance against the density of cells" series={fold} y={axisOver("linear", fold.map((one) => one.y), [0])} yLabel="Fold resistance" yFormat={(value) => `${format(value)}×`} />
      {il6.length > 0 && (
        <Chart {...shared} id="density-il6-drawing" title="IL-6 in the medium against the density of cells" series={il6} y={axisOver("log", il6.map((one) => one.y))} yLabel="IL-6 in the medium, ng/ml" yFormat={(value) => `${format(value)} ng/ml`} />
      )}
    </Figure>
  );
}
