import {describe, expect, test} from 'vitest';
import type {Point} from '../../../host/web/src/api/types';
import {type Arrangement, arrange, baseOrder, countShows} from '../../../host/web/src/state/arrange';
import {countAlarms, sortAlarms, worstByPoint} from '../../../host/web/src/state/alarms';
import {initialView} from '../../../host/web/src/state/state';
import {pointStatus} from '../../../host/web/src/state/status';
import {alarm, alarmsOf, at, held, point} from './support';

const none = initialView().filter;
const points = [
  point({id: 1, name: 'p1', title: '甲烷', place: '二号', v: 1}),
  point({id: 2, name: 'p2', title: '风速', place: '一号'}),
  point({id: 3, name: 'p10', title: '风速', place: '二号'}),
  point({id: 4, name: 'p9', title: '风速', place: '二号', quantity: 'CO'}),
];
const alarms = alarmsOf(
  alarm({occurrence: 'x', point: 1}),
  alarm({occurrence: 'y', point: 3, state: 'acknowledged'}),
);

function show(change: Partial<Arrangement> = {}): string[] {
  const worst = worstByPoint(alarms);
  const values = new Map(points.map((p) => [p.id, held({id: p.id, v: p.id, age_ms: p.id})]));
  const statuses = new Map(
    points.map((p: Point) => [p.id, pointStatus(p, values.get(p.id), worst.get(p.id), false, at(0))]),
  );
  const group = change.group ?? 'place';
  return arrange({
    base: baseOrder(points, group, 'zh'),
    statuses,
    filter: none,
    group,
    sort: 'title',
    descending: false,
    lang: 'zh',
    sampled: values,
    sampled_at: at(0),
    ...change,
  }).map((r) => (r.kind === 'group' ? `[${r.label} ${r.count}]` : `${r.point.name}${r.despite ? '!' : ''}`));
}

describe('the table', () => {
  test('groups by place, numbers in names sort as numbers', () => {
    expect(show()).toEqual(['[二号 3]', 'p9', 'p10', 'p1', '[一号 1]', 'p2']);
  });
  test('no filter hides a point in unacknowledged alarm', () => {
    for (const filter of [
      {...none, text: 'nothing like it'},
      {...none, quantity: 'CO2'},
      {...none, place: '一号'},
      {...none, show: 'maintenance' as const},
      {...none, gateway: 'FZ-99'},
    ]) {
      expect(show({filter, group: 'none'})).toContain('p1!');
    }
  });
  test('an acknowledged one may be filtered out', () => {
    expect(show({filter: {...none, text: 'zzz'}, group: 'none'})).toEqual(['p1!']);
  });
  test('every word of a search has to be found, in any text', () => {
    expect(show({filter: {...none, text: '二号 风速 fz-01'}, group: 'none'})).toEqual(['p9', 'p10', 'p1!']);
  });
  test('sorts by state with the most urgent first, and back', () => {
    expect(show({group: 'none', sort: 'state'})).toEqual(['p1', 'p10', 'p2', 'p9']);
    expect(show({group: 'none', sort: 'state', descending: true}).at(-1)).toBe('p1');
  });
  test('sorts by value and by age', () => {
    expect(show({group: 'none', sort: 'value'})).toEqual(['p9', 'p10', 'p2', 'p1']);
    expect(show({group: 'none', sort: 'age'})).toEqual(['p9', 'p10', 'p2', 'p1']);
  });
});

test('the counts of the state filter agree with what it shows', () => {
  const statuses = new Map(
    points.map((p) => [p.id, pointStatus(p, held(), worstByPoint(alarms).get(p.id), false, at(0))]),
  );
  expect(countShows(statuses)).toEqual({all: 4, abnormal: 2, alarm: 2, unusable: 0, maintenance: 0});
});

describe('the alarm list', () => {
  const many = alarmsOf(
    alarm({occurrence: 'old low', priority: 3, raised_ms: 1}),
    alarm({occurrence: 'acked high', priority: 1, raised_ms: 5, state: 'acknowledged'}),
    alarm({occurrence: 'new high', priority: 1, raised_ms: 9}),
    alarm({occurrence: 'old high', priority: 1, raised_ms: 2}),
    alarm({occurrence: 'returned high', priority: 1, raised_ms: 99, state: 'rtn_unacknowledged'}),
  );
  test('by priority: unacknowledged first, then the urgent, then those still there, then the new', () => {
    expect(sortAlarms(many, 'priority').map((a) => a.occurrence)).toEqual([
      'new high',
      'old high',
      'returned high',
      'old low',
      'acked high',
    ]);
  });
  test('oldest first shows what started it', () => {
    expect(sortAlarms(many, 'oldest')[0]?.occurrence).toBe('old low');
    expect(sortAlarms(many, 'newest')[0]?.occurrence).toBe('returned high');
  });
  test('counts what waits for a person', () => {
    expect(countAlarms(many)).toEqual({total: 5, unacknowledged: 4, by_priority: {1: 3, 2: 0, 3: 1, 4: 0}});
  });
});
