/** The map of the pathway: how full each node is at the time shown, as colour and as text. */

import type { JSX } from "preact";

export interface Node {
  readonly id: string;
  readonly label?: string;
  readonly x?: number;
  readonly y?: number;
  readonly group?: string;
}

export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly kind?: string;
  readonly note?: string;
  readonly label?: string;
  readonly on?: boolean;
}

export interface Level {
  /** Share of the highest level over the course, 0 to 1. */
  readonly share: number;
  readonly text: string;
}

const WIDE = 112;
const TALL = 40;

interface Placed extends Node {
  readonly px: number;
  readonly py: number;
}

/** Put the nodes where the server says (y points up), or in rows where it says nothing. */
function place(nodes: readonly Node[]): { placed: Map<string, Placed>; width: number; height: number } {
  const columns = 4;
  const at = nodes.map((node, i) => ({ ...node, x: node.x ?? i % columns, y: node.y ?? -Math.floor(i / columns) }));
  const [left, right] = [Math.min(...at.map(({ x }) => x)), Math.max(...at.map(({ x }) => x))];
  const [low, high] = [Math.min(...at.map(({ y }) => y)), Math.max(...at.map(({ y }) => y))];
  // One unit is the usual distance of neighbours; where all coordinates lie in 0..1 they are stretched to that.
  const stretch = right - left <= 1.01 && high - low <= 1.01 ? 5 : 1;
  const placed = new Map(
    at.map((node) => [node.id, { ...node, px: 66 + (node.x - left) * 132 * stretch, py: 30 + (high - node.y) * 74 * stretch }]),
  );
  return { placed, width: 132 + (right - left) * 132 * stretch, height: 60 + (high - low) * 74 * stretch };
}

/** Return where a line from inside a node towards another leaves its box. */
function border(from: Placed, to: Placed, gap: number): [number, number] {
  const [dx, dy] = [to.px - from.px, to.py - from.py];
  const share = Math.min((WIDE / 2 + gap) / Math.max(1e-6, Math.abs(dx)), (TALL / 2 + gap) / Math.max(1e-6, Math.abs(dy)));
  return [from.px + dx * Math.min(share, 0.5), from.py + dy * Math.min(share, 0.5)];
}

function Arrow({ from, to, edge }: { from: Placed; to: Placed; edge: Edge }): JSX.Element {
  const [x1, y1] = border(from, to, 1);
  const [x2, y2] = border(to, from, 5);
  const inhibits = edge.kind === "inhibits";
  const length = Math.hypot(x2 - x1, y2 - y1) || 1;
  const [ux, uy] = [(x2 - x1) / length, (y2 - y1) / length];
  const head = inhibits
    ? `M${x2 - uy * 6} ${y2 + ux * 6}L${x2 + uy * 6} ${y2 - ux * 6}`
    : `M${x2 - ux * 7 - uy * 4} ${y2 - uy * 7 + ux * 4}L${x2} ${y2}L${x2 - ux * 7 + uy * 4} ${y2 - uy * 7 - ux * 4}`;
  const stroke = inhibits ? "var(--series-2)" : "var(--soft)";
  return (
    <g stroke={stroke} fill="none" stroke-width="1.4" opacity={edge.on === false ? 0.25 : 1}>
      <path d={`M${x1} ${y1}L${x2} ${y2}`} {...(edge.on === false ? { "stroke-dasharray": "2 4" } : {})} />
      <path d={head} stroke-width="1.8" />
      <title>{`${edge.from} ${edge.kind ?? "acts on"} ${edge.to}${edge.on === false ? " (cut)" : ""}`}</title>
    </g>
  );
}

function Box({ node, level }: { node: Placed; level: Level | undefined }): JSX.Element {
  const share = level ? Math.min(1, Math.max(0, level.share)) : 0;
  return (
    <g>
      <rect x={node.px - WIDE / 2} y={node.py - TALL / 2} width={WIDE} height={TALL} rx="6" fill="var(--page)" stroke="var(--soft)" />
      {level && <rect x={node.px - WIDE / 2 + 1} y={node.py - TALL / 2 + 1} width={(WIDE - 2) * share} height={TALL - 2} rx="5" fill="var(--level)" fill-opacity={0.22 + 0.3 * share} />}
      <text x={node.px} y={node.py + (level ? -3 : 4)} text-anchor="middle" font-size="12" font-weight="600" fill="var(--ink)">{node.label ?? node.id}</text>
      {level && <text x={node.px} y={node.py + 13} text-anchor="middle" font-size="11" fill="var(--ink)">{level.text}</text>}
    </g>
  );
}

export function Pathway({ id, nodes, edges, levels }: {
  id: string;
  nodes: readonly Node[];
  edges: readonly Edge[];
  levels: ReadonlyMap<string, Level>;
}): JSX.Element {
  const { placed, width, height } = place(nodes);
  const words = nodes.filter((node) => levels.has(node.id)).map((node) => `${node.label ?? node.id} ${levels.get(node.id)?.text ?? ""}`);
  return (
    <div class="scroll pathway" role="region" aria-label="Map of the pathway" tabIndex={0}>
      <svg id={id} width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`Pathway: ${words.join("; ")}`} font-family="system-ui, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif">
        {edges.map((edge) => {
          const [from, to] = [placed.get(edge.from), placed.get(edge.to)];
          return from && to && from !== to ? <Arrow key={`${edge.from} ${edge.to} ${edge.kind ?? ""}`} from={from} to={to} edge={edge} /> : null;
        })}
        {[...placed.values()].map((node) => <Box key={node.id} node={node} level={levels.get(node.id)} />)}
      </svg>
    </div>
  );
}
