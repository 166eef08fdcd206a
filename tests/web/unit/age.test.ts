import {describe, expect, test} from 'vitest';
import {ageOf, isOlderThan} from '../../../host/web/src/age';
import {elapsed} from '../../../host/web/src/clock';
import {at} from './support';

describe('age', () => {
  test("goes on by the browser's own clock when the host says nothing more", () => {
    const aged = {told_age_ms: 200, at: at(1000)};
    expect(ageOf(aged, at(1000))).toBe(200);
    expect(ageOf(aged, at(4500))).toBe(3700);
  });
  test('a value turns stale between two frames, at its own limit', () => {
    const aged = {told_age_ms: 1000, at: at(0)};
    expect(isOlderThan(aged, 3000, at(2000))).toBe(false);
    expect(isOlderThan(aged, 3000, at(2001))).toBe(true);
  });
  test('what the host did not know is infinitely old, not new', () => {
    expect(ageOf({told_age_ms: null, at: at(0)}, at(0))).toBe(Infinity);
    expect(ageOf({told_age_ms: NaN, at: at(0)}, at(0))).toBe(Infinity);
    expect(isOlderThan({told_age_ms: null, at: at(0)}, 1e12, at(0))).toBe(true);
  });
  test('a value from the future is new, never younger than new', () => {
    expect(ageOf({told_age_ms: -5000, at: at(0)}, at(1000))).toBe(1000);
  });
});

describe('elapsed takes the longer of the two clocks', () => {
  const rows: [string, number, number, number][] = [
    ['both agree', 1000, 1000, 1000],
    ['asleep: the monotonic clock stood still', 10, 3_600_000, 3_600_000],
    ['the wall clock was set back', 1000, -3_600_000, 1000],
    ['the wall clock was set forward: looks old, the safe side', 1000, 3_600_000, 3_600_000],
  ];
  for (const [name, perf, wall, expected] of rows) {
    test(name, () => expect(elapsed({perf: 0, wall: 0}, {perf, wall})).toBe(expected));
  }
});
