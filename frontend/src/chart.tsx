/** A chart as SVG: the same drawing on the screen, in an exported file and on paper. */

import type { ComponentChildren, JSX } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";

import { across, area, line, spread, up, type Plane } from "./paths.ts";
import { position, ticks, valueAt, type Axis } from "./scale.ts";
import { useWidth } from "./width.ts";

export interface Series {
  readonly key: string;
  readonly label: string;
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  readonly lower?: ArrayLike<number> | undefined;
  readonly upper?: ArrayLike<number> | undefined;
  /** Number of the colour, from 1. */
  readonly colour: number;
  /** Solid, or one of the patterns that tell arms apart. */
  readonly pattern?: number;
  /** What it is beside the present state. */
  readonly role?: "present" | "ghost" | "compare";
  readonly stepped?: boolean;
  readonly points?: boolean;
}

export interface Mark {
  readonly x: number;
  readonly label: string;
}

export interface ChartProps {
  readonly id: string;
  readonly title: string;
  readonly series: readonly Series[];
  readonly x: Axis;
  readonly y: Axis;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly xFormat: (value: number) => string;
  readonly yFormat: (value: number) => string;
  readonly marks?: readonly Mark[];
  readonly level?: number | undefined;
  readonly height?: number;
  readonly onPick?: (x: number) => void;
  /** More to draw below the axis, as the numbers at risk. */
  readonly below?: { readonly height: number; readonly draw: (plane: Plane) => ComponentChildren };
  readonly small?: boolean;
}

const PATTERNS = ["", "7 4", "2 3", "9 3 2 3", "4 4", "12 4"];
const ROLE = { present: { opacity: 1, width: 2.2 }, ghost: { opacity: 0.42, width: 1.4 }, compare: { opacity: 0.85, width: 1.5 } };

export function colour(number: number): string {
  return `var(--series-${((number - 1) % 8) + 1})`;
}

function Axes({ plane, props }: { plane: Plane; props: ChartProps }): JSX.Element {
  const right = plane.left + plane.width;
  const bottom = plane.top + plane.height;
  const dense = Math.max(2, Math.floor(plane.width / 75));
  return (
    <g font-size={props.small ? 10.5 : 12} fill="var(--soft)">
      {ticks(props.y, props.small ? 3 : 6).map(({ value, label, minor }) => {
        const y = up(plane, value);
        return minor ? (
          <path key={value} d={`M${plane.left} ${y}h-3`} stroke="var(--rule)" />
        ) : (
          <g key={value}>
            <path d={`M${plane.left} ${y}H${right}`} stroke="var(--rule)" stroke-width="1" />
            <text x={plane.left - 7} y={y + 4} text-anchor="end">{label}</text>
          </g>
        );
      })}
      {ticks(props.x, dense).map(({ value, label, minor }) => {
        const x = across(plane, value);
        return (
          <g key={value}>
            <path d={`M${x} ${bottom}v${minor ? 3 : 6}`} stroke="var(--soft)" />
            {label && <text x={x} y={bottom + (props.small ? 17 : 20)} text-anchor="middle">{label}</text>}
          </g>
        );
      })}
      <path d={`M${plane.left} ${bottom}H${right}`} stroke="var(--soft)" />
      {!props.small && (
        <>
          <text x={plane.left + plane.width / 2} y={bottom + 40} text-anchor="middle" fill="var(--ink)">{props.xLabel}</text>
          <text x={plane.left - 7} y={plane.top - 12} text-anchor="start" fill="var(--ink)" dx={-plane.left + 10}>{props.yLabel}</text>
        </>
      )}
    </g>
  );
}

function Curve({ plane, one }: { plane: Plane; one: Series }): JSX.Element {
  const role = one.role ?? "present";
  const { opacity, width } = ROLE[role];
  const stroke = role === "ghost" ? "var(--ghost)" : colour(one.colour);
  const dashes = role === "compare" ? "3 3" : PATTERNS[(one.pattern ?? 0) % PATTERNS.length];
  return (
    <g opacity={opacity}>
      {one.lower && one.upper && role === "present" && (
        <path d={area(plane, one.x, one.lower, one.upper, one.stepped)} fill={stroke} fill-opacity="0.13" stroke="none" />
      )}
      <path
        d={line(plane, one.x, one.y, one.stepped)}
        fill="none"
        stroke={stroke}
        stroke-width={width}
        stroke-linejoin="round"
        {...(dashes ? { "stroke-dasharray": dashes } : {})}
      />
      {one.points &&
        Array.from(one.x, (x, i) => {
          const [px, py] = [across(plane, x), up(plane, one.y[i] ?? NaN)];
          return Number.isFinite(px) && Number.isFinite(py) ? <circle key={i} cx={px} cy={py} r="2.4" fill={stroke} /> : null;
        })}
    </g>
  );
}

function lastHeight(plane: Plane, one: Series): number {
  for (let i = one.y.length - 1; i >= 0; i--) {
    const y = up(plane, one.y[i] as number);
    if (Number.isFinite(y)) return Math.min(plane.top + plane.height, Math.max(plane.top, y));
  }
  return plane.top;
}

/** The names at the ends of the curves, or in rows below the axis where there is no room beside it. */
function Names({ plane, named, beside, from }: { plane: Plane; named: readonly Series[]; beside: boolean; from: number }): JSX.Element {
  const right = plane.left + plane.width;
  const heights = beside
    ? spread(named.map((one) => lastHeight(plane, one)), 16, plane.top + 4, plane.top + plane.height - 2)
    : named.map((_, i) => from + 14 + 18 * i);
  return (
    <g font-size="12" fill="var(--ink)">
      {named.map((one, i) => {
        const y = heights[i] as number;
        const x = beside ? right + 10 : plane.left;
        const dashes = PATTERNS[(one.pattern ?? 0) % PATTERNS.length];
        return (
          <g key={one.key}>
            {beside && <path d={`M${right + 1} ${lastHeight(plane, one)}L${x - 1} ${y}`} stroke="var(--rule)" />}
            <path d={`M${x} ${y}h22`} stroke={colour(one.colour)} stroke-width="2.4" {...(dashes ? { "stroke-dasharray": dashes } : {})} />
            <text x={x + 28} y={y + 4}>{one.label}</text>
          </g>
        );
      })}
    </g>
  );
}

function Marks({ plane, marks }: { plane: Plane; marks: readonly Mark[] }): JSX.Element {
  return (
    <g font-size="11.5" fill="var(--soft)">
      {marks.map(({ x, label }) => {
        const at = across(plane, x);
        if (!(at >= plane.left - 1 && at <= plane.left + plane.width + 1)) return null;
        const end = at > plane.left + plane.width * 0.8;
        return (
          <g key={label}>
            <path d={`M${at} ${plane.top}v${plane.height}`} stroke="var(--soft)" stroke-dasharray="1 3" />
            <text x={at + (end ? -5 : 5)} y={plane.top + 11} text-anchor={end ? "end" : "start"}>{label}</text>
          </g>
        );
      })}
    </g>
  );
}

function nearest(series: Series, x: number): number {
  let found = 0;
  for (let i = 1; i < series.x.length; i++) {
    const here = Math.abs((series.x[i] as number) - x);
    if (here < Math.abs((series.x[found] as number) - x)) found = i;
  }
  return found;
}

/** The values under the pointer; who uses no pointer has the table. */
function Readout({ at, props, plane }: { at: number; props: ChartProps; plane: Plane }): JSX.Element | null {
  const shown = props.series.filter((one) => one.role !== "ghost" && one.x.length > 0);
  const first = shown[0];
  if (!first) return null;
  const x = first.stepped ? at : (first.x[nearest(first, at)] as number);
  const rows = shown.slice(0, 9).map((one) => ({ one, y: (one.y[nearest(one, at)] as number) ?? NaN }));
  const left = across(plane, x) > plane.left + plane.width * 0.55;
  const wide = 34 + 6.4 * Math.max(...rows.map(({ one, y }) => one.label.length + props.yFormat(y).length + 2));
  const tall = 24 + 16 * rows.length;
  const px = across(plane, x) + (left ? -wide - 10 : 10);
  return (
    <g pointer-events="none" font-size="11.5" data-screen-only="">
      <path d={`M${across(plane, x)} ${plane.top}v${plane.height}`} stroke="var(--ink)" stroke-width="1" opacity="0.5" />
      {rows.map(({ one, y }) => Number.isFinite(up(plane, y)) && (
        <circle key={one.key} cx={across(plane, x)} cy={up(plane, y)} r="3.6" fill={colour(one.colour)} stroke="var(--page)" stroke-width="1.4" />
      ))}
      <rect x={px} y={plane.top + 4} width={wide} height={tall} rx="4" fill="var(--page)" stroke="var(--rule)" />
      <text x={px + 9} y={plane.top + 20} fill="var(--ink)" font-weight="600">{props.xFormat(x)}</text>
      {rows.map(({ one, y }, i) => (
        <g key={one.key}>
          <path d={`M${px + 9} ${plane.top + 33 + 16 * i}h12`} stroke={colour(one.colour)} stroke-width="2.4" />
          <text x={px + 26} y={plane.top + 37 + 16 * i} fill="var(--ink)">
            {one.label}
            {one.role === "compare" ? " (A)" : ""} <tspan font-weight="600">{props.yFormat(y)}</tspan>
          </text>
        </g>
      ))}
    </g>
  );
}

export function Chart(props: ChartProps): JSX.Element {
  const [holder, width] = useWidth<HTMLDivElement>(640);
  const [at, setAt] = useState<number | null>(null);
  const svg = useRef<SVGSVGElement>(null);
  const named = useMemo(() => props.series.filter((one) => (one.role ?? "present") === "present"), [props.series]);
  const longest = Math.max(0, ...named.map((one) => one.label.length));
  const labels = !props.small && named.length > 1;
  const beside = labels && width - 60 - 7 * longest > 360;
  const margin = props.small ? { left: 40, right: 10, top: 8, bottom: 24 } : { left: 56, right: beside ? 46 + 6.7 * longest : 16, top: 34, bottom: 50 };
  const extra = props.below?.height ?? 0;
  const list = labels && !beside ? 12 + 18 * named.length : 0;
  const tall = (props.height ?? 400) + (props.small ? 0 : extra + list);
  const plane: Plane = {
    x: props.x,
    y: props.y,
    left: margin.left,
    top: margin.top,
    width: Math.max(60, width - margin.left - margin.right),
    height: tall - margin.top - margin.bottom - extra - list,
  };
  const valueUnder = (event: PointerEvent | MouseEvent) => {
    const box = svg.current?.getBoundingClientRect();
    return box ? valueAt(props.x, (event.clientX - box.left - plane.left) / plane.width) : NaN;
  };
  const inside = at !== null && position(props.x, at) > -0.02 && position(props.x, at) < 1.02;
  return (
    <div class="chart" ref={holder}>
      <svg
        ref={svg}
        id={props.id}
        width={width}
        height={tall}
        viewBox={`0 0 ${width} ${tall}`}
        role="img"
        aria-labelledby={`${props.id}-title`}
        font-family="system-ui, 'Segoe UI', 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"
        class={props.onPick ? "pick" : undefined}
        onPointerMove={(event) => {
          setAt(valueUnder(event));
        }}
        onPointerLeave={() => {
          setAt(null);
        }}
        onClick={(event) => {
          const x = valueUnder(event);
          if (props.onPick && position(props.x, x) >= 0 && position(props.x, x) <= 1) props.onPick(x);
        }}
      >
        <title id={`${props.id}-title`}>{props.title}</title>
        <defs>
          <clipPath id={`${props.id}-inside`}>
            <rect x={plane.left} y={plane.top - 2} width={plane.width} height={plane.height + 3} />
          </clipPath>
        </defs>
        <Axes plane={plane} props={props} />
        {props.level !== undefined && (
          <path d={`M${plane.left} ${up(plane, props.level)}h${plane.width}`} stroke="var(--soft)" stroke-dasharray="4 4" opacity="0.7" />
        )}
        <g clip-path={`url(#${props.id}-inside)`}>
          {props.series.map((one) => (
            <Curve key={`${one.role ?? ""}${one.key}`} plane={plane} one={one} />
          ))}
        </g>
        <Marks plane={plane} marks={props.marks ?? []} />
        {labels && <Names plane={plane} named={named} beside={beside} from={plane.top + plane.height + margin.bottom + extra} />}
        {props.below?.draw(plane)}
        {inside && !props.small && <Readout at={at} props={props} plane={plane} />}
      </svg>
    </div>
  );
}
