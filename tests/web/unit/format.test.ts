import {describe, expect, test} from 'vitest';
import type {Limit} from '../../../host/web/src/api/types';
import * as f from '../../../host/web/src/format';
import {type Key, pickText, t} from '../../../host/web/src/i18n';
import {en} from '../../../host/web/src/i18n/en';
import {zh} from '../../../host/web/src/i18n/zh';
import {barScale} from '../../../host/web/src/view/bar_scale';
import {point} from './support';

const limit = (side: 'high' | 'low', at: number): Limit => ({
  side,
  at,
  level: 'alarm',
  clear_at: at,
  priority: 1,
  basis: '',
});

describe('numbers', () => {
  const rows: [number, number, Limit[], string][] = [
    [0.4, 2, [], '0.40'],
    [-0.001, 2, [], '0.00'],
    [1842.4, 0, [], '1842'],
    [1.7e308, 2, [], '1.700e+308'],
    [0.996, 2, [limit('high', 1)], '0.996'], // rounded it would stand at a limit it has not reached
    [1.0, 2, [limit('high', 1)], '1.00'],
    [0.2549, 2, [limit('low', 0.25)], '0.255'],
    [0.99999999, 2, [limit('high', 1)], '1.0000'], // beyond what anybody could read
  ];
  for (const [v, decimals, limits, expected] of rows) {
    test(`${v} is written ${expected}`, () => expect(f.formatNumber(v, decimals, limits)).toBe(expected));
  }
  test('a point keeps its decimals, so that figures do not jump', () => {
    expect(f.formatValue(point({quantity: 'CH4'}), 1, 'zh')).toBe('1.00');
    expect(f.decimalsOf(point({quantity: 'x', range_low: 0, range_high: 0.5}))).toBe(3);
    expect(f.decimalsOf(point({quantity: 'x', range_low: null, range_high: null}))).toBe(2);
  });
  test('states are told in their own words, or by number when they have none', () => {
    const door = point({kind: 'state', text_on: '打开', text_off: '关闭'});
    expect([0, 1, 2].map((v) => f.formatValue(door, v, 'zh'))).toEqual(['关闭', '打开', '打开 (2)']);
    expect(f.formatValue(point({kind: 'state'}), 0, 'en')).toBe('State 0');
  });
});

describe('ages and times', () => {
  const rows: [number, string][] = [
    [-5, '0 秒'],
    [999, '0 秒'],
    [59_999, '59 秒'],
    [60_000, '1 分'],
    [3_600_000, '1 时'],
    [172_800_000, '2 天'],
    [1e15, '很久'],
    [Infinity, '不明'],
    [NaN, '不明'],
  ];
  for (const [ms, expected] of rows)
    test(`${ms} ms is ${expected}`, () => expect(f.formatAge(ms, 'zh')).toBe(expected));
  test('what is no date is a dash, not an exception', () => {
    expect([f.formatTime(null), f.formatDateTime(9e15), f.formatMoment(NaN, 0)]).toEqual(['—', '—', '—']);
  });
  test('the day is told only when it is not today', () => {
    const noon = new Date(2024, 4, 5, 12, 0, 0).getTime();
    expect(f.formatMoment(noon, noon + 1000)).toBe('12:00:00');
    expect(f.formatMoment(noon, noon + 86_400_000)).toBe('05-05 12:00:00');
  });
  test('sizes', () =>
    expect([0, 1536, 5e9, null, -1].map(f.formatBytes)).toEqual(['0 B', '1.5 KiB', '4.7 GiB', '—', '—']));
});

describe('languages', () => {
  const keys = Object.keys(zh) as Key[];
  const holes = (s: string): string[] => [...s.matchAll(/\{(\w+)\}/g)].map((m) => m[1] ?? '').sort();
  test('every text exists in both, with the same places to fill in', () => {
    for (const key of keys) {
      expect(zh[key], key).not.toBe('');
      expect(en[key], key).not.toBe('');
      expect(holes(en[key]), key).toEqual(holes(zh[key]));
    }
    expect(Object.keys(en).sort()).toEqual([...keys].sort());
  });
  test('English has no Chinese left, but for the name of the other language', () => {
    const left = keys.filter((k) => /[\u4e00-\u9fff]/.test(en[k]));
    expect(left).toEqual(['app.lang']);
  });
  test('a title falls back to the language it exists in', () => {
    expect(pickText('en', '甲烷', '')).toBe('甲烷');
    expect(pickText('zh', '', 'Methane')).toBe('Methane');
    expect(pickText('en', '甲烷', 'Methane')).toBe('Methane');
  });
  test('a value that is filled in is not a pattern', () => {
    expect(t('en', 'alarm.acked_by', {user: '$& {time}', time: 'T'})).toBe('acknowledged by $& {time} T');
  });
});

test('the bar shows where the limits are, not the whole range', () => {
  expect(barScale(point({limits: [limit('high', 1), limit('high', 1.5)]}))).toEqual({
    low: 0,
    high: 1.5 * 1.6,
  });
  expect(barScale(point())).toEqual({low: 0, high: 100});
  expect(barScale(point({range_low: 5, range_high: 5}))).toBeNull();
  expect(barScale(point({kind: 'state'}))).toBeNull();
});
