// Users, trends, hostile data, screens. Mock only.
import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import {after, before, describe, test} from 'node:test';
import {hostile} from '../mock_hostile.mjs';
import {lowContrast, overflowing} from './checks.mjs';
import {real, startHost} from './host.mjs';
import {launch, openPage, picture, signIn, until} from './page.mjs';

const rows = '.grid .row[data-point]';

describe('desk', {skip: real && 'DAVY_URL is set: these tests need the mock host'}, () => {
  let browser, host, mock;
  before(async () => {
    host = await startHost();
    mock = host.mock;
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await host?.stop();
  });

  test('too many failures: the page waits as long as the host says', async () => {
    const {page, close} = await openPage(browser, host.url);
    await page.fill('input[name=user]', 'diaodu');
    for (let i = 0; i < 6 && !(await page.isDisabled('button.primary')); i += 1) {
      await page.fill('input[name=password]', 'wrong');
      await page.press('input[name=password]', 'Enter');
      await page.waitForFunction(() =>
        /错误|秒后再试/.test(document.querySelector('.form-error')?.textContent ?? ''),
      );
      await page.waitForTimeout(100);
    }
    await page.waitForFunction(() => document.querySelector('.form-error')?.textContent.includes('秒后再试'));
    await picture(page, 'sign-in-wait');
    await until('it may be tried again', async () => !(await page.isDisabled('button.primary')), 6000);
    await signIn(page, host.user, host.password);
    await close();
  });

  test('a one-time password has to be changed before anything else', async () => {
    const {page, wrong, close} = await openPage(browser, host.url);
    await page.fill('input[name=user]', 'xinren');
    await page.fill('input[name=password]', 'one-time');
    await page.press('input[name=password]', 'Enter');
    await page.waitForSelector('input[name=old]');
    const tries = [
      ['one-time', 'short', 'short', '至少需要 10'],
      ['one-time', 'long enough 1', 'long enough 2', '不一致'],
      ['not it', 'long enough 1', 'long enough 1', '当前密码错误'],
    ];
    for (const [old, next, again, complaint] of tries) {
      await page.fill('input[name=old]', old);
      await page.fill('input[name=new]', next);
      await page.fill('input[name=again]', again);
      await page.press('input[name=again]', 'Enter');
      await page.waitForFunction(
        (c) => document.querySelector('.form-error')?.textContent.includes(c),
        complaint,
      );
    }
    await picture(page, 'must-change');
    await page.fill('input[name=old]', 'one-time');
    await page.press('input[name=old]', 'Enter');
    await page.waitForSelector(rows);
    assert.deepEqual(wrong, []);
    await close();
  });

  test('a viewer sees alarms and has nothing to acknowledge them with', async () => {
    const {page, close} = await openPage(browser, host.url);
    await signIn(page, 'kanban', 'only-looking-1');
    await page.waitForSelector('.alarm.unacked');
    assert.equal(await page.$('.ack'), null);
    await close();
  });

  test('trend: zooms by dragging, goes back, appends live values, exports CSV', async () => {
    const {page, wrong, close} = await openPage(browser, host.url, {acceptDownloads: true});
    await signIn(page, host.user, host.password);
    await page.click(`.grid .row[data-point*="CH4"]`);
    await page.waitForSelector('.trend canvas');
    await page.click('.trend .segments button:nth-child(1)');
    await until('ten minutes were asked for', () => {
      const q = mock.trend_requests.at(-1);
      return q && Math.abs(q.to - q.from - 600_000) < 2000;
    });
    const box = await page.locator('.plot .u-over').boundingBox();
    await page.mouse.move(box.x + box.width * 0.25, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 50, {steps: 5});
    await page.mouse.up();
    await until('a quarter of it was asked for', () => {
      const q = mock.trend_requests.at(-1);
      return Math.abs(q.to - q.from - 150_000) < 3000;
    });
    await page.waitForSelector('.live-flag.fixed');
    await page.mouse.dblclick(box.x + 50, box.y + 30);
    await page.waitForSelector('.live-flag.live');
    await page.mouse.move(box.x + box.width - 20, box.y + 40);
    await page.waitForFunction(() => /平均 \d/.test(document.querySelector('.readout').textContent));
    const asked = mock.trend_requests.length;
    const newest = await page.textContent('.readout');
    await until('the picture moves on without asking again', async () => {
      await page.mouse.move(box.x + box.width - 20, box.y + 40 + Math.random() * 5);
      return (await page.textContent('.readout')) !== newest;
    });
    assert.equal(mock.trend_requests.length, asked);
    const [file] = await Promise.all([page.waitForEvent('download'), page.click('.trend-tools a.button')]);
    assert.match(file.suggestedFilename(), /CH4.*\.csv$/);
    assert.match(await readFile(await file.path(), 'utf8'), /^time,time_ms,value/);
    await page.click('.trend .segments button:nth-child(5)');
    await page.click('.trend-tools a.button');
    await page.waitForFunction(() =>
      document.querySelector('.trend-tools .form-error')?.textContent.includes('缩小时间范围'),
    );
    await page.click('.trend .segments button:nth-child(6)');
    await page.fill('.custom label:nth-child(1) input', '2024-01-01T00:00:10');
    await page.fill('.custom label:nth-child(2) input', '2024-01-01T02:00:10');
    await page.click('.custom button');
    await until(
      'two hours were asked for',
      () => mock.trend_requests.at(-1).to - mock.trend_requests.at(-1).from === 7_200_000,
    );
    await picture(page, 'trend-custom');
    assert.deepEqual(wrong, []);
    await close();
  });

  test('hostile and broken data harm nothing', async () => {
    mock.extra = hostile(5000);
    const {page, wrong, close} = await openPage(browser, host.url);
    await signIn(page, host.user, host.password);
    await page.waitForSelector(rows);
    await page.selectOption('[name=group]', 'none');
    assert.match(await page.textContent('.top .warn-flag'), /项数据无法识别/);
    for (const search of ['script', '超长', '#5002', 'nulls', 'rtl', 'huge']) {
      await page.fill('input[name=search]', search);
      await page.waitForFunction(
        (n) => Number(document.querySelector('.filter-count').textContent.match(/\d+/)[0]) < n,
        20,
      );
      await page.waitForTimeout(200);
      if (search === 'script' || search === '超长')
        await picture(page, `hostile-${search === 'script' ? 'html' : 'long'}`);
      assert.deepEqual(await page.evaluate(overflowing), []);
      for (const name of await page.$$eval(`${rows}:not(.pinned)`, (all) => all.map((r) => r.id))) {
        await page.click(`#${name}`);
        await page.waitForSelector('.trend');
        await page.waitForTimeout(150);
      }
    }
    await page.click('#tab-gateways');
    await page.waitForSelector('tr[data-gateway]');
    await page.click('.alarm .ack:not([disabled])');
    await page.waitForSelector('.ack-dialog');
    await picture(page, 'hostile-ack');
    await page.keyboard.press('Escape');
    await page.click('.lang');
    await page.waitForTimeout(300);
    assert.equal(await page.evaluate(() => window.pwned), undefined);
    assert.deepEqual(wrong, []);
    assert.equal(await page.$('.crashed'), null);
    mock.extra = {points: [], values: [], alarms: [], gateways: []};
    await close();
  });

  test('moves nothing for those who asked for no motion', async () => {
    const {page, close} = await openPage(browser, host.url, {reducedMotion: 'reduce'});
    await signIn(page, host.user, host.password);
    await page.waitForSelector('.alarm .mark-alarm .mark-shape');
    const faint = () => page.$eval('.alarm .mark-alarm .mark-shape', (e) => getComputedStyle(e).opacity);
    for (let i = 0; i < 10; i += 1) {
      assert.equal(await faint(), '1');
      await page.waitForTimeout(150);
    }
    assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
    await close();
  });

  for (const [width, height] of [
    [1280, 720],
    [1920, 1080],
    [2560, 1440],
    [3840, 2160],
  ]) {
    test(`fits ${width} x ${height} in both languages`, async () => {
      const {page, close} = await openPage(browser, host.url, {viewport: {width, height}});
      await signIn(page, host.user, host.password);
      await page.click(`.grid .row[data-point*="CH4"]`);
      await page.waitForSelector('.trend canvas');
      for (const lang of ['zh', 'en']) {
        await page.waitForTimeout(800);
        assert.deepEqual(await page.evaluate(overflowing), []);
        assert.deepEqual(await page.evaluate(lowContrast), []);
        await picture(page, `screen-${width}-${lang}`);
        await page.click('.lang');
      }
      await close();
    });
  }
});
