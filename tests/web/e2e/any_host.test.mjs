// What has to hold with every host: the mock, and the real davy-host (DAVY_URL, DAVY_USER, DAVY_PASSWORD).
import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';
import {lowContrast, namelessControls, overflowing} from './checks.mjs';
import {startHost} from './host.mjs';
import {launch, openPage, picture, signIn, until} from './page.mjs';

const rows = '.grid .row[data-point]';

describe('the page', () => {
  let browser, host, page, wrong;
  before(async () => {
    host = await startHost();
    browser = await launch();
    ({page, wrong} = await openPage(browser, host.url));
  });
  after(async () => {
    await browser?.close();
    await host?.stop();
  });

  test('asks for a sign-in, in Chinese', async () => {
    await page.waitForSelector('.dialog input[name=user]');
    assert.equal(await page.textContent('.dialog-title'), '登录');
    assert.equal(await page.getAttribute('html', 'lang'), 'zh-CN');
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('name')), 'user');
    await picture(page, 'sign-in');
  });

  test('refuses a wrong password in words', async () => {
    await page.fill('input[name=user]', host.user);
    await page.fill('input[name=password]', 'certainly wrong');
    await page.press('input[name=password]', 'Enter');
    await page.waitForFunction(
      () => document.querySelector('.form-error')?.textContent === '用户名或密码错误',
    );
    assert.equal(await page.inputValue('input[name=password]'), '');
  });

  test('shows live points after the sign-in', async () => {
    await signIn(page, host.user, host.password);
    await page.waitForSelector(rows);
    await page.waitForSelector('.link-up');
    const time = await page.textContent('.host-time');
    await until('host time goes on', async () => (await page.textContent('.host-time')) !== time);
    assert.equal(await page.isVisible('.lost-banner'), false);
    await picture(page, 'main-zh');
  });

  test('fits 1280 x 720: nothing sticks out', async () => {
    assert.deepEqual(await page.evaluate(overflowing), []);
  });

  test('can be read: contrast of WCAG AA, every control has a name', async () => {
    assert.deepEqual(await page.evaluate(lowContrast), []);
    assert.deepEqual(await page.evaluate(namelessControls), []);
  });

  test('does not move when values change', async () => {
    const places = () =>
      page.$$eval(`${rows} .cell`, (cells) =>
        cells
          .map((c) => {
            const {x, y, width} = c.getBoundingClientRect();
            return `${x} ${y} ${width}`;
          })
          .join('\n'),
      );
    const was = await places();
    for (let i = 0; i < 6; i += 1) {
      await page.waitForTimeout(500);
      assert.equal(await places(), was);
    }
  });

  test('speaks English after the switch, and still after a reload', async () => {
    await page.click('.lang');
    await page.waitForFunction(() => document.documentElement.lang === 'en');
    assert.equal(await page.textContent('#tab-points'), 'Points');
    await page.reload();
    await page.waitForSelector(rows);
    assert.equal(await page.textContent('#tab-points'), 'Points');
    assert.deepEqual(await page.evaluate(lowContrast), []);
    assert.deepEqual(await page.evaluate(overflowing), []);
    await picture(page, 'main-en');
    await page.click('.lang');
    await page.waitForFunction(() => document.documentElement.lang === 'zh-CN');
  });

  test('searches, and says how much is shown', async () => {
    const name = await page.getAttribute(rows, 'data-point');
    await page.keyboard.press('/');
    await page.keyboard.type(name);
    await page.waitForSelector('.filter-count.active');
    assert.ok(
      (await page.$$eval(rows, (all) => all.map((r) => r.getAttribute('data-point')))).includes(name),
    );
    await page.click('.filter-choices button.quiet');
    await until('the search is empty', async () => (await page.inputValue('input[name=search]')) === '');
  });

  test('opens a trend by keyboard alone, and closes it', async () => {
    await page.focus('.grid');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.waitForSelector(`${rows}[aria-selected=true]`);
    await page.keyboard.press('Enter');
    await page.waitForSelector('.trend canvas');
    await until('history has been read', async () => !(await page.isVisible('.plot-note')));
    for (const n of [1, 3, 4, 5]) {
      await page.click(`.trend .segments button:nth-child(${n})`);
      await page.waitForSelector(`.trend .segments button:nth-child(${n})[aria-pressed=true]`);
    }
    await until('history has been read', async () => !(await page.isVisible('.plot-note.wrong')));
    await page.click('.trend .segments button:nth-child(2)');
    await page.waitForTimeout(1200);
    await picture(page, 'trend');
    assert.deepEqual(await page.evaluate(lowContrast), []);
    assert.deepEqual(await page.evaluate(overflowing), []);
    await page.focus('.trend .segments button');
    await page.keyboard.press('Escape');
    await page.waitForSelector('.trend', {state: 'detached'});
  });

  test('lists the gateways and the journal', async () => {
    await page.click('#tab-gateways');
    await page.waitForSelector('tr[data-gateway], .tab-panel .empty');
    await picture(page, 'gateways');
    assert.deepEqual(await page.evaluate(lowContrast), []);
    await page.click('#tab-journal');
    await page.waitForSelector('.plain caption');
    assert.equal(await page.isVisible('.tab-panel .form-error'), false);
    await picture(page, 'journal');
    await page.click('#tab-events');
    await page.waitForSelector('tr[data-event]');
    assert.equal(await page.isVisible('.tab-panel .form-error'), false);
    assert.deepEqual(await page.evaluate(lowContrast), []);
    assert.deepEqual(await page.evaluate(overflowing), []);
    await picture(page, 'events');
    await page.click('#tab-points');
  });

  test('asks for a lock and a reason before it sends a fan key, and leaves by Escape', async () => {
    await page.click('#tab-gateways');
    await page.waitForSelector('.fan-key'); // an operator may use one
    await page.click('.fan-key');
    await page.waitForSelector('.fan-key-dialog input[name=lock]');
    assert.deepEqual(await page.evaluate(namelessControls), []);
    assert.deepEqual(await page.evaluate(lowContrast), []);
    await picture(page, 'fan-key');
    await page.fill('.fan-key-dialog input[name=lock]', 'nothing-of-that-name');
    await page.click('.fan-key-dialog [name=submit]');
    assert.equal(await page.isVisible('.fan-key-dialog input[name=reason]:invalid'), true);
    await page.fill('.fan-key-dialog input[name=reason]', '试验');
    await page.click('.fan-key-dialog [name=submit]');
    await page.waitForFunction(
      () => document.querySelector('.fan-key-dialog .form-error')?.textContent !== '',
    );
    await page.keyboard.press('Escape');
    await page.waitForSelector('.fan-key-dialog', {state: 'detached'});
    await page.click('#tab-points');
  });

  test('acknowledges an alarm with a comment, by keyboard alone', async (t) => {
    const ack = await page.$('.ack:not([disabled])');
    if (!ack) return t.skip('this host has no alarm that waits');
    const occurrence = await ack.evaluate((b) => b.closest('.alarm').dataset.occurrence);
    await ack.focus();
    await page.keyboard.press('Enter');
    await page.waitForSelector('.ack-dialog');
    await picture(page, 'ack-dialog');
    assert.deepEqual(await page.evaluate(lowContrast), []);
    await page.keyboard.press('Escape');
    await page.waitForSelector('.ack-dialog', {state: 'detached'});
    assert.equal(await page.evaluate(() => document.activeElement?.className), 'ack');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.ack-dialog');
    await page.keyboard.type('已通知撤人');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.ack-dialog', {state: 'detached'});
    await until(
      'it waits no longer',
      async () => !(await page.$(`.alarm.unacked[data-occurrence="${occurrence}"]`)),
    );
  });

  test('signs out', async () => {
    await page.click('.top .menu:last-child > button');
    await page.click('[name=sign_out]');
    await page.waitForSelector('.dialog input[name=user]');
    assert.equal(await page.$(rows), null);
  });

  test('did all this without an error, a policy violation or an outside host', () =>
    assert.deepEqual(wrong, []));
});
