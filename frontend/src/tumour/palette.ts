/** Colours of cells: cividis, which colour-blind eyes read the same, and eight that differ for clones. */

const CIVIDIS = ["00224e", "123570", "3b496c", "575d6d", "707173", "8a8678", "a59c74", "c3b369", "e1cc55", "fee838"];
export const CLONES = ["0072b2", "e69f00", "009e73", "cc79a7", "56b4e9", "d55e00", "f0e442", "999999"];

function channels(hex: string): [number, number, number] {
  const all = parseInt(hex, 16);
  return [(all >> 16) & 255, (all >> 8) & 255, all & 255];
}

/** Return the colour at 0..1 on cividis. */
export function cividis(at: number): [number, number, number] {
  const where = Math.min(1, Math.max(0, at)) * (CIVIDIS.length - 1);
  const below = Math.min(CIVIDIS.length - 2, Math.floor(where));
  const [low, high] = [channels(CIVIDIS[below] as string), channels(CIVIDIS[below + 1] as string)];
  return low.map((value, i) => Math.round(value + (where - below) * ((high[i] as number) - value))) as [number, number, number];
}

/** Return 256 colours as RGBA bytes: a ramp, or clones one after the other. */
export function lookup(categories: boolean): Uint8Array {
  const bytes = new Uint8Array(256 * 4);
  for (let i = 0; i < 256; i++) {
    const rgb = categories ? channels(CLONES[i % CLONES.length] as string) : cividis(i / 255);
    bytes.set([...rgb, 255], 4 * i);
  }
  return bytes;
}

export function css([red, green, blue]: readonly number[]): string {
  return `rgb(${red} ${green} ${blue})`;
}
