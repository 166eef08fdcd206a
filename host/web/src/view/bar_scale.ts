import type {Point} from '../api/types';

// The scale of the bar: the measuring range, cut to where the limits are. On 0..100 % CH4 with a limit of 1 %
// the interesting part would be one pixel wide.
export function barScale(point: Point): {low: number; high: number} | null {
  if (point.kind !== 'analogue') return null;
  let low = point.range_low ?? 0;
  let high = point.range_high ?? 0;
  const highs = point.limits.filter((l) => l.side === 'high').map((l) => l.at);
  const lows = point.limits.filter((l) => l.side === 'low').map((l) => l.at);
  const top = Math.max(...highs); // -Infinity without one: then the range is shown to its end
  if (Number.isFinite(top) && top > low)
    high = Math.min(high > low ? high : Infinity, low + (top - low) * 1.6);
  if (lows.length > 0 && Math.min(...lows) < low) low = Math.min(...lows);
  return high > low ? {low, high} : null;
}
