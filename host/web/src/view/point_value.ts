import {ageOf} from '../age';
import type {Alarm, Point} from '../api/types';
import type {Stamp} from '../clock';
import {formatAge, formatNumber, formatValue, decimalsOf} from '../format';
import {type Lang, t} from '../i18n';
import type {Held} from '../state/state';
import {type Status, pointStatus, qualityWords} from '../state/status';

// The texts of one row. Strings only, so that a row is drawn anew only when a text has really changed.
export interface ValueTexts {
  readonly main: string; // the value, or what is wrong with it
  readonly last: string; // the last good number and its age, when the value is not one
  readonly quality: string;
  readonly age: string;
}

function boundText(point: Point, held: Held, lang: Lang): string | null {
  const {q, v} = held.value;
  if (v === null || q.validity === 'good') return null;
  const text = formatValue(point, v, lang);
  if (q.validity === 'over_range') return `≥ ${text}`;
  if (q.validity === 'under_range') return `≤ ${text}`;
  return null;
}

function lastText(point: Point, held: Held, lang: Lang, now: Stamp): string {
  const bound = boundText(point, held, lang);
  if (bound !== null) return bound;
  if (!held.last_good) return '';
  const v = formatValue(point, held.last_good.v, lang) ?? '';
  return t(lang, 'table.last', {v, age: formatAge(ageOf(held.last_good, now), lang)});
}

export function valueTexts(
  point: Point,
  held: Held | undefined,
  status: Status,
  lang: Lang,
  now: Stamp,
): ValueTexts {
  const words = qualityWords(held, status.value).map((k) => t(lang, k));
  const quality = words.join(' · ') || t(lang, 'status.normal');
  if (!held) return {main: t(lang, 'validity.not_read'), last: '', quality, age: '—'};
  const age = formatAge(ageOf(held, now), lang);
  const text = status.value === 'bad' ? null : formatValue(point, held.value.v, lang);
  if (text !== null) return {main: text, last: '', quality, age};
  return {
    main: words[0] ?? t(lang, 'validity.not_read'),
    last: lastText(point, held, lang, now),
    quality,
    age,
  };
}

// A number of an alarm: with the point's decimals and limits when the point is known.
export function alarmNumber(point: Point | undefined, v: number | null, unit: string, lang: Lang): string {
  if (v === null) return '—';
  const text = point ? (formatValue(point, v, lang) ?? '—') : formatNumber(v, 2);
  return unit ? `${text} ${unit}` : text;
}

// The value of an alarm's point as it is now, not as it was when the alarm last changed: a number only while
// it is live. Without the point only the alarm's own last value is left, and that is old.
export function alarmNow(
  alarm: Alarm,
  point: Point | undefined,
  held: Held | undefined,
  lost: boolean,
  lang: Lang,
  now: Stamp,
): {readonly text: string; readonly state: Status['value']} {
  if (!point || !held) return {text: alarmNumber(point, alarm.value, '', lang), state: 'stale'};
  const status = pointStatus(point, held, alarm, lost, now);
  return {text: valueTexts(point, held, status, lang, now).main, state: status.value};
}

// A number of a trend, which may be a mean between two states.
export function trendNumber(point: Point, v: number | null): string {
  return v === null ? '—' : formatNumber(v, Math.max(decimalsOf(point), point.kind === 'analogue' ? 0 : 2));
}
