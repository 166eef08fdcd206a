// What goes wrong between page and host. Needs a host that misbehaves on command, so the mock only.
import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';
import {real, startHost} from './host.mjs';
import {launch, openPage, picture, signIn, until} from './page.mjs';

const rows = '.grid .row[data-point]';

describe('faults', {skip: real && 'DAVY_URL is set: these tests need the mock host'}, () => {
  let browser, host, mock, page, wrong;
  before(async () => {
    host = await startHost();
    mock = host.mock;
    browser = await launch();
    ({page, wrong} = await openPage(browser, host.url));
    await signIn(page, host.user, host.password);
    await page.waitForSelector(rows);
  });
  after(async () => {
    await browser?.close();
    await host?.stop();
  });

  const banner = () => page.isVisible('.lost-banner');
  const live = () =>
    until('the link is up', async () => !(await banner()) && (await page.isVisible('.link-up')), 15_000);
  const connections = () => mock.clients.size;

  test('missing beats: the banner within 3 s, last values as stale under it, back by itself', async (t) => {
    await live();
    const shown = await page.textContent(`${rows} .c-value .now`);
    assert.ok(await page.isVisible(`${rows}.v-ok`));
    // The page itself tells when the banner came: asking from outside has delays of its own.
    const seen = page.evaluate(
      () =>
        new Promise((done) => {
          const observer = new MutationObserver(() => {
            if (!document.querySelector('.lost-banner')) return;
            observer.disconnect();
            done(Date.now());
          });
          observer.observe(document.body, {childList: true, subtree: true});
        }),
    );
    await page.waitForTimeout(300);
    const from = Date.now();
    mock.frozen = true;
    t.after(() => {
      mock.frozen = false;
    });
    const waited = (await seen) - from;
    t.diagnostic(`banner after ${waited} ms`);
    assert.ok(waited <= 5000, `${waited} ms`); // 3 s by the unit tests' clock; a busy machine gets more
    await until('no row looks live', async () => !(await page.isVisible(`${rows}.v-ok`)));
    assert.ok(await page.isVisible(`${rows}.v-stale`));
    assert.match(await page.textContent(`${rows} .c-value .now`), /\d/);
    await page.waitForTimeout(1500);
    await picture(page, 'link-lost');
    mock.frozen = false;
    await live();
    assert.ok(await page.isVisible(`${rows}.v-ok`));
    assert.ok(shown);
  });

  test('a dropped link comes back without a banner', async () => {
    await live();
    mock.dropLink();
    await until('a new connection', () => connections() === 1, 2000);
    await live();
    assert.equal(await banner(), false);
  });

  test('a host that is away for 6 s: banner, then back by itself', async () => {
    await mock.stop();
    await page.waitForSelector('.lost-banner');
    await page.waitForTimeout(6000);
    assert.ok(await page.isVisible(rows));
    await mock.start(mock.port);
    await live();
  });

  for (const [name, harm] of [
    ['a gap in the sequence', () => mock.skipSequence()],
    ['rubbish', () => mock.sendRubbish()],
  ]) {
    test(`${name}: a new connection and the whole state anew`, async () => {
      await live();
      const [before_harm] = mock.clients;
      harm();
      await until(
        'another connection',
        () => mock.clients.size === 1 && !mock.clients.has(before_harm),
        9000,
      );
      await live();
    });
  }

  test("values that stop while beats go on turn stale by the browser's clock", async () => {
    await live();
    const name = await page.getAttribute(`${rows}.is-normal.v-ok`, 'data-point');
    const {id, stale_after_ms} = mock.points.find((p) => p.name === name);
    mock.still.add(id);
    const from = Date.now();
    await page.waitForSelector(`${rows}[data-point="${name}"].v-stale`, {timeout: stale_after_ms + 3000});
    assert.ok(Date.now() - from >= stale_after_ms - 2500);
    assert.equal(await banner(), false);
    assert.ok(await page.isVisible(`${rows}.v-ok`));
    mock.still.delete(id);
    await page.waitForSelector(`${rows}[data-point="${name}"].v-ok`);
  });

  test('the page says alive', async () => {
    const n = mock.alive_frames;
    await until('alive frames', () => mock.alive_frames > n, 12_000);
  });

  test('an expired session brings the sign-in over the page as it was', async () => {
    await live();
    await page.click(rows);
    await page.fill('input[name=search]', 'M');
    await page.waitForSelector('.trend canvas');
    mock.expireSessions();
    mock.dropLink();
    await page.waitForSelector('.dialog-veil.over-page input[name=user]');
    assert.ok(await page.isVisible('.trend canvas'));
    await page.waitForSelector('.lost-banner');
    await picture(page, 'session-expired');
    await page.fill('input[name=user]', host.user);
    await page.fill('input[name=password]', host.password);
    await page.press('input[name=password]', 'Enter');
    await page.waitForSelector('.dialog-veil', {state: 'detached'});
    await live();
    assert.ok(await page.isVisible('.trend canvas'));
    assert.equal(await page.inputValue('input[name=search]'), 'M');
    await page.click('.filter-choices button.quiet');
  });

  test('a host that is not well is named', async () => {
    mock.health = {status: 'degraded', broker: 'down', reasons: ['disk 97 % full']};
    await page.waitForSelector('.top .warn-flag', {timeout: 15_000});
    assert.match(await page.textContent('.top'), /消息服务中断.*disk 97 % full/);
    mock.health = {status: 'ok', broker: 'up', reasons: []};
  });

  test('a trend that cannot be read says so and can be asked for again', async () => {
    const trend = mock.trend;
    mock.trend = (_query, _res, _answer, refuse) => refuse(503, 'unavailable');
    await page.click('.trend .segments button:nth-child(3)');
    await page.waitForSelector('.plot-note.wrong');
    mock.trend = trend;
    await page.click('.plot-note button');
    await until('it is gone', async () => !(await page.isVisible('.plot-note.wrong')));
  });

  test('nothing else went wrong', () => assert.deepEqual(wrong, []));
});
