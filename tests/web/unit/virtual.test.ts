import {describe, expect, test} from 'vitest';
import {Store} from '../../../host/web/src/state/store';
import {scrollFor, windowOf} from '../../../host/web/src/view/virtual';

describe('virtual list', () => {
  test('draws what is in sight and a few more', () => {
    expect(windowOf(0, 300, 30, 2000, 4)).toEqual({first: 0, last: 14});
    expect(windowOf(3000, 300, 30, 2000, 4)).toEqual({first: 96, last: 114});
  });
  test('copes with a list that has become shorter than where it was scrolled to', () => {
    expect(windowOf(60_000, 300, 30, 5, 4)).toEqual({first: 4, last: 5});
    expect(windowOf(60_000, 300, 30, 0, 4)).toEqual({first: 0, last: 0});
  });
  test('scrolls as little as possible to show a row', () => {
    expect(scrollFor(0, 100, 300, 30)).toBe(0);
    expect(scrollFor(5, 100, 300, 30)).toBe(100);
    expect(scrollFor(20, 100, 300, 30)).toBe(330);
  });
});

test('the store tells its listeners once per frame, however many actions there were', () => {
  const frames: (() => void)[] = [];
  const store = new Store<number, number>(
    (s, a) => s + a,
    0,
    (run) => frames.push(run),
  );
  let told = 0;
  store.subscribe(() => {
    told += 1;
  });
  for (let i = 0; i < 100; i += 1) store.dispatch(1);
  store.dispatch(0);
  expect([store.state, frames.length, told]).toEqual([100, 1, 0]);
  frames[0]?.();
  expect(told).toBe(1);
  store.dispatch(1);
  expect(frames.length).toBe(2);
});
