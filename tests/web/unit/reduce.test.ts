import {describe, expect, test} from 'vitest';
import {ageOf} from '../../../host/web/src/age';
import type {Frame} from '../../../host/web/src/api/types';
import {isLost, serverNow} from '../../../host/web/src/state/link';
import {type Action, journal_max, reduce} from '../../../host/web/src/state/reduce';
import {type State, initialState} from '../../../host/web/src/state/state';
import {alarm, at, point, value} from './support';

const session = {user: 'wang', role: 'operator', must_change_password: false} as const;

function hello(change: object = {}): Frame {
  return {
    type: 'hello',
    seq: 1,
    server_ms: 5000,
    mine: 'm',
    version: '1',
    beat_ms: 1000,
    points: [point()],
    values: [value()],
    gateways: [],
    alarms: [alarm()],
    rejected: 0,
    ...change,
  };
}

function play(state: State, ...actions: Action[]): State {
  return actions.reduce(reduce, state);
}

const frame = (f: Frame, ms = 0, lag_ms = 0): Action => ({type: 'frame', frame: f, at: at(ms), lag_ms});
const started = (): State =>
  play(initialState(at(0), 'zh'), {type: 'session', session, now: at(0)}, frame(hello()));

describe('values', () => {
  test('carry the time they lost on the way in their age', () => {
    const s = play(
      started(),
      frame(
        {type: 'values', seq: 2, server_ms: 6000, values: [value({age_ms: 100})], rejected: 0},
        1000,
        400,
      ),
    );
    const held = s.values.get(1);
    expect(held && ageOf(held, at(1500))).toBe(1000);
  });
  test('of points that are not in the table are not kept', () => {
    const s = play(
      started(),
      frame({type: 'values', seq: 2, server_ms: 1, values: [value({id: 99})], rejected: 0}),
    );
    expect([...s.values.keys()]).toEqual([1]);
  });
  test('the last good number survives bad ones, and a reconnect', () => {
    const bad = value({v: null}, {validity: 'disconnected'});
    let s = play(started(), frame({type: 'values', seq: 2, server_ms: 1, values: [bad], rejected: 0}, 2000));
    expect(s.values.get(1)?.last_good?.v).toBe(0.42);
    s = play(s, frame(hello({values: [bad]}), 9000));
    expect(s.values.get(1)?.last_good).toMatchObject({v: 0.42, at: at(0)});
  });
  test('only the changed ones become other objects: the other rows are not drawn again', () => {
    const two = hello({points: [point(), point({id: 2, name: 'b'})], values: [value(), value({id: 2})]});
    const before = play(initialState(at(0), 'zh'), frame(two));
    const after = play(
      before,
      frame({type: 'values', seq: 2, server_ms: 1, values: [value({v: 1})], rejected: 0}),
    );
    expect(after.values.get(2)).toBe(before.values.get(2));
    expect(after.values.get(1)).not.toBe(before.values.get(1));
  });
});

describe('hello', () => {
  test('replaces everything: what the host no longer has is gone', () => {
    const s = play(
      started(),
      frame(hello({points: [point({id: 5})], values: [value({id: 5})], alarms: []}), 1000),
    );
    expect([...s.points.keys()]).toEqual([5]);
    expect([...s.values.keys()]).toEqual([5]);
    expect(s.alarms.size).toBe(0);
  });
  test('from another version asks for a reload, the first one does not', () => {
    expect(started().version).toBe(started().first_version);
    const s = play(started(), frame(hello({version: '2'})));
    expect(s.version).not.toBe(s.first_version);
  });
});

describe('alarms', () => {
  const change = (a: object, ms = 1000): Action =>
    frame({type: 'alarm', seq: 2, server_ms: 1, alarm: alarm(a), entry: null}, ms);
  test('an older change never overwrites a newer one', () => {
    const s = play(started(), change({seq: 7, state: 'acknowledged'}), change({seq: 6}));
    expect(s.alarms.get('a')?.state).toBe('acknowledged');
  });
  test('normal takes it from the list', () => {
    expect(play(started(), change({seq: 7, state: 'normal'})).alarms.size).toBe(0);
  });
  test('the answer to a request never brings back an alarm that frames have removed', () => {
    const s = play(started(), change({seq: 7, state: 'normal'}), {
      type: 'alarm_answer',
      alarm: alarm({seq: 6, state: 'acknowledged'}),
    });
    expect(s.alarms.size).toBe(0);
  });
});

describe('peaks', () => {
  const after = (v: object, a: object): number | null | undefined =>
    play(
      started(),
      frame(hello({alarms: [alarm(a)]})),
      frame({type: 'values', seq: 2, server_ms: 1, values: [value(v)], rejected: 0}),
    ).alarms.get('a')?.peak;
  test('follow the live values, and only ever outwards', () => {
    expect(after({v: 1.9}, {peak: 1.2})).toBe(1.9);
    expect(after({v: 1.1}, {peak: 1.2})).toBe(1.2);
    expect(after({v: 0.1}, {peak: 0.2, side: 'low'})).toBe(0.1);
    expect(after({v: 1.5}, {peak: null})).toBe(1.5);
  });
  test('are not made of what is late, no limit, or no longer active', () => {
    expect(after({v: 1.9, late: true}, {peak: 1.2})).toBe(1.2);
    expect(after({v: 1.9}, {peak: 1.2, condition: 'clear'})).toBe(1.2);
    expect(after({v: 1.9}, {peak: null, source: 'blind'})).toBeNull();
  });
});

describe('link', () => {
  test('is lost within 3 s of the last frame, whatever the socket says', () => {
    const s = started();
    expect(isLost(play(s, {type: 'tick', now: at(2400)}))).toBe(false);
    expect(isLost(play(s, {type: 'tick', now: at(2650)}))).toBe(true);
    expect(
      isLost(play(s, {type: 'tick', now: at(9000)}, frame({type: 'beat', seq: 2, server_ms: 1}, 9000))),
    ).toBe(false);
  });
  test('a first connection that does not come about is lost too', () => {
    const s = play(
      initialState(at(0), 'zh'),
      {type: 'session', session, now: at(100)},
      {type: 'tick', now: at(3000)},
    );
    expect(isLost(s)).toBe(true);
  });
  test("the host's clock goes on by the browser's", () => {
    expect(serverNow(started(), at(1500))).toBe(6500);
  });
});

describe('session', () => {
  test('expiry keeps the view and the values', () => {
    const s = play(started(), {type: 'view', change: {tab: 'gateways', trend: 1}}, {type: 'expired'});
    expect(s.auth).toEqual({phase: 'out', expired: true});
    expect(s.view).toMatchObject({tab: 'gateways', trend: 1});
    expect(s.points.size).toBe(1);
    expect(play(s, {type: 'session', session, now: at(9000)}).view.trend).toBe(1);
  });
  test('signing out forgets everything', () => {
    const s = play(started(), {type: 'view', change: {tab: 'gateways'}}, {type: 'signed_out', now: at(1)});
    expect(s.points.size + s.values.size + s.alarms.size).toBe(0);
    expect(s.view.tab).toBe('points');
  });
  test('a one-time password has to be changed first', () => {
    const s = play(started(), {
      type: 'session',
      session: {...session, must_change_password: true},
      now: at(0),
    });
    expect(s.auth.phase).toBe('must_change');
  });
});

test('the journal is bounded, newest first, each entry once', () => {
  const entry = (seq: number) =>
    ({
      seq,
      at_ms: 1,
      kind: 'raised',
      source: 'limit',
      point: 1,
      name: 'x',
      value: 1,
      unit: '',
      level: 'alarm',
      user: '',
      comment: '',
      late: false,
    }) as const;
  let s = play(
    started(),
    {type: 'journal', entries: [entry(1), entry(2)]},
    {type: 'journal', entries: [entry(2), entry(3)]},
  );
  expect(s.journal.map((e) => e.seq)).toEqual([3, 2, 1]);
  s = play(s, {type: 'journal', entries: Array.from({length: 2000}, (_, i) => entry(i))});
  expect(s.journal).toHaveLength(journal_max);
  expect(s.journal[0]?.seq).toBe(1999);
});
