// Alarms, acknowledgement, sound. The alarms are raised by the test, so the mock only.
import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';
import {makeAlarm} from '../mock_data.mjs';
import {real, startHost} from './host.mjs';
import {launch, openPage, picture, signIn, until} from './page.mjs';

describe('alarms', {skip: real && 'DAVY_URL is set: these tests need the mock host'}, () => {
  let browser, host, mock, page, wrong;
  before(async () => {
    host = await startHost();
    mock = host.mock;
    browser = await launch();
    ({page, wrong} = await openPage(browser, host.url));
    await page.addInitScript(() => {
      window.tones = 0;
      const start = OscillatorNode.prototype.start;
      OscillatorNode.prototype.start = function count(...args) {
        window.tones += 1;
        return start.apply(this, args);
      };
    });
    await page.reload();
    await signIn(page, host.user, host.password);
    await page.waitForSelector('.alarm');
  });
  after(async () => {
    await browser?.close();
    await host?.stop();
  });

  const card = (occurrence) => `.alarm[data-occurrence="${occurrence}"]`;
  const openAck = async (occurrence) => {
    await page.click(`${card(occurrence)} .ack`);
    await page.waitForSelector('.ack-dialog');
  };
  const closed = () => page.waitForSelector('.ack-dialog', {state: 'detached'});
  const rests = () =>
    page.waitForFunction(() => document.querySelector('.ack-dialog [name=submit]').ariaDisabled !== 'true');

  test('a new alarm is there at once, marked by shape, number and words, and announced', async () => {
    const p = mock.points[9];
    const a = mock.raise(
      makeAlarm(0, p, {occurrence: 'new-1', priority: 2, value: 1.2, peak: 1.3, at: 1, reason: 'test'}),
    );
    await page.waitForSelector(`${card('new-1')}.unacked .mark-alarm`, {timeout: 1000});
    const text = await page.textContent(card(a.occurrence));
    assert.match(text, /报警/);
    assert.match(text, /未确认/);
    assert.match(text, /危险仍在/);
    await until('announced', async () => (await page.textContent('[aria-live]')).includes('新报警'));
    await until('in the title', async () => /^\(\d+\)/.test(await page.title()));
  });

  test('no filter hides its point', async () => {
    await page.fill('input[name=search]', 'there is no such point');
    const row = `.grid .row[data-point="${mock.points[9].name}"]`;
    await page.waitForSelector(`${row}.pinned`);
    assert.match(await page.getAttribute(row, 'title'), /不符合筛选条件/);
    await picture(page, 'filter-pinned');
    await page.click('.filter-choices button.quiet');
  });

  test('409: the new state is shown, Enter alone does not confirm it, a second look does', async () => {
    await openAck('new-1');
    mock.conflict = {value: 1.9, peak: 1.9, level: 'cut', priority: 1};
    await page.keyboard.type('first look');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() =>
      document.querySelector('.dialog-notice')?.textContent.includes('已变化'),
    );
    await page.keyboard.press('Enter');
    assert.equal(mock.alarms.get('new-1').state, 'unacknowledged');
    assert.match(await page.textContent('.facts'), /1\.90/);
    await picture(page, 'ack-conflict');
    await rests();
    await page.keyboard.press('Enter');
    await closed();
    await until('acknowledged', () => mock.alarms.get('new-1').state === 'acknowledged');
    assert.equal(mock.alarms.get('new-1').comment, 'first look');
    assert.equal(mock.alarms.get('new-1').acked_by, 'diaodu');
  });

  test('an alarm that changes while the dialog is open has to be confirmed again', async () => {
    mock.raise(makeAlarm(0, mock.points[9], {occurrence: 'new-2', value: 1}));
    await page.waitForSelector(card('new-2'));
    await openAck('new-2');
    mock.update(
      'new-2',
      {state: 'rtn_unacknowledged', condition: 'clear', cleared_ms: Date.now()},
      'cleared',
    );
    await page.waitForFunction(() =>
      document.querySelector('.dialog-notice')?.textContent.includes('已变化'),
    );
    await rests();
    await page.keyboard.press('Enter');
    await closed();
    await page.waitForSelector(card('new-2'), {state: 'detached'});
  });

  test('one that a colleague has acknowledged only wants to be closed', async () => {
    mock.raise(makeAlarm(0, mock.points[9], {occurrence: 'new-3', value: 1}));
    await page.waitForSelector(card('new-3'));
    await openAck('new-3');
    mock.conflict = {state: 'acknowledged', acked_by: 'wang', acked_ms: Date.now()};
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelector('.dialog-notice')?.textContent.includes('wang'));
    await rests();
    await page.keyboard.press('Enter');
    await closed();
    assert.equal(mock.alarms.get('new-3').acked_by, 'wang');
  });

  test('a host that cannot be reached is told, and nothing is lost', async () => {
    mock.raise(makeAlarm(0, mock.points[9], {occurrence: 'new-4', value: 1}));
    await page.waitForSelector(card('new-4'));
    await openAck('new-4');
    await page.route('**/ack', (r) => r.abort());
    await page.keyboard.type('keep me');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() =>
      document.querySelector('.ack-dialog .form-error')?.textContent.includes('无法连接主机'),
    );
    assert.equal(await page.inputValue('[name=comment]'), 'keep me');
    await page.unroute('**/ack');
    await page.keyboard.press('Escape');
    await closed();
  });

  test('is heard; a mute ends by itself for a new alarm as urgent', async () => {
    const tones = () => page.evaluate(() => window.tones);
    await page.waitForSelector('.top [title="声音"]');
    const n = await tones();
    await until('tones', async () => (await tones()) > n);
    await page.click('.top [title="声音"]');
    await page.click('.menu-panel button:nth-of-type(2)');
    await page.waitForFunction(() =>
      /静音 [45]:/.test(document.querySelector('.top .warn-flag')?.textContent ?? ''),
    );
    const quiet = await tones();
    await page.waitForTimeout(5000);
    assert.equal(await tones(), quiet);
    mock.raise(makeAlarm(0, mock.points[9], {occurrence: 'new-5', priority: 1, value: 1}));
    await until('heard again', async () => (await tones()) > quiet, 5000);
    await until('no longer muted', async () => !(await page.$('.top .warn-flag')));
  });

  test('a page that the browser keeps silent says so until somebody enables the sound', async () => {
    await page.reload();
    await page.waitForSelector('[data-sound=blocked], .top [title="声音"]');
    if (await page.$('[data-sound=blocked]')) {
      await picture(page, 'sound-blocked');
      await page.click('[data-sound=blocked]');
    }
    await page.waitForSelector('.top [title="声音"]');
  });

  test('2,000 alarms at once: a screenful is drawn, all are counted, each can be reached', async () => {
    for (let i = 0; i < 2000; i += 1) {
      mock.raise(
        makeAlarm(0, mock.points[i % mock.points.length], {
          occurrence: `flood-${i}`,
          priority: 1 + (i % 4),
          value: i,
        }),
      );
    }
    await until(
      'all counted',
      async () => /未确认 20\d\d/.test(await page.textContent('.alarms .count.some')),
      20_000,
    );
    assert.ok((await page.$$('.alarm')).length < 40);
    await page.selectOption('[name=alarm_order]', 'oldest');
    await page.$eval('.alarm-list', (e) => {
      e.scrollTop = e.scrollHeight;
    });
    await page.waitForSelector(card('flood-1999'));
    await picture(page, 'alarm-flood');
  });

  test('nothing else went wrong', () => assert.deepEqual(wrong, []));
});
