import {describe, expect, test} from 'vitest';
import type {Bucket} from '../../../host/web/src/api/types';
import {timeLabels, valueRange} from '../../../host/web/src/trend/axis';
import {
  bucketCount,
  extentOf,
  fixedRange,
  panned,
  span_min_ms,
  zoomed,
} from '../../../host/web/src/trend/range';
import {TrendSeries, cells_max, loneSamples} from '../../../host/web/src/trend/series';

const b = (t_ms: number, v: number | null, count = 1, worst: number | null = 0): Bucket => ({
  t_ms,
  min: v,
  max: v,
  mean: v,
  count,
  worst,
});
const load = (width: number, gap: number, buckets: Bucket[]): TrendSeries => {
  const s = new TrendSeries(width, gap);
  s.load({from_ms: 0, to_ms: 1e6, buckets});
  return s;
};

describe('gaps', () => {
  test('samples that were no good break the line', () => {
    expect(load(10, 1000, [b(0, 1), b(10, null, 3, 4), b(20, 2)]).columns().mean).toEqual([1, null, 2]);
  });
  test('a short hole without samples does not: buckets may be narrower than samples are apart', () => {
    expect(load(10, 30, [b(0, 1), b(10, null, 0, 6), b(20, null, 0, null), b(30, 2)]).columns().mean).toEqual(
      [1, 2],
    );
  });
  test('a hole longer than the point may be silent does', () => {
    expect(load(10, 30, [b(0, 1), b(10, null, 0, 6), b(50, 2)]).columns()).toMatchObject({
      t: [0, 25, 50],
      mean: [1, null, 2],
    });
  });
  test('a sample between two gaps is drawn as a dot', () => {
    expect(loneSamples([1, null, 2, null, 3, 4])).toEqual([0, 2]);
  });
});

describe('live samples', () => {
  test("go into buckets as wide as the host's", () => {
    const s = load(10, 100, [b(0, 1)]);
    s.append(4, 3, 0);
    s.append(12, 5, 0);
    expect(s.columns()).toMatchObject({t: [0, 12], min: [1, 5], max: [3, 5], mean: [2, 5]});
  });
  test('that are no good make a gap at once, inside a bucket too', () => {
    const s = load(10, 100, [b(0, 1)]);
    s.append(2, null, 3);
    s.append(4, null, 5);
    s.append(6, 2, 0);
    expect(s.columns()).toMatchObject({mean: [1, null, 2], worst: [0, 5, 0]});
  });
  test('older than what is there are left to the host', () => {
    const s = load(10, 100, [b(100, 1)]);
    s.append(50, 9, 0);
    expect(s.size).toBe(1);
  });
  test('never make it grow without end', () => {
    const s = load(1, 100, []);
    for (let t = 0; t < 3 * cells_max; t += 1) s.append(t * 2, 1, 0);
    expect(s.size).toBe(cells_max);
    s.trim(1e9);
    expect(s.size).toBe(1);
  });
});

describe('ranges', () => {
  test('live ends now', () =>
    expect(extentOf({kind: 'live', span_ms: 100}, 1000.4)).toEqual({from_ms: 900, to_ms: 1000}));
  test('a dragged range is put the right way round and not too short', () => {
    expect(fixedRange(50_000, 10_000)).toEqual({kind: 'fixed', from_ms: 10_000, to_ms: 50_000});
    expect(fixedRange(100_000, 100_002)).toEqual({
      kind: 'fixed',
      from_ms: 95_001,
      to_ms: 95_001 + span_min_ms,
    });
  });
  test('zoom keeps the middle, a live range keeps its end', () => {
    expect(zoomed(fixedRange(0, 100_000), 0.5, 1e9)).toEqual({kind: 'fixed', from_ms: 25_000, to_ms: 75_000});
    expect(zoomed({kind: 'live', span_ms: 60_000}, 2, 1e9)).toEqual({kind: 'live', span_ms: 120_000});
    expect(zoomed({kind: 'live', span_ms: span_min_ms}, 0.5, 1e9)).toEqual({
      kind: 'live',
      span_ms: span_min_ms,
    });
  });
  test('later than now is live again', () => {
    const earlier = panned({kind: 'live', span_ms: 100_000}, -1, 1_000_000);
    expect(earlier).toEqual({kind: 'fixed', from_ms: 850_000, to_ms: 950_000});
    expect(panned(earlier, 1, 1_000_000)).toEqual({kind: 'live', span_ms: 100_000});
  });
  test('no more buckets than samples, columns, or the host allows', () => {
    expect(bucketCount(600_000, 1000, 2000)).toBe(600);
    expect(bucketCount(1e9, 1000, 1234.5)).toBe(1234);
    expect(bucketCount(1e9, 1, 9999)).toBe(4000);
    expect(bucketCount(10, 1000, 500)).toBe(1);
  });
});

describe('the value axis', () => {
  const high = [{side: 'high', at: 1} as const, {side: 'high', at: 1.5} as const];
  const reaches = (at: number, [from, to]: [number, number]): boolean => from <= at && at <= to;
  test('always reaches the next limit', () => {
    expect(reaches(1, valueRange(0.1, 0.3, high))).toBe(true);
    expect(reaches(1.5, valueRange(0.1, 0.3, high))).toBe(false);
    expect(reaches(1.5, valueRange(0.1, 1.2, high))).toBe(true);
    expect(reaches(0.25, valueRange(2, 3, [{side: 'low', at: 0.25}]))).toBe(true);
  });
  test('is never empty', () => {
    for (const [low, top] of [
      [null, null],
      [5, 5],
      [0, 0],
      [-3, -3],
    ] as const) {
      const [from, to] = valueRange(low, top, []);
      expect(from).toBeLessThan(to);
    }
  });
});

test('the time axis tells the day where it begins and where it changes', () => {
  const ms = (h: number): number => new Date(2024, 0, 31, h, 0, 0).getTime();
  expect(timeLabels([ms(22), ms(23), ms(24)], 3_600_000)).toEqual([
    '22:00\n2024-01-31',
    '23:00',
    '00:00\n2024-02-01',
  ]);
  expect(timeLabels([ms(1), ms(1) + 500], 500)[0]).toBe('01:00:00\n2024-01-31');
});
