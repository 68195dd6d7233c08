/** Lines and areas of a chart as SVG paths. */

import { position, type Axis } from "./scale.ts";

export interface Plane {
  readonly x: Axis;
  readonly y: Axis;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export function across(plane: Plane, value: number): number {
  return plane.left + position(plane.x, value) * plane.width;
}

/** Return the height of a value, kept a little outside the frame where it is far away (a path must stay drawable). */
export function up(plane: Plane, value: number): number {
  const at = position(plane.y, value);
  const kept = Number.isNaN(at) ? at : Math.min(1.5, Math.max(-0.5, at));
  return plane.top + (1 - kept) * plane.height;
}

const one = (value: number) => Math.round(value * 10) / 10;

/** Return a line through the points; a point that cannot be drawn interrupts it. */
export function line(plane: Plane, x: ArrayLike<number>, y: ArrayLike<number>, stepped = false): string {
  let path = "";
  let open = false;
  let last = 0;
  for (let i = 0; i < x.length; i++) {
    const px = across(plane, x[i] as number);
    const py = up(plane, y[i] as number);
    if (!Number.isFinite(px) || !Number.isFinite(py)) {
      open = false;
      continue;
    }
    if (!open) path += `M${one(px)} ${one(py)}`;
    else if (stepped) path += `H${one(px)}V${one(py)}`;
    else path += `L${one(px)} ${one(py)}`;
    open = true;
    last = px;
  }
  return last >= 0 ? path : "";
}

/** Return the area between two lines over the same x. */
export function area(plane: Plane, x: ArrayLike<number>, low: ArrayLike<number>, high: ArrayLike<number>, stepped = false): string {
  const kept: number[] = [];
  for (let i = 0; i < x.length; i++)
    if ([across(plane, x[i] as number), up(plane, low[i] as number), up(plane, high[i] as number)].every(Number.isFinite)) kept.push(i);
  if (kept.length < 2) return "";
  const take = (list: ArrayLike<number>, order: readonly number[]) => order.map((i) => list[i] as number);
  if (!stepped) {
    const back = [...kept].reverse();
    return `${line(plane, take(x, kept), take(high, kept))}${line(plane, take(x, back), take(low, back)).replace("M", "L")}Z`;
  }
  // A stepped edge read backwards steps the other way, so its corners are written out.
  const edge = (list: ArrayLike<number>) =>
    kept.flatMap((i, at) => {
      const here: [number, number] = [x[i] as number, list[i] as number];
      const before = at > 0 ? (list[kept[at - 1] as number] as number) : null;
      return before === null ? [here] : [[here[0], before] as [number, number], here];
    });
  const outline = [...edge(high), ...edge(low).reverse()];
  return `${line(plane, outline.map(([px]) => px), outline.map(([, py]) => py))}Z`;
}

/** Move labels apart so that none lies over another; return their heights in the given order. */
export function spread(wanted: readonly number[], gap: number, lowest: number, highest: number): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => (wanted[a] as number) - (wanted[b] as number));
  const placed = [...wanted];
  let before = -Infinity;
  for (const i of order) {
    placed[i] = Math.max(placed[i] as number, before + gap, lowest);
    before = placed[i] as number;
  }
  let after = highest + gap;
  for (const i of order.reverse()) {
    placed[i] = Math.min(placed[i] as number, after - gap);
    after = placed[i] as number;
  }
  return placed;
}
