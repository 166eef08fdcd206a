import {formatDateTime, formatTime} from '../format';

// Texts of the time axis: the time, and below it the day where a new one begins or the axis does.
export function timeLabels(splits_ms: readonly number[], step_ms: number): string[] {
  let day = '';
  return splits_ms.map((ms) => {
    const today = formatDateTime(ms).slice(0, 10);
    const time = formatTime(ms);
    const short = step_ms >= 60_000 ? time.slice(0, 5) : time;
    const text = today === day ? short : `${short}\n${today}`;
    day = today;
    return text;
  });
}

interface LimitAt {
  readonly side: 'high' | 'low';
  readonly at: number;
}

// The value axis: all data, and the first limit on each side, so that the distance to it is always seen.
// Further limits only when the data is beyond the first.
export function valueRange(
  low: number | null,
  high: number | null,
  limits: readonly LimitAt[],
): [number, number] {
  const highs = limits
    .filter((l) => l.side === 'high')
    .map((l) => l.at)
    .sort((a, b) => a - b);
  const lows = limits
    .filter((l) => l.side === 'low')
    .map((l) => l.at)
    .sort((a, b) => b - a);
  let from = low ?? highs[0] ?? lows[0] ?? 0;
  let to = high ?? highs[0] ?? lows[0] ?? 1;
  const top = highs.find((at) => at > to) ?? highs.at(-1);
  const bottom = lows.find((at) => at < from) ?? lows.at(-1);
  if (top !== undefined) to = Math.max(to, top);
  if (bottom !== undefined) from = Math.min(from, bottom);
  if (from > 0 && from < 0.5 * to) from = 0; // near enough to zero that the axis may as well start there
  if (to - from < 1e-9) {
    const some = Math.max(Math.abs(to) * 0.1, 0.1);
    return [from - some, to + some];
  }
  const pad = (to - from) * 0.06;
  return [from === 0 ? 0 : from - pad, to + pad];
}
