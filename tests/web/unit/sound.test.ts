import {describe, expect, test} from 'vitest';
import {muteHolds, muteLeft, mute_max_ms, startMute, wanted} from '../../../host/web/src/sound/policy';
import {alarm, alarmsOf, at} from './support';

const p2 = alarm({occurrence: 'two', priority: 2});

describe('what is heard', () => {
  test('the most urgent unacknowledged alarm', () => {
    expect(
      wanted(alarmsOf(p2, alarm({occurrence: 'x', priority: 1, state: 'acknowledged'})), false, null)?.name,
    ).toBe('p2');
    expect(wanted(alarmsOf(p2, alarm({occurrence: 'x', priority: 1})), false, null)?.name).toBe('p1');
  });
  test('one that has returned before anybody saw it', () => {
    expect(wanted(alarmsOf(alarm({state: 'rtn_unacknowledged', priority: 3})), false, null)?.name).toBe('p3');
  });
  test('nothing when nothing waits', () => {
    expect(wanted(new Map(), false, null)).toBeNull();
    expect(wanted(alarmsOf(alarm({state: 'acknowledged'})), false, null)).toBeNull();
  });
  test('a lost link, unless a first-priority alarm is waiting', () => {
    expect(wanted(new Map(), true, null)?.name).toBe('lost');
    expect(wanted(alarmsOf(p2), true, null)?.name).toBe('lost');
    expect(wanted(alarmsOf(alarm({priority: 1})), true, null)?.name).toBe('p1');
  });
});

describe('mute', () => {
  test('ends by itself, after five minutes at most', () => {
    const mute = startMute(alarmsOf(p2), 24 * 3_600_000, at(0));
    expect(muteLeft(mute, at(0))).toBe(mute_max_ms);
    expect(muteHolds(mute, alarmsOf(p2), at(mute_max_ms - 1))).toBe(true);
    expect(muteHolds(mute, alarmsOf(p2), at(mute_max_ms))).toBe(false);
  });
  const mute = startMute(alarmsOf(p2), 60_000, at(0));
  const holds = (change: object): boolean =>
    muteHolds(mute, alarmsOf(p2, alarm({occurrence: 'new', ...change})), at(1000));
  test('ends for a new alarm that is as urgent or more', () => {
    expect(holds({priority: 1})).toBe(false);
    expect(holds({priority: 2})).toBe(false);
  });
  test('holds for a less urgent one, an acknowledged one, and those it was meant for', () => {
    expect(holds({priority: 3})).toBe(true);
    expect(holds({priority: 1, state: 'acknowledged'})).toBe(true);
    expect(muteHolds(mute, alarmsOf({...p2, seq: 9, state: 'rtn_unacknowledged'}), at(1000))).toBe(true);
  });
  test('of a lost link ends for any new alarm', () => {
    const quiet = startMute(new Map(), 60_000, at(0));
    expect(muteHolds(quiet, new Map(), at(1000))).toBe(true);
    expect(muteHolds(quiet, alarmsOf(alarm({priority: 4})), at(1000))).toBe(false);
  });
});
