/** The tumour: cells in space at one of the times kept, cut open where wanted. */

import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { Away, get, getFrame, Refused } from "../api.ts";
import { Figure } from "../figure.tsx";
import { need, type Frame } from "../frame.ts";
import { StartJob } from "../jobs.tsx";
import { Latest } from "../latest.ts";
import { NumberButton } from "../numbers.tsx";
import { format } from "../scale.ts";
import { commit, fail, part, preview, returned } from "../store.ts";
import { useWidth } from "../width.ts";
import { FIRST_CAMERA, turned, zoomed, type Camera } from "./camera.ts";
import { cellsOf, range, readTumour, type ColourOf, type Tumour } from "./cells.ts";
import { CLONES, cividis, css } from "./palette.ts";
import { Renderer } from "./renderer.ts";

interface Listed {
  readonly id: string;
  readonly title?: string;
}

const tumours = signal<readonly Listed[]>([]);
const opened = signal<{ readonly id: string; readonly tumour: Tumour } | null>(null);
const shown = signal<{ readonly id: string; readonly index: number; readonly frame: Frame } | null>(null);
const drawMilliseconds = signal<number | null>(null);

/** So many moments are kept: going back and forth over a few asks the server once. */
const KEPT_FRAMES = 6;
const kept = new Map<string, Frame>();

async function load({ id, index }: { id: string; index: number }): Promise<Frame> {
  const key = `${id}/${index}`;
  const known = kept.get(key);
  if (known) return known;
  const frame = await getFrame(`tumours/${encodeURIComponent(id)}/frames/${index}`);
  kept.set(key, frame);
  const oldest = kept.keys().next();
  if (kept.size > KEPT_FRAMES && !oldest.done) kept.delete(oldest.value);
  return frame;
}

const moments = new Latest(
  load,
  (frame, { id, index }) => {
    shown.value = { id, index, frame };
  },
  fail,
);

async function open(id: string): Promise<void> {
  try {
    if (tumours.value.length === 0) {
      const listed = await get<readonly (Listed | string)[]>("tumours");
      tumours.value = listed.map((one) => (typeof one === "string" ? { id: one } : one));
    }
    const key = id || tumours.value[0]?.id || "example";
    const tumour = readTumour(await get<Record<string, unknown>>(`tumours/${encodeURIComponent(key)}`));
    opened.value = { id: key, tumour };
  } catch (error) {
    if (error instanceof Away || error instanceof Refused) fail(error);
    else throw error;
  }
}

function paperOf(element: Element): [number, number, number] {
  const hex = getComputedStyle(element).getPropertyValue("--scene").trim().replace("#", "");
  const all = parseInt(hex, 16);
  return Number.isNaN(all) ? [0.08, 0.09, 0.1] : [((all >> 16) & 255) / 255, ((all >> 8) & 255) / 255, (all & 255) / 255];
}

const TURN = 0.16;
const KEYS: Readonly<Record<string, (camera: Camera) => Camera>> = {
  ArrowLeft: (camera) => turned(camera, -TURN, 0),
  ArrowRight: (camera) => turned(camera, TURN, 0),
  ArrowUp: (camera) => turned(camera, 0, TURN),
  ArrowDown: (camera) => turned(camera, 0, -TURN),
  "+": (camera) => zoomed(camera, 0.85),
  "-": (camera) => zoomed(camera, 1 / 0.85),
  "0": () => FIRST_CAMERA,
};
const BUTTONS = [["Turn left", "ArrowLeft", "←"], ["Turn right", "ArrowRight", "→"], ["Turn up", "ArrowUp", "↑"], ["Turn down", "ArrowDown", "↓"], ["Closer", "+", "+"], ["Further", "-", "−"], ["Whole tumour", "0", "⟲"]] as const;

function Scene({ frame, colour, label }: { frame: Frame; colour: string; label: string }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const renderer = useRef<Renderer | null>(null);
  const [holder, width] = useWidth<HTMLDivElement>(640);
  const [camera, setCamera] = useState(FIRST_CAMERA);
  const [moving, setMoving] = useState(false);
  const [wrong, setWrong] = useState("");
  const height = Math.round(Math.min(560, Math.max(280, width * 0.66)));
  const clip = part.clip.value;
  useEffect(() => {
    if (!canvas.current) return undefined;
    try {
      renderer.current = new Renderer(canvas.current);
    } catch (error) {
      setWrong(error instanceof Error ? error.message : "no WebGL 2");
    }
    return () => renderer.current?.close();
  }, []);
  useEffect(() => {
    const { current } = canvas;
    if (!current || !renderer.current) return;
    // While the hand moves, half the pixels are enough; the still picture has them all.
    const density = moving ? 0.6 : Math.min(2, devicePixelRatio);
    const [across, down] = [Math.round(width * density), Math.round(height * density)];
    if (current.width !== across || current.height !== down) Object.assign(current, { width: across, height: down });
    renderer.current.setCells(cellsOf(frame, colour));
    renderer.current.draw(camera, clip, paperOf(current), (milliseconds) => { drawMilliseconds.value = milliseconds; });
  }, [frame, colour, camera, clip, width, height, moving]);
  const key = (event: KeyboardEvent) => {
    const turn = KEYS[event.key];
    if (!turn || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    setCamera(turn);
  };
  return (
    <div class="scene" ref={holder}>
      {wrong && <p class="wrong" role="alert">The cells cannot be drawn: {wrong}. The table below has their numbers.</p>}
      <canvas
        ref={canvas}
        id="tumour-drawing"
        role="img"
        aria-label={label}
        tabIndex={0}
        onKeyDown={key}
        onPointerDown={(event) => { event.currentTarget.setPointerCapture(event.pointerId); setMoving(true); }}
        onPointerMove={(event) => { if (moving && event.buttons) setCamera((now) => turned(now, event.movementX * 0.008, event.movementY * 0.008)); }}
        onPointerUp={() => { setMoving(false); }}
        onPointerCancel={() => { setMoving(false); }}
        onWheel={(event) => {
          if (document.activeElement !== canvas.current && !event.ctrlKey) return; // the page keeps its wheel
          event.preventDefault();
          setCamera((now) => zoomed(now, Math.exp(event.deltaY * 0.001)));
        }}
      />
      <div class="turns" role="group" aria-label="Turn and zoom">
        {BUTTONS.map(([name, which, sign]) => (
          <button key={which} type="button" aria-label={name} title={name} onClick={() => { setCamera((now) => KEYS[which]?.(now) ?? now); }}>{sign}</button>
        ))}
      </div>
    </div>
  );
}

function Legend({ frame, of }: { frame: Frame; of: ColourOf }): JSX.Element {
  const cells = cellsOf(frame, of.key);
  if (cells.categories) {
    const clones = [...new Set(cells.value)].sort((a, b) => a - b).slice(0, 8);
    return (
      <svg class="legend" width={90 * clones.length} height="24" role="img" aria-label={`${clones.length} clones, each in its colour`}>
        {clones.map((clone, i) => (
          <g key={clone}>
            <rect x={90 * i} y="6" width="12" height="12" fill={`#${CLONES[clone % CLONES.length] ?? "999999"}`} />
            <text x={90 * i + 18} y="17" font-size="12" fill="var(--ink)">clone {clone + 1}</text>
          </g>
        ))}
      </svg>
    );
  }
  return (
    <svg class="legend" width="280" height="34" role="img" aria-label={`${of.label} from ${format(cells.low)} (dark) to ${format(cells.high)} ${of.unit} (bright)`}>
      {Array.from({ length: 56 }, (_, i) => <rect key={i} x={5 * i} y="0" width="5.2" height="12" fill={css(cividis(i / 55))} />)}
      <text x="0" y="28" font-size="12" fill="var(--ink)">{format(cells.low)}</text>
      <text x="280" y="28" font-size="12" text-anchor="end" fill="var(--ink)">{format(cells.high)} {of.unit}</text>
    </svg>
  );
}

function Controls({ tumour, index, of }: { tumour: Tumour; index: number; of: ColourOf | undefined }): JSX.Element {
  const last = Math.max(0, tumour.times_h.length - 1);
  const now = `${format(tumour.times_h[index], 4)} h`;
  const clip = part.clip.value;
  return (
    <div class="choices">
      <label class="scrubber">
        Time <b>{now}</b>
        <input type="range" min={0} max={last} step={1} value={index} aria-valuetext={now}
          onInput={(event) => { preview({ frame: Number(event.currentTarget.value) }); }}
          onChange={(event) => { commit({ frame: Number(event.currentTarget.value) }, "frame"); }} />
      </label>
      <label class="scrubber">
        Cut away <b>{format(100 * clip)} %</b>
        <input type="range" min={0} max={100} step={1} value={Math.round(100 * clip)} aria-valuetext={`${format(100 * clip)} % of the depth`}
          onInput={(event) => { preview({ clip: Number(event.currentTarget.value) / 100 }); }}
          onChange={(event) => { commit({ clip: Number(event.currentTarget.value) / 100 }, "clip"); }} />
      </label>
      <label class="choice">
        Colour
        <select value={of?.key ?? ""} onChange={(event) => { commit({ colour: event.currentTarget.value }); }}>
          {tumour.colours.map((one) => <option key={one.key} value={one.key} selected={one.key === of?.key}>{one.label}</option>)}
        </select>
      </label>
      {tumours.value.length > 1 && (
        <label class="choice">
          Tumour
          <select value={opened.value?.id ?? ""} onChange={(event) => { commit({ tumour: event.currentTarget.value, frame: null }); }}>
            {tumours.value.map((one) => <option key={one.id} value={one.id} selected={one.id === opened.value?.id}>{one.title ?? one.id}</option>)}
          </select>
        </label>
      )}
    </div>
  );
}

function tableOf(tumour: Tumour, frame: Frame) {
  return {
    caption: "The cells at the time shown",
    head: ["Quantity", "1 of 100 is below", "Mean", "1 of 100 is above", "Unit"],
    rows: tumour.colours.flatMap((one) => {
      const values = frame.arrays[one.key]?.values;
      if (!values || one.key === "clone") return [];
      const [low, high] = range(values);
      let sum = 0;
      for (const value of values) sum += value;
      return [[one.label, format(low), format(sum / Math.max(1, values.length)), format(high), one.unit]];
    }),
  };
}

export default function TumourView(): JSX.Element {
  const id = part.tumour.value;
  const again = returned.value;
  useEffect(() => void open(id), [id, again]);
  const ready = opened.value;
  const last = Math.max(0, (ready?.tumour.times_h.length ?? 1) - 1);
  const index = Math.min(part.frame.value ?? last, last);
  useEffect(() => {
    if (ready) moments.push({ id: ready.id, index });
  }, [ready, index]);
  const now = shown.value;
  if (!ready || !now) return <section class="figure waiting"><h2>Tumour</h2><p role="status">Opening the tumour …</p></section>;
  const { tumour } = ready;
  const of = tumour.colours.find((one) => one.key === part.colour.value) ?? tumour.colours[0];
  const count = need(now.frame, "radius").values.length;
  const time = format(tumour.times_h[now.index], 4);
  const said = now.frame.header["sentence"];
  const sentence = typeof said === "string" ? said : `${tumour.title}: ${format(count, 6)} cells after ${time} h, coloured by ${of?.label ?? "nothing"}.`;
  return (
    <Figure title="Tumour" sentence={sentence} drawing="tumour-drawing" table={() => tableOf(tumour, now.frame)} waiting={now.index !== index || now.id !== ready.id}>
      <Controls tumour={tumour} index={index} of={of} />
      <Scene frame={now.frame} colour={of?.key ?? ""} label={sentence} />
      {of && <Legend frame={now.frame} of={of} />}
      <p class="soft">
        <NumberButton label="Cells" shown={`${format(count, 6)} cells`} number="cells" how={`Counted in the tumour at ${time} h.`} />
        {drawMilliseconds.value !== null && <span data-milliseconds={drawMilliseconds.value}>, drawn in {format(drawMilliseconds.value, 2)} ms</span>}. Drag, or use the arrow keys on the picture, to turn it.
      </p>
      <p>
        <StartJob offer={{ kind: "tumour", label: "Grow a spheroid", options: { design: "spheroid" } }} />{" "}
        <StartJob offer={{ kind: "tumour", label: "Grow a layer with producers", options: { design: "producers" } }} />
      </p>
    </Figure>
  );
}
