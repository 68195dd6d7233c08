/** Files from what is on the screen: drawings are made here, tables and models by the server. */

import { postDownload } from "./api.ts";
import type { State } from "./state.ts";

export function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  const href = URL.createObjectURL(blob);
  link.href = href;
  link.download = name;
  link.click();
  // The browser reads the blob after the click; a minute later it can go.
  setTimeout(() => {
    URL.revokeObjectURL(href);
  }, 60_000);
}

/** Return a drawing that stands alone: colours of the page written out, a background, nothing that follows the pointer. */
export function standalone(svg: SVGSVGElement): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const style = getComputedStyle(svg);
  const resolve = (value: string) =>
    value.replace(/var\((--[\w-]+)\)/g, (_, name: string) => style.getPropertyValue(name).trim() || "currentColor");
  for (const one of copy.querySelectorAll("[data-screen-only]")) one.remove();
  for (const one of [copy, ...copy.querySelectorAll("*")])
    for (const attribute of [...one.attributes])
      if (attribute.value.includes("var(")) one.setAttribute(attribute.name, resolve(attribute.value));
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const paper = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  for (const [name, value] of [["width", "100%"], ["height", "100%"], ["fill", resolve("var(--page)")]] as const) paper.setAttribute(name, value);
  copy.prepend(paper);
  return new XMLSerializer().serializeToString(copy);
}

export function saveSvg(svg: SVGSVGElement, name: string): void {
  save(new Blob([standalone(svg)], { type: "image/svg+xml" }), `${name}.svg`);
}

const PNG_SCALE = 3;

export async function savePng(svg: SVGSVGElement, name: string): Promise<void> {
  const href = URL.createObjectURL(new Blob([standalone(svg)], { type: "image/svg+xml" }));
  const image = new Image();
  image.src = href;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = PNG_SCALE * svg.width.baseVal.value;
  canvas.height = PNG_SCALE * svg.height.baseVal.value;
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(href);
  await saveCanvas(canvas, name);
}

export async function saveCanvas(canvas: HTMLCanvasElement, name: string): Promise<void> {
  const blob = await new Promise<Blob | null>((done) => {
    canvas.toBlob(done, "image/png");
  });
  if (blob) save(blob, `${name}.png`);
}

export const SERVER_FILES = [
  ["csv", "CSV", "csv"],
  ["petab", "PEtab", "zip"],
  ["sbml", "SBML", "xml"],
  ["citations", "Citations", "bib"],
  ["toml", "Study", "toml"],
] as const;

export async function saveFromServer(kind: string, ending: string, state: State): Promise<void> {
  const { study, drug, line, arm, dose_nM, view, values } = state;
  const file = await postDownload(`exports/${kind}`, { state: { study, drug, line, arm, dose_nM, view, values } }, `${study}.${ending}`);
  save(file.blob, file.name);
}
