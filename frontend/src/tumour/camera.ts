/** A camera that turns around the middle of the tumour. */

export interface Camera {
  readonly yaw: number;
  readonly pitch: number;
  /** Distance over the one from which the whole domain is seen. */
  readonly zoom: number;
}

export const FIRST_CAMERA: Camera = { yaw: 0.6, pitch: 0.35, zoom: 1 };
const STEEPEST = 1.5;

export function turned(camera: Camera, yaw: number, pitch: number): Camera {
  return { ...camera, yaw: camera.yaw + yaw, pitch: Math.min(STEEPEST, Math.max(-STEEPEST, camera.pitch + pitch)) };
}

export function zoomed(camera: Camera, factor: number): Camera {
  return { ...camera, zoom: Math.min(4, Math.max(0.15, camera.zoom * factor)) };
}

/** Half of the angle of view, as tangent. */
export const TANGENT = 0.36;

/** Return the matrix (column by column) that turns the world, its middle moved to the origin, to the camera. */
export function rotation({ yaw, pitch }: Camera): Float32Array {
  const [cy, sy, cp, sp] = [Math.cos(yaw), Math.sin(yaw), Math.cos(pitch), Math.sin(pitch)];
  return new Float32Array([cy, sp * sy, cp * sy, 0, cp, -sp, -sy, sp * cy, cp * cy]);
}

/** Return the distance from which a ball of this radius fills the smaller side of a picture. */
export function distance(camera: Camera, radius: number, aspect: number): number {
  const narrow = TANGENT * Math.min(1, aspect);
  return (camera.zoom * radius * 1.06) / Math.sin(Math.atan(narrow));
}
