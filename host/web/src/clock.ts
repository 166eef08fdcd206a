// The only file that reads clocks. Everything else takes a Stamp as an argument.

// One moment on the browser's two clocks. `perf` never jumps but may stand still while the computer sleeps;
// `wall` goes on during sleep but may be set. Neither alone is trusted for the age of a value.
export interface Stamp {
  readonly perf: number;
  readonly wall: number;
}

export function now(): Stamp {
  return {perf: performance.now(), wall: Date.now()};
}

// Milliseconds from `from` to `to`: the longer of the two clocks, so that neither sleep nor a clock set back
// can make old data look new. A clock set forward makes data look old until the next frame comes: the safe
// side.
export function elapsed(from: Stamp, to: Stamp): number {
  return Math.max(0, to.perf - from.perf, to.wall - from.wall);
}
