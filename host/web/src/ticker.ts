// Calls `tick` twice a second, also while the page is hidden, and when it comes back from being hidden or
// asleep.
export function startTicker(tick: () => void): void {
  try {
    const worker = new Worker(new URL('./ticker_worker.ts', import.meta.url), {type: 'module'});
    worker.onmessage = tick;
    worker.onerror = () => setInterval(tick, 500);
  } catch {
    setInterval(tick, 500);
  }
  document.addEventListener('visibilitychange', tick);
  window.addEventListener('pageshow', tick);
}
