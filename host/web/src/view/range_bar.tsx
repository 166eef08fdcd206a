import type {JSX} from 'preact';
import type {Point} from '../api/types';
import {barScale} from './bar_scale';

const width = 100;

export function RangeBar({point, v}: {point: Point; v: number | null}): JSX.Element | null {
  const scale = barScale(point);
  if (!scale) return null;
  const x = (n: number): number =>
    Math.min(Math.max((n - scale.low) / (scale.high - scale.low), 0), 1) * width;
  const highs = point.limits.filter((l) => l.side === 'high').map((l) => x(l.at));
  const lows = point.limits.filter((l) => l.side === 'low').map((l) => x(l.at));
  const from = Math.max(0, ...lows);
  const to = Math.min(width, ...highs);
  return (
    <svg class="range-bar" viewBox={`-3 0 ${width + 6} 14`} preserveAspectRatio="none" aria-hidden="true">
      <rect class="beyond" x="0" y="4" width={width} height="6" />
      <rect class="normal" x={from} y="4" width={Math.max(0, to - from)} height="6" />
      {[...highs, ...lows].map((at) => (
        <path class="limit" d={`M${at} 2v10`} />
      ))}
      {v !== null && <path class="value" d={`M${x(v)} 1v12`} />}
    </svg>
  );
}
