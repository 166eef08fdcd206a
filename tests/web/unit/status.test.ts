import {describe, expect, test} from 'vitest';
import type {Mark, Status} from '../../../host/web/src/state/status';
import {pointStatus, qualityWords} from '../../../host/web/src/state/status';
import {causeKey} from '../../../host/web/src/view/alarm_text';
import {alarmNow, valueTexts} from '../../../host/web/src/view/point_value';
import {alarm, at, held, point} from './support';

const now = at(1000);
const judge = (change: object = {}, q: object = {}, lost = false): Status =>
  pointStatus(point(), held(change, q), undefined, lost, now);

describe('the mark of a point', () => {
  const rows: [string, object, object, Mark, Status['value']][] = [
    ['good and fresh', {}, {}, 'normal', 'ok'],
    ['beyond cut', {}, {limit: 'cut'}, 'limit', 'ok'],
    ['feed abnormal', {}, {feed: 'abnormal'}, 'limit', 'ok'],
    ['disconnected', {v: null}, {validity: 'disconnected'}, 'bad', 'bad'],
    ['bad with a number: still no number', {v: 0.3}, {validity: 'sensor_fault'}, 'bad', 'bad'],
    ['good without a number', {v: null}, {}, 'bad', 'bad'],
    ['quality that cannot be read', {}, {validity: '?'}, 'bad', 'bad'],
    ['limit state that cannot be read', {}, {limit: '?'}, 'bad', 'ok'],
    [
      'over range and beyond a limit: the limit first',
      {},
      {validity: 'over_range', limit: 'cut'},
      'limit',
      'bad',
    ],
    ['told stale by the host', {stale: true}, {}, 'stale', 'stale'],
    ['came too late to be live', {late: true}, {}, 'stale', 'stale'],
    ['older than its limit', {age_ms: 2500}, {}, 'stale', 'stale'],
    ['of unknown age', {age_ms: null}, {}, 'stale', 'stale'],
    ['being calibrated', {}, {maintenance: 'calibrating'}, 'maintenance', 'ok'],
    ['from an untrusted clock', {clock: 'unknown'}, {}, 'stale', 'ok'],
  ];
  for (const [name, change, q, mark, shown] of rows) {
    test(name, () => expect(judge(change, q)).toMatchObject({mark, value: shown}));
  }
  test('never received', () => {
    expect(pointStatus(point(), undefined, undefined, false, now)).toMatchObject({
      mark: 'bad',
      value: 'none',
    });
  });
  test('nothing is live without a link', () =>
    expect(judge({}, {}, true)).toMatchObject({mark: 'stale', value: 'stale'}));
  test('withdrawn: not live, not normal', () => {
    expect(pointStatus(point({withdrawn: true}), held(), undefined, false, now)).toMatchObject({
      mark: 'withdrawn',
      value: 'stale',
    });
  });
});

describe('alarms decide the mark', () => {
  const with_alarm = (change: object): Status => pointStatus(point(), held(), alarm(change), false, now);
  test('unacknowledged, returned or not, pins the row', () => {
    expect(with_alarm({})).toMatchObject({mark: 'alarm', pinned: true});
    expect(with_alarm({state: 'rtn_unacknowledged', condition: 'clear'})).toMatchObject({
      mark: 'returned',
      pinned: true,
    });
    expect(with_alarm({state: 'acknowledged'})).toMatchObject({mark: 'acked', pinned: false});
  });
  test('unacknowledged of low priority ranks before acknowledged of high priority', () => {
    expect(with_alarm({priority: 4}).rank).toBeLessThan(
      with_alarm({priority: 1, state: 'acknowledged'}).rank,
    );
  });
  test('a blind point has no number, whatever its last quality was', () => {
    expect(with_alarm({source: 'blind'}).value).toBe('bad');
    expect(with_alarm({source: 'blind', condition: 'unknown', state: 'acknowledged'}).value).toBe('bad');
    expect(with_alarm({source: 'blind', condition: 'clear'}).value).toBe('ok');
  });
});

describe('what the row says', () => {
  const texts = (change: object, q: object, last?: number) => {
    const p = point({limits: [{side: 'high', level: 'alarm', at: 1, clear_at: 1, priority: 1}]});
    const h = {
      ...held(change, q),
      last_good: last === undefined ? null : {v: last, told_age_ms: 0, at: at(-60_000)},
    };
    return valueTexts(p, h, pointStatus(p, h, undefined, false, now), 'zh', now);
  };
  test('a good value is a number', () =>
    expect(texts({}, {})).toMatchObject({main: '0.42', last: '', quality: '正常'}));
  test('a bad one is words, with the last number and its age beside', () => {
    expect(texts({v: null}, {validity: 'disconnected'}, 0.5)).toMatchObject({
      main: '断线',
      last: '末值 0.50 · 1 分',
    });
    expect(texts({v: 0.7}, {validity: 'bad_comm'}).main).toBe('通讯中断');
  });
  test('over range says "at least", never just the number', () => {
    expect(texts({v: 4}, {validity: 'over_range'})).toMatchObject({main: '溢出', last: '≥ 4.00'});
  });
  test('all four facts of the quality are told', () => {
    const q = {validity: 'good', maintenance: 'calibrating', limit: 'alarm', feed: 'abnormal'};
    expect(qualityWords(held({late: true, clock: 'unknown'}, q), 'stale')).toEqual([
      'status.stale',
      'limit.alarm',
      'maintenance.calibrating',
      'feed.abnormal',
      'quality.late',
      'quality.clock_unknown',
    ]);
  });
});

describe('what the alarm list says', () => {
  test('the value as it is now, not as it was when the alarm changed', () => {
    const a = alarm({value: 1.62, state: 'acknowledged'});
    expect(alarmNow(a, point(), held({v: 0.9}), false, 'zh', now)).toEqual({text: '0.90', state: 'ok'});
    expect(alarmNow(a, point(), held({v: null}, {validity: 'bad_comm'}), false, 'zh', now)).toMatchObject({
      text: '通讯中断',
      state: 'bad',
    });
    expect(alarmNow(a, undefined, undefined, false, 'zh', now)).toEqual({text: '1.62', state: 'stale'});
  });
  test('the cause in words where it is a word we know', () => {
    const causes = ['', 'over_range', 'calibrating', 'no_reading', 'offline', 'toString', 'from the future'];
    expect(causes.map((kind) => causeKey(alarm({kind})))).toEqual([
      null,
      'validity.over_range',
      'maintenance.calibrating',
      'cause.no_reading',
      'cause.offline',
      null,
      null,
    ]);
  });
});
