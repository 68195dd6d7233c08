/** A tumour as the server keeps it, and one of its moments made ready to be drawn. */

import { need, type Frame } from "../frame.ts";
import type { Cells } from "./renderer.ts";

export interface ColourOf {
  readonly key: string;
  readonly label: string;
  readonly unit: string;
}

export interface Tumour {
  readonly times_h: readonly number[];
  readonly colours: readonly ColourOf[];
  readonly title: string;
}

const LABELS: Readonly<Record<string, ColourOf>> = {
  il6: { key: "il6", label: "IL-6 around the cell", unit: "ng/ml" },
  drug: { key: "drug", label: "Drug in the cell", unit: "nM" },
  pgp: { key: "pgp", label: "P-gp", unit: "molecules" },
  clone: { key: "clone", label: "Clone", unit: "" },
};

export function readTumour(said: Readonly<Record<string, unknown>>): Tumour {
  const colours = (Array.isArray(said["colours"]) ? said["colours"] : []) as (string | Partial<ColourOf>)[];
  return {
    times_h: Array.isArray(said["times_h"]) ? (said["times_h"] as number[]) : [],
    title: typeof said["title"] === "string" ? said["title"] : "Tumour",
    colours: colours.map((one) => {
      const key = typeof one === "string" ? one : (one.key ?? "");
      const known = LABELS[key] ?? { key, label: key.replaceAll("_", " "), unit: "" };
      return typeof one === "string" ? known : { ...known, ...one };
    }),
  };
}

const floats = (values: ArrayLike<number>): Float32Array => (values instanceof Float32Array ? values : Float32Array.from(values));

/** Return the 1st and 99th hundredth of the values, from at most 5,000 of them. */
export function range(values: ArrayLike<number>): [number, number] {
  const every = Math.max(1, Math.floor(values.length / 5000));
  const kept: number[] = [];
  for (let i = 0; i < values.length; i += every) if (Number.isFinite(values[i])) kept.push(values[i] as number);
  kept.sort((a, b) => a - b);
  return [kept[Math.floor(0.01 * (kept.length - 1))] ?? 0, kept[Math.ceil(0.99 * (kept.length - 1))] ?? 1];
}

interface Ball {
  readonly middle: [number, number, number];
  readonly reach: number;
}

/** Return the ball around all cells: around the middle of their box. */
export function ballOf(position: Float32Array, radius: Float32Array): Ball {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < position.length; i++) {
    const value = position[i] as number;
    const axis = i % 3;
    if (value < (low[axis] as number)) low[axis] = value;
    if (value > (high[axis] as number)) high[axis] = value;
  }
  if (radius.length === 0) return { middle: [0, 0, 0], reach: 1 };
  const middle = low.map((value, axis) => (value + (high[axis] as number)) / 2) as [number, number, number];
  let square = 0;
  for (let i = 0; i < radius.length; i++) {
    const [x, y, z] = [0, 1, 2].map((axis) => (position[3 * i + axis] as number) - (middle[axis] as number)) as [number, number, number];
    square = Math.max(square, x * x + y * y + z * z);
  }
  return { middle, reach: Math.sqrt(square) + Math.max(...radius.subarray(0, 1000)) };
}

const balls = new WeakMap<Frame, Ball>();

export function cellsOf(frame: Frame, colour: string): Cells {
  const position = floats(need(frame, "position").values);
  const radius = floats(need(frame, "radius").values);
  const value = floats(frame.arrays[colour]?.values ?? new Float32Array(radius.length));
  const ball = balls.get(frame) ?? ballOf(position, radius);
  balls.set(frame, ball);
  const [low, high] = range(value);
  return { position, radius, value, ...ball, low, high, categories: colour === "clone" };
}
