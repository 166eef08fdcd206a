import type {Point, Validity, Value} from '../api/types';
import type {Stamp} from '../clock';
import type {Held} from './state';

// Is there a number that means something? Over-range counts: it means "at least the top of the range".
export function hasNumber(validity: Validity): boolean {
  return validity === 'good' || validity === 'over_range' || validity === 'under_range';
}

function hold(before: Held | undefined, value: Value, at: Stamp, lag_ms: number): Held {
  const told_age_ms = value.age_ms === null ? null : Math.max(0, value.age_ms) + lag_ms;
  const good = value.q.validity === 'good' && value.v !== null;
  return {
    value,
    told_age_ms,
    at,
    last_good: good ? {v: value.v, told_age_ms, at} : (before?.last_good ?? null),
  };
}

// After a hello: exactly the points of the new table, so nothing piles up over the months. A number that was
// good before the link was lost stays known as the last good one.
export function holdAll(
  before: ReadonlyMap<number, Held>,
  points: ReadonlyMap<number, Point>,
  values: readonly Value[],
  at: Stamp,
  lag_ms: number,
): ReadonlyMap<number, Held> {
  const next = new Map<number, Held>();
  for (const v of values) if (points.has(v.id)) next.set(v.id, hold(before.get(v.id), v, at, lag_ms));
  return next;
}

// Values of points that are not in the table are not kept: the table comes before them.
export function holdChanged(
  before: ReadonlyMap<number, Held>,
  points: ReadonlyMap<number, Point>,
  values: readonly Value[],
  at: Stamp,
  lag_ms: number,
): ReadonlyMap<number, Held> {
  const next = new Map(before);
  for (const v of values) if (points.has(v.id)) next.set(v.id, hold(before.get(v.id), v, at, lag_ms));
  return next;
}
