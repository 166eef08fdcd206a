// The browser for the tests, and the few steps that all of them share.
import {mkdir} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import {chromium} from 'playwright-core';

export const pictures = fileURLToPath(new URL('../../../build/web', import.meta.url));

export async function launch() {
  await mkdir(pictures, {recursive: true});
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--mute-audio'],
  });
}

// A page that remembers everything that went wrong in it: console errors, exceptions, refused content,
// outside hosts.
export async function openPage(browser, url, options = {}) {
  const context = await browser.newContext({
    viewport: {width: 1280, height: 720},
    ignoreHTTPSErrors: true,
    ...options,
  });
  const page = await context.newPage();
  const wrong = [];
  page.on('pageerror', (e) => wrong.push(`exception: ${e.message}`));
  page.on('console', (m) => {
    // A refused request or a link that breaks is logged by the browser itself; the tests break links on
    // purpose.
    if (m.type() === 'error' && !/Failed to load resource|WebSocket connection/.test(m.text()))
      wrong.push(m.text());
  });
  page.on('request', (r) => {
    const at = new URL(r.url());
    if (at.protocol.startsWith('http') && at.host !== new URL(url).host)
      wrong.push(`outside host: ${r.url()}`);
  });
  await page.goto(url);
  return {page, wrong, close: () => context.close()};
}

export async function signIn(page, user, password) {
  await page.fill('input[name=user]', user);
  await page.fill('input[name=password]', password);
  await page.press('input[name=password]', 'Enter');
  await page.waitForSelector('.desk');
}

export async function picture(page, name) {
  await page.screenshot({path: `${pictures}/${name}.png`});
}

// Waits for something to become true, asking every 50 ms.
export async function until(what, ask, timeout_ms = 8000) {
  const end = Date.now() + timeout_ms;
  for (;;) {
    if (await ask()) return;
    if (Date.now() > end) throw new Error(`not within ${timeout_ms} ms: ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}
