/**
 * Cells as spheres without a mesh: each is one point, and the shader works out where its surface is.
 *
 * A picture is drawn only when something changed, so that a machine without a graphics card can rest.
 */

import { distance, rotation, TANGENT, type Camera } from "./camera.ts";
import { lookup } from "./palette.ts";

const VERTEX = `#version 300 es
layout(location = 0) in vec3 position;
layout(location = 1) in float radius;
layout(location = 2) in float value;
uniform mat3 turn;
uniform vec3 middle;
uniform float away, aspect, tangent, pixels, clip, low, high, categories;
uniform sampler2D colours;
flat out vec3 colour;
flat out vec2 depth;
flat out float size;
void main() {
  vec3 seen = turn * (position - middle);
  float ahead = away - seen.z;
  float reach = radius / (ahead * tangent);
  gl_Position = vec4(seen.x / (tangent * aspect), seen.y / tangent, 0.0, ahead);
  gl_Position.z = 0.0;
  // What lies before the cutting plane, or behind the eye, is put where nothing is drawn.
  if (seen.z > clip || ahead < radius) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
  size = max(1.0, reach * pixels);
  gl_PointSize = size;
  depth = vec2(ahead, radius);
  float at = categories > 0.5 ? (mod(value, 256.0) + 0.5) / 256.0 : clamp((value - low) / (high - low), 0.002, 0.998);
  colour = texture(colours, vec2(at, 0.5)).rgb;
}`;

const FRAGMENT = `#version 300 es
precision highp float;
flat in vec3 colour;
flat in vec2 depth;
flat in float size;
uniform vec2 range;
out vec4 shade;
void main() {
  vec2 at = gl_PointCoord * 2.0 - 1.0;
  float square = dot(at, at);
  if (square > 1.0) discard;
  float bulge = sqrt(1.0 - square);
  float ahead = depth.x - depth.y * bulge;
  gl_FragDepth = clamp((ahead - range.x) / (range.y - range.x), 0.0, 1.0);
  float light = 0.42 + 0.58 * max(0.0, dot(vec3(at.x, -at.y, bulge), vec3(-0.38, 0.53, 0.76)));
  float edge = size < 4.0 ? 1.0 : smoothstep(0.0, 0.3, bulge);
  float far = 1.0 - 0.35 * clamp((ahead - range.x) / (range.y - range.x), 0.0, 1.0);
  shade = vec4(colour * light * (0.55 + 0.45 * edge) * far, 1.0);
}`;

export interface Cells {
  readonly position: Float32Array;
  readonly radius: Float32Array;
  readonly value: Float32Array;
  readonly middle: readonly [number, number, number];
  /** Radius of the ball that holds all cells. */
  readonly reach: number;
  readonly low: number;
  readonly high: number;
  readonly categories: boolean;
}

function compiled(gl: WebGL2RenderingContext, kind: number, source: string): WebGLShader {
  const shader = gl.createShader(kind);
  if (!shader) throw new Error("WebGL gave no shader");
  gl.shaderSource(shader, source);
  gl.compileShader(shader);
  if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader) ?? "the shader does not compile");
  return shader;
}

function linked(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  gl.attachShader(program, compiled(gl, gl.VERTEX_SHADER, VERTEX));
  gl.attachShader(program, compiled(gl, gl.FRAGMENT_SHADER, FRAGMENT));
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program) ?? "the program does not link");
  return program;
}

export class Renderer {
  readonly #gl: WebGL2RenderingContext;
  readonly #program: WebGLProgram;
  readonly #buffers: readonly WebGLBuffer[];
  readonly #texture: WebGLTexture;
  readonly #places = new Map<string, WebGLUniformLocation | null>();
  #cells: Cells | null = null;
  #asked = 0;

  /** Begin to draw on a canvas; fails where the browser has no WebGL 2. */
  constructor(canvas: HTMLCanvasElement) {
    const gl = canvas.getContext("webgl2", { antialias: false, alpha: false, preserveDrawingBuffer: true });
    if (!gl) throw new Error("this browser has no WebGL 2");
    this.#gl = gl;
    this.#program = linked(gl);
    this.#buffers = [0, 1, 2].map(() => gl.createBuffer());
    this.#texture = gl.createTexture();
    gl.useProgram(this.#program);
    [3, 1, 1].forEach((width, place) => {
      gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffers[place] ?? null);
      gl.enableVertexAttribArray(place);
      gl.vertexAttribPointer(place, width, gl.FLOAT, false, 0, 0);
    });
    gl.enable(gl.DEPTH_TEST);
  }

  #uniform(name: string): WebGLUniformLocation | null {
    if (!this.#places.has(name)) this.#places.set(name, this.#gl.getUniformLocation(this.#program, name));
    return this.#places.get(name) ?? null;
  }

  setCells(cells: Cells): void {
    const gl = this.#gl;
    const before = this.#cells;
    [cells.position, cells.radius, cells.value].forEach((values, place) => {
      if (before && [before.position, before.radius, before.value][place] === values) return;
      gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffers[place] ?? null);
      gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
    });
    if (before?.categories !== cells.categories) {
      gl.bindTexture(gl.TEXTURE_2D, this.#texture);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, lookup(cells.categories));
      gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
      gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    }
    this.#cells = cells;
  }

  /** Draw once, at the next frame of the screen; asking again before that draws no more. */
  draw(camera: Camera, clip: number, paper: readonly [number, number, number], drawn: (milliseconds: number) => void): void {
    cancelAnimationFrame(this.#asked);
    this.#asked = requestAnimationFrame(() => {
      const begun = performance.now();
      this.#paint(camera, clip, paper);
      this.#when(begun, drawn);
    });
  }

  /** Tell how long a picture took once the graphics card, or what stands in for it, has finished it. */
  #when(begun: number, drawn: (milliseconds: number) => void): void {
    const gl = this.#gl;
    const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    if (!fence) return;
    gl.flush();
    const look = () => {
      if (gl.isContextLost()) return;
      if (gl.getSyncParameter(fence, gl.SYNC_STATUS) === gl.SIGNALED) {
        gl.deleteSync(fence);
        drawn(performance.now() - begun);
      } else setTimeout(look, 2);
    };
    setTimeout(look, 0);
  }

  #paint(camera: Camera, clip: number, paper: readonly [number, number, number]): void {
    const gl = this.#gl;
    const { width, height } = gl.canvas;
    gl.viewport(0, 0, width, height);
    gl.clearColor(...paper, 1);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    const cells = this.#cells;
    if (!cells) return;
    const aspect = width / height;
    const away = distance(camera, cells.reach, aspect);
    gl.uniformMatrix3fv(this.#uniform("turn"), false, rotation(camera));
    gl.uniform3fv(this.#uniform("middle"), cells.middle);
    const numbers = {
      away,
      aspect,
      tangent: TANGENT,
      pixels: height,
      clip: cells.reach * (1 - 2 * clip) + (clip === 0 ? cells.reach : 0),
      low: cells.low,
      high: Math.max(cells.high, cells.low + 1e-30),
      categories: cells.categories ? 1 : 0,
    };
    for (const [name, value] of Object.entries(numbers)) gl.uniform1f(this.#uniform(name), value);
    gl.uniform2f(this.#uniform("range"), Math.max(away - 1.2 * cells.reach, 1e-3), away + 1.2 * cells.reach);
    gl.drawArrays(gl.POINTS, 0, cells.radius.length);
  }

  /** Give the graphics memory back. */
  close(): void {
    cancelAnimationFrame(this.#asked);
    this.#gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}
