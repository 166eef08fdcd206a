// Checks that run inside the page.

// Texts whose contrast with what is behind them is below WCAG AA.
export function lowContrast() {
  const parse = (c) => {
    const n = c.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
    return {r: n[0], g: n[1], b: n[2], a: n[3] ?? 1};
  };
  const light = ({r, g, b}) =>
    [r, g, b].reduce((sum, x, i) => {
      const y = x / 255;
      return sum + [0.2126, 0.7152, 0.0722][i] * (y <= 0.03928 ? y / 12.92 : ((y + 0.055) / 1.055) ** 2.4);
    }, 0);
  const ground = (e) => {
    for (let x = e; x; x = x.parentElement) {
      const c = parse(getComputedStyle(x).backgroundColor);
      if (c.a > 0.95) return c;
    }
    return {r: 255, g: 255, b: 255, a: 1};
  };
  const low = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n = walker.nextNode(); n; n = walker.nextNode()) {
    const e = n.parentElement;
    if (!n.textContent.trim() || !e || e.closest('svg, script, noscript, .unseen, .skip, option, [inert]'))
      continue;
    if (e.closest('button:disabled, .priority:not(.some)')) continue; // inactive controls are exempt
    const box = e.getBoundingClientRect();
    const seen = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    if (!seen || !(e.contains(seen) || seen.contains(e))) continue;
    const style = getComputedStyle(e);
    const [a, b] = [light(parse(style.color)), light(ground(e))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const large =
      parseFloat(style.fontSize) >= 24 ||
      (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5))
      low.push(`${e.className}: "${n.textContent.trim().slice(0, 30)}" ${ratio.toFixed(2)}`);
  }
  return [...new Set(low)];
}

// Controls that a screen reader could not name.
export function namelessControls() {
  return [...document.querySelectorAll('button, a[href], input, select')]
    .filter((e) => {
      const label =
        e.getAttribute('aria-label') ||
        e.textContent.trim() ||
        e.getAttribute('title') ||
        e.labels?.[0]?.textContent;
      return !label;
    })
    .map((e) => e.outerHTML.slice(0, 100));
}

// Parts of the page that stick out of the window.
export function overflowing() {
  const wide = [
    ...document.querySelectorAll(
      '.top, .top > *, .main > *, .filters > *, .filter-choices > *, .panel-head > *',
    ),
  ].filter((e) => {
    const r = e.getBoundingClientRect();
    const box = e.parentElement.getBoundingClientRect();
    return r.width > 0 && (r.right > innerWidth + 1 || r.bottom > innerHeight + 1 || r.right > box.right + 1);
  });
  const page = document.scrollingElement;
  if (page.scrollWidth > innerWidth || page.scrollHeight > innerHeight) wide.push(page);
  return wide.map((e) => `${e.tagName}.${e.className}`);
}
