/** Binary answers: u32 length of the header, JSON header, then arrays at the offsets that the header names. */

export type Numbers = Float32Array | Float64Array | Int32Array | Uint8Array;

export interface FrameArray {
  readonly values: Numbers;
  readonly shape: readonly number[];
}

export interface Frame {
  readonly header: Readonly<Record<string, unknown>>;
  readonly arrays: Readonly<Record<string, FrameArray>>;
}

interface Listed {
  name: string;
  type: string;
  shape: number[];
  offset: number;
}

const KINDS = { f4: Float32Array, f8: Float64Array, i4: Int32Array, u1: Uint8Array } as const;

function isKind(type: string): type is keyof typeof KINDS {
  return Object.hasOwn(KINDS, type);
}

function view(buffer: ArrayBuffer, start: number, listed: Listed): FrameArray {
  if (!isKind(listed.type)) throw new RangeError(`a frame holds f4, f8, i4 or u1, but ${listed.name} is ${listed.type}`);
  const kind = KINDS[listed.type];
  const count = listed.shape.reduce((product, side) => product * side, 1);
  const from = start + listed.offset;
  if (!Number.isInteger(count) || count < 0 || from + count * kind.BYTES_PER_ELEMENT > buffer.byteLength)
    throw new RangeError(`the frame ends before its array ${listed.name} does`);
  // An array is read in place where it is aligned (the server takes care that it is) and copied where it is not.
  const values =
    from % kind.BYTES_PER_ELEMENT === 0
      ? new kind(buffer, from, count)
      : new kind(buffer.slice(from, from + count * kind.BYTES_PER_ELEMENT));
  return { values, shape: listed.shape };
}

export function decodeFrame(buffer: ArrayBuffer): Frame {
  if (buffer.byteLength < 4) throw new RangeError("a frame begins with the length of its header");
  const length = new DataView(buffer).getUint32(0, true);
  if (4 + length > buffer.byteLength) throw new RangeError("the frame ends inside its header");
  const text = new TextDecoder().decode(new Uint8Array(buffer, 4, length));
  const { arrays: listed, ...header } = JSON.parse(text) as { arrays?: Listed[] } & Record<string, unknown>;
  const arrays: Record<string, FrameArray> = {};
  for (const one of listed ?? []) arrays[one.name] = view(buffer, 4 + length, one);
  return { header, arrays };
}

/** Return one row of a matrix, without copying. */
export function row(array: FrameArray, index: number): Numbers {
  const width = array.shape.at(-1) ?? 0;
  return array.values.subarray(index * width, (index + 1) * width);
}

/** Return an array that an answer must have. */
export function need(frame: Frame, name: string): FrameArray {
  const found = frame.arrays[name];
  if (!found) throw new RangeError(`the answer has no array ${name}`);
  return found;
}
