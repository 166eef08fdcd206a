import {type Stamp, elapsed} from './clock';

// What the host said of a value's age, and when it arrived here.
export interface Aged {
  // By the host's clock, the way to us included; null: the host did not know.
  readonly told_age_ms: number | null;
  // When the frame arrived.
  readonly at: Stamp;
}

// How old is it now, by the browser's own clocks? Infinity when the host could not tell: unknown is not
// young.
export function ageOf(aged: Aged, now: Stamp): number {
  if (aged.told_age_ms === null || !Number.isFinite(aged.told_age_ms)) return Infinity;
  return Math.max(0, aged.told_age_ms) + elapsed(aged.at, now);
}

// Stale by the point's own limit, whatever the host last said.
export function isOlderThan(aged: Aged, stale_after_ms: number, now: Stamp): boolean {
  return ageOf(aged, now) > stale_after_ms;
}
