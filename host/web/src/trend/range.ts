// Which stretch of time a trend shows.

export type Range =
  | {readonly kind: 'live'; readonly span_ms: number} // ends now, moves along
  | {readonly kind: 'fixed'; readonly from_ms: number; readonly to_ms: number}; // stands still

export const spans_ms = [10 * 60_000, 3_600_000, 8 * 3_600_000, 24 * 3_600_000, 96 * 3_600_000] as const;

export const span_min_ms = 10_000;
export const span_max_ms = 400 * 86_400_000;

export interface Extent {
  readonly from_ms: number;
  readonly to_ms: number;
}

export function extentOf(range: Range, now_ms: number): Extent {
  if (range.kind === 'fixed') return {from_ms: range.from_ms, to_ms: range.to_ms};
  const to_ms = Math.round(now_ms); // whole milliseconds: dates know no others
  return {from_ms: to_ms - Math.round(range.span_ms), to_ms};
}

// A range that makes sense: the right way round, not too short to hold anything, not beyond what is kept.
export function fixedRange(a_ms: number, b_ms: number): Range {
  const from = Math.min(a_ms, b_ms);
  const span = Math.min(Math.max(Math.abs(b_ms - a_ms), span_min_ms), span_max_ms);
  const middle = (a_ms + b_ms) / 2;
  const grown = Math.abs(b_ms - a_ms) < span_min_ms ? middle - span / 2 : from;
  return {kind: 'fixed', from_ms: Math.round(grown), to_ms: Math.round(grown + span)};
}

// Around the middle; factor below 1 shows less. A live range keeps its end.
export function zoomed(range: Range, factor: number, now_ms: number): Range {
  if (range.kind === 'live') {
    return {kind: 'live', span_ms: Math.min(Math.max(range.span_ms * factor, span_min_ms), span_max_ms)};
  }
  const {from_ms, to_ms} = extentOf(range, now_ms);
  const middle = (from_ms + to_ms) / 2;
  const half = ((to_ms - from_ms) / 2) * factor;
  return fixedRange(middle - half, middle + half);
}

// Half a screen earlier or later. What would lie in the future becomes live again.
export function panned(range: Range, direction: -1 | 1, now_ms: number): Range {
  const {from_ms, to_ms} = extentOf(range, now_ms);
  const step = ((to_ms - from_ms) / 2) * direction;
  if (range.kind === 'live' && direction > 0) return range;
  if (to_ms + step >= now_ms) return {kind: 'live', span_ms: to_ms - from_ms};
  return fixedRange(from_ms + step, to_ms + step);
}

// As many buckets as the picture has columns, but not more than there are samples: else every other one is
// empty.
export function bucketCount(span_ms: number, period_ms: number, columns: number): number {
  return Math.max(1, Math.min(Math.floor(columns), Math.floor(span_ms / Math.max(period_ms, 1)), 4000));
}
