import type {Limit, Point} from './api/types';
import {type Lang, type Key, t} from './i18n';

// Numbers, times and sizes as text. Pure: time zones are the browser's, the moment is an argument.

const byQuantity: Readonly<Record<string, number>> = {
  CH4: 2,
  CO: 1,
  CO2: 2,
  O2: 1,
  temperature: 1,
  wind_speed: 2,
  wind_direction: 0,
  pressure: 1,
  difference_pressure: 0,
  dust: 1,
  humidity: 1,
  current: 1,
  power: 1,
  level: 2,
  battery: 0,
  production: 1,
};

// How many decimals a point is always shown with, so that the figures of a column keep their places.
export function decimalsOf(point: Point): number {
  const known = byQuantity[point.quantity];
  if (known !== undefined) return known;
  if (point.kind !== 'analogue' && point.kind !== 'totaliser') return 0;
  const span = (point.range_high ?? 0) - (point.range_low ?? 0);
  if (span <= 0) return 2;
  return span <= 1 ? 3 : span <= 20 ? 2 : span <= 200 ? 1 : 0;
}

const decimals_max = 4;

function beyond(limit: Limit, v: number): boolean {
  return limit.side === 'high' ? v >= limit.at : v <= limit.at;
}

// Rounding must not put a value on the other side of a limit: 0.996 is not 1.00. It gets more decimals then.
export function formatNumber(v: number, decimals: number, limits: readonly Limit[] = []): string {
  if (Math.abs(v) >= 1e9) return v.toExponential(3);
  let d = decimals;
  while (d < decimals_max && limits.some((l) => beyond(l, v) !== beyond(l, Number(v.toFixed(d))))) d += 1;
  const text = v.toFixed(d);
  return Number(text) === 0 ? text.replace('-', '') : text;
}

// The value in the words of its kind; null when there is no number.
export function formatValue(point: Point, v: number | null, lang: Lang): string | null {
  if (v === null) return null;
  if (point.kind === 'state' || point.kind === 'control') {
    const text = v === 0 ? point.text_off : point.text_on;
    const shown = text || t(lang, v === 0 ? 'state.off' : 'state.on');
    return v === 0 || v === 1 ? shown : `${shown} (${formatNumber(v, 0)})`;
  }
  return formatNumber(v, decimalsOf(point), point.limits);
}

// An age in the largest unit that fits. Bounded in width: never more than three figures.
export function formatAge(ms: number, lang: Lang): string {
  if (!Number.isFinite(ms)) return t(lang, 'age.unknown');
  const s = Math.max(0, Math.floor(ms / 1000));
  const part = (key: Key, n: number): string => t(lang, key, {n: Math.floor(n)});
  if (s < 60) return part('age.s', s);
  if (s < 3600) return part('age.min', s / 60);
  if (s < 48 * 3600) return part('age.h', s / 3600);
  return s < 999 * 86_400 ? part('age.d', s / 86_400) : t(lang, 'age.years');
}

const two = (n: number): string => String(n).padStart(2, '0');

export function formatTime(ms: number | null): string {
  if (ms === null || !isDate(ms)) return '—';
  const d = new Date(ms);
  return `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
}

export function formatDateTime(ms: number | null): string {
  if (ms === null || !isDate(ms)) return '—';
  const d = new Date(ms);
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())} ${formatTime(ms)}`;
}

// The time alone when it is of today, with the day otherwise.
export function formatMoment(ms: number | null, now_ms: number | null): string {
  if (ms === null || !isDate(ms)) return '—';
  const d = new Date(ms);
  const today = now_ms !== null && d.toDateString() === new Date(now_ms).toDateString();
  return today ? formatTime(ms) : `${two(d.getMonth() + 1)}-${two(d.getDate())} ${formatTime(ms)}`;
}

function isDate(ms: number): boolean {
  return Math.abs(ms) <= 8.64e15;
}

export function formatBytes(n: number | null): string {
  if (n === null || n < 0) return '—';
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let x = n;
  let i = 0;
  while (x >= 1024 && i < units.length - 1) {
    x /= 1024;
    i += 1;
  }
  return `${i === 0 ? x.toFixed(0) : x.toFixed(1)} ${units[i]}`;
}

export function formatCount(n: number | null): string {
  return n === null ? '—' : n.toLocaleString('en-US', {maximumFractionDigits: 0});
}
