import {decodeAlarm, decodePoint, decodeValue} from '../../../host/web/src/api/decode';
import type {Alarm, Point, Value} from '../../../host/web/src/api/types';
import type {Stamp} from '../../../host/web/src/clock';
import type {Held} from '../../../host/web/src/state/state';

export const at = (ms: number): Stamp => ({perf: ms, wall: 1_700_000_000_000 + ms});

const quality = {validity: 'good', maintenance: 'none', limit: 'none', feed: 'none'};

function need<T>(x: T | null): T {
  if (x === null) throw new Error('a test object that does not decode');
  return x;
}

export function point(change: object = {}): Point {
  return need(
    decodePoint({
      id: 1,
      name: 'N1201-T0',
      title: '回风隅角甲烷',
      title_en: 'Return corner methane',
      place: '综采面',
      place_en: 'Longwall',
      quantity: 'CH4',
      unit: '%CH4',
      kind: 'analogue',
      range_low: 0,
      range_high: 100,
      period_ms: 1000,
      stale_after_ms: 3000,
      gateway: 'FZ-01',
      device: 'rs485-1/3',
      limits: [],
      withdrawn: false,
      ...change,
    }),
  );
}

export function value(change: object = {}, q: object = {}): Value {
  return need(
    decodeValue({
      id: 1,
      v: 0.42,
      q: {...quality, ...q},
      t_ms: 1000,
      age_ms: 0,
      stale: false,
      late: false,
      clock: 'ok',
      ...change,
    }),
  );
}

export function held(change: object = {}, q: object = {}, when: Stamp = at(0)): Held {
  const v = value(change, q);
  return {value: v, told_age_ms: v.age_ms, at: when, last_good: null};
}

export function alarm(change: object = {}): Alarm {
  return need(
    decodeAlarm({
      occurrence: 'a',
      seq: 1,
      source: 'limit',
      point: 1,
      name: 'N1201-T0',
      level: 'alarm',
      side: 'high',
      priority: 2,
      state: 'unacknowledged',
      condition: 'active',
      raised_ms: 1000,
      ...change,
    }),
  );
}

export const alarmsOf = (...all: Alarm[]): ReadonlyMap<string, Alarm> =>
  new Map(all.map((a) => [a.occurrence, a]));
