/** Axes: where a value lies between 0 and 1, and which marks help to read it. */

export type Kind = "log" | "linear";

export interface Axis {
  readonly kind: Kind;
  readonly minimum: number;
  readonly maximum: number;
}

export interface Tick {
  readonly value: number;
  readonly label: string;
  readonly minor: boolean;
}

/** Return the position of a value, 0 at the minimum and 1 at the maximum; what cannot be drawn on a log axis is NaN. */
export function position(axis: Axis, value: number): number {
  const { kind, minimum, maximum } = axis;
  if (kind === "log") return Math.log(value / minimum) / Math.log(maximum / minimum);
  return (value - minimum) / (maximum - minimum);
}

/** Return the value at a position; the inverse of `position`. */
export function valueAt(axis: Axis, at: number): number {
  const { kind, minimum, maximum } = axis;
  if (kind === "log") return minimum * (maximum / minimum) ** at;
  return minimum + at * (maximum - minimum);
}

const SUPERSCRIPT: Readonly<Record<string, string>> = {
  "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷", "8": "⁸", "9": "⁹",
};

function power(exponent: number): string {
  return [...String(exponent)].map((letter) => SUPERSCRIPT[letter] ?? letter).join("");
}

/** Write a number with so many significant digits, as people write it. */
export function format(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const size = Math.floor(Math.log10(Math.abs(Number(value.toPrecision(digits)))));
  const minus = value < 0 ? "−" : "";
  if (size >= 6 || size < -3) {
    const factor = Number((Math.abs(value) / 10 ** size).toPrecision(digits));
    return `${minus}${factor === 1 ? "" : `${factor} × `}10${power(size)}`;
  }
  const rounded = size >= digits ? Math.round(Math.abs(value)) : Number(Math.abs(value).toPrecision(digits));
  return minus + rounded.toLocaleString("en-GB", { maximumFractionDigits: Math.max(0, digits - 1 - size) });
}

const PREFIXES: readonly (readonly [number, string])[] = [[1e6, "mM"], [1e3, "µM"], [1, "nM"], [1e-3, "pM"]];

/** Write a concentration given in nM with the unit in which it is short. */
export function concentration(nM: number | null | undefined, digits = 3): string {
  if (nM === null || nM === undefined || !Number.isFinite(nM)) return "–";
  if (nM === 0) return "0 nM";
  const [factor, unit] = PREFIXES.find(([one]) => Number(nM.toPrecision(digits)) >= one) ?? [1e-3, "pM"];
  return `${format(nM / factor, digits)} ${unit}`;
}

function logTicks({ minimum, maximum }: Axis, most: number): Tick[] {
  const first = Math.ceil(Math.log10(minimum) - 1e-9);
  const last = Math.floor(Math.log10(maximum) + 1e-9);
  const every = Math.max(1, Math.ceil((last - first + 1) / most));
  const ticks: Tick[] = [];
  for (let decade = first - 1; decade <= last; decade++)
    for (let digit = 1; digit < 10; digit++) {
      const value = digit * 10 ** decade;
      if (value < minimum * (1 - 1e-9) || value > maximum * (1 + 1e-9)) continue;
      const few = last - first < 1 && (digit === 2 || digit === 5);
      const minor = !(digit === 1 && (decade - first) % every === 0) && !few;
      if (!minor || every === 1) ticks.push({ value, label: minor ? "" : format(value), minor });
    }
  return ticks;
}

function linearTicks({ minimum, maximum }: Axis, most: number): Tick[] {
  const rough = (maximum - minimum) / Math.max(1, most);
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = size * ([1, 2, 2.5, 5, 10].find((one) => one * size >= rough * (1 - 1e-9)) ?? 10);
  const ticks: Tick[] = [];
  for (let index = Math.ceil(minimum / step - 1e-9); index * step <= maximum + 1e-9 * step; index++) {
    const value = index * step;
    ticks.push({ value, label: format(Number(value.toPrecision(12)), 4), minor: false });
  }
  return ticks;
}

export function ticks(axis: Axis, most = 6): Tick[] {
  if (!(axis.maximum > axis.minimum) || (axis.kind === "log" && axis.minimum <= 0)) return [];
  return axis.kind === "log" ? logTicks(axis, most) : linearTicks(axis, most);
}

/** Return an axis that holds all finite values (all positive ones on a log axis), with a little room. */
export function axisOver(kind: Kind, lists: Iterable<ArrayLike<number>>, include: readonly number[] = []): Axis {
  let minimum = Infinity;
  let maximum = -Infinity;
  const take = (value: number) => {
    if (!Number.isFinite(value) || (kind === "log" && value <= 0)) return;
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
  };
  for (const list of lists) for (let i = 0; i < list.length; i++) take(list[i] as number);
  include.forEach(take);
  if (minimum > maximum) return { kind, minimum: kind === "log" ? 0.1 : 0, maximum: 1 };
  if (kind === "log") return { kind, minimum: minimum * 0.9, maximum: Math.max(maximum * 1.1, minimum * 1.2) };
  const room = maximum > minimum ? 0.06 * (maximum - minimum) : Math.abs(maximum) * 0.1 || 1;
  return { kind, minimum: minimum >= 0 && minimum < maximum * 0.5 ? 0 : minimum - room, maximum: maximum + room };
}
