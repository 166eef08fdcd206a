// Does the page stay smooth under load, and does it not grow? Prints its figures; the limits are wide, since
// the machine that runs the tests does other things too.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {makeAlarm} from '../mock_data.mjs';
import {real, startHost} from './host.mjs';
import {launch, openPage, signIn} from './page.mjs';

const seconds = Number(process.env.DAVY_LOAD_SECONDS ?? 10);

async function measure(page, cdp, for_ms) {
  const heap = async () => {
    await cdp.send('HeapProfiler.collectGarbage');
    return (await cdp.send('Runtime.getHeapUsage')).usedSize;
  };
  const busy = async () =>
    (await cdp.send('Performance.getMetrics')).metrics.find((m) => m.name === 'TaskDuration').value;
  const before = await heap();
  const busy_before = await busy();
  const frames = await page.evaluate(
    (ms) =>
      new Promise((done) => {
        const gaps = [];
        const tasks = [];
        const observer = new PerformanceObserver((list) =>
          tasks.push(...list.getEntries().map((e) => e.duration)),
        );
        observer.observe({type: 'longtask'});
        const end = performance.now() + ms;
        let last = performance.now();
        const frame = (t) => {
          gaps.push(t - last);
          last = t;
          if (t < end) return requestAnimationFrame(frame);
          observer.disconnect();
          gaps.sort((a, b) => a - b);
          return done({
            p50: gaps[gaps.length >> 1],
            p99: gaps[Math.floor(gaps.length * 0.99)],
            n: gaps.length,
            long_tasks: tasks.length,
            longest: Math.max(0, ...tasks),
          });
        };
        requestAnimationFrame(frame);
      }),
    for_ms,
  );
  const cpu = ((await busy()) - busy_before) / (for_ms / 1000);
  return {...frames, cpu, heap: before, grown: (await heap()) - before};
}

const mib = (n) => (n / 1048576).toFixed(1);
const say = (t, name, m) => {
  const frames = `frame ${m.p50.toFixed(1)} ms median, ${m.p99.toFixed(1)} ms p99`;
  const tasks = `${m.long_tasks} long tasks, longest ${m.longest.toFixed(0)} ms`;
  const heap = `heap ${mib(m.heap)} MiB, grown ${mib(m.grown)} MiB`;
  t.diagnostic(`${name}: ${frames}; ${tasks}; main thread ${(m.cpu * 100).toFixed(0)} %; ${heap}`);
};

test('2,000 points', {skip: real && 'DAVY_URL is set: the load comes from the mock host'}, async (t) => {
  const host = await startHost({points: 2000, rate: 500});
  const browser = await launch();
  try {
    const {page, wrong} = await openPage(browser, host.url, {viewport: {width: 1920, height: 1080}});
    await signIn(page, host.user, host.password);
    await page.waitForSelector('.grid .row[data-point]');
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Performance.enable');
    await page.waitForTimeout(3000);
    const calm = await measure(page, cdp, seconds * 1000);
    say(t, '500 value updates/s', calm);

    await page.click('.grid .row[data-point]');
    await page.waitForSelector('.trend canvas');
    await page.fill('input[name=search]', 'M');
    host.mock.rate = 2000;
    let n = 0;
    const storm = setInterval(() => {
      for (let i = 0; i < 50; i += 1) {
        n += 1;
        host.mock.raise(
          makeAlarm(0, host.mock.points[n % 500], {
            occurrence: `storm-${n % 500}`,
            value: n,
            priority: 1 + (n % 4),
          }),
        );
      }
    }, 100);
    await page.waitForTimeout(3000);
    const wild = await measure(page, cdp, seconds * 1000);
    clearInterval(storm);
    say(t, '2,000 value and 500 alarm updates/s, trend open, searching', wild);
    await page.click('#tab-gateways'); // still answers
    await page.waitForSelector('tr[data-gateway]');

    assert.ok(calm.p50 < 20, 'smooth: the median frame');
    assert.ok(calm.longest < 200, 'smooth: the longest task');
    assert.ok(calm.grown < 5 * 1048576, 'bounded memory');
    assert.ok(wild.p50 < 60, 'usable in a storm');
    assert.ok(wild.grown < 10 * 1048576, 'bounded memory in a storm');
    assert.equal(await page.isVisible('.lost-banner'), false);
    assert.deepEqual(wrong, []);
  } finally {
    await browser.close();
    await host.stop();
  }
});
