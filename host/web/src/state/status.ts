import {isOlderThan} from '../age';
import type {Alarm, Point, Priority} from '../api/types';
import type {Stamp} from '../clock';
import type {Key} from '../i18n';
import {isUnacknowledged} from './alarms';
import type {Held} from './state';
import {hasNumber} from './values';

export type Mark =
  'alarm' | 'returned' | 'acked' | 'limit' | 'bad' | 'stale' | 'maintenance' | 'normal' | 'withdrawn';

// What a row says of its point, apart from the number itself. `rank` orders by urgency, 0 first.
export interface Status {
  readonly rank: number;
  readonly mark: Mark;
  readonly priority: Priority | null;
  readonly words: readonly Key[]; // the state, most important first
  readonly pinned: boolean; // in unacknowledged alarm: no filter may hide it
  readonly value: 'ok' | 'stale' | 'bad' | 'none'; // how the number may be shown
}

// How may the number be shown? A number under a bad quality is not one; a number from yesterday is not now.
export function valueState(
  point: Point,
  held: Held | undefined,
  blind: boolean,
  lost: boolean,
  now: Stamp,
): Status['value'] {
  if (!held) return 'none';
  const {q, v} = held.value;
  if (q.validity !== 'good' || v === null || blind) return 'bad';
  const old = held.value.stale || held.value.late || point.withdrawn || lost;
  return old || isOlderThan(held, point.stale_after_ms, now) ? 'stale' : 'ok';
}

function alarmStatus(alarm: Alarm, value: Status['value']): Status {
  const pinned = isUnacknowledged(alarm);
  const level: Key = alarm.source === 'limit' ? `level.${alarm.level}` : `source.${alarm.source}`;
  const mark = alarm.state === 'rtn_unacknowledged' ? 'returned' : pinned ? 'alarm' : 'acked';
  return {
    rank: (pinned ? 0 : 4) + alarm.priority,
    mark,
    priority: alarm.priority,
    pinned,
    value,
    words: [level, `short.${alarm.state}`],
  };
}

// The one state a row's mark shows. Unacknowledged alarms first, then what is dangerous, then what cannot be
// known, then what is old, then what people are working on. The quality column tells all of it.
export function pointStatus(
  point: Point,
  held: Held | undefined,
  alarm: Alarm | undefined,
  lost: boolean,
  now: Stamp,
): Status {
  const blind = alarm?.source === 'blind' && alarm.condition !== 'clear';
  const value = valueState(point, held, blind, lost, now);
  if (alarm) return alarmStatus(alarm, value);
  const is = (rank: number, mark: Mark, word: Key): Status => ({
    rank,
    mark,
    priority: null,
    words: [word],
    pinned: false,
    value,
  });
  if (point.withdrawn) return is(30, 'withdrawn', 'status.withdrawn');
  if (!held) return is(15, 'bad', 'validity.not_read');
  const q = held.value.q;
  if (q.limit === 'cut') return is(9, 'limit', 'level.cut');
  if (q.limit === 'alarm') return is(10, 'limit', 'level.alarm');
  if (q.feed === 'abnormal') return is(11, 'limit', 'feed.abnormal');
  if (q.limit === 'warning') return is(12, 'limit', 'level.warning');
  if (value === 'bad') return is(hasNumber(q.validity) ? 14 : 15, 'bad', validityWord(held));
  if (q.limit === 'unknown' || q.feed === 'unknown') return is(16, 'bad', 'validity.unknown');
  if (value === 'stale') return is(17, 'stale', held.value.late ? 'quality.late' : 'status.stale');
  if (q.maintenance !== 'none') return is(18, 'maintenance', `maintenance.${q.maintenance}`);
  if (held.value.clock === 'unknown') return is(19, 'stale', 'quality.clock_unknown');
  return is(20, 'normal', 'status.normal');
}

function validityWord(held: Held): Key {
  const {validity} = held.value.q;
  return validity === 'good' ? 'validity.not_read' : `validity.${validity}`;
}

// All that the quality says, in words; empty when there is nothing to say.
export function qualityWords(held: Held | undefined, value: Status['value']): readonly Key[] {
  if (!held) return ['validity.not_read'];
  const {q} = held.value;
  const words: Key[] = [];
  if (value === 'bad') words.push(validityWord(held));
  if (value === 'stale') words.push('status.stale');
  if (q.limit !== 'none') words.push(`limit.${q.limit}`);
  if (q.maintenance !== 'none') words.push(`maintenance.${q.maintenance}`);
  if (q.feed !== 'none') words.push(`feed.${q.feed}`);
  if (held.value.late) words.push('quality.late');
  if (held.value.clock === 'unknown') words.push('quality.clock_unknown');
  return words;
}

export function isAbnormal(s: Status): boolean {
  return s.mark !== 'normal' && s.mark !== 'withdrawn';
}
