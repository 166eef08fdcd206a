const tick_ms = 250; // as ticker_worker.ts

// Calls `tick` four times a second, also while the page is hidden, and when it comes back from being hidden
// or asleep.
export function startTicker(tick: () => void): void {
  try {
    const worker = new Worker(new URL('./ticker_worker.ts', import.meta.url), {type: 'module'});
    worker.onmessage = tick;
    worker.onerror = () => setInterval(tick, tick_ms);
  } catch {
    setInterval(tick, tick_ms);
  }
  document.addEventListener('visibilitychange', tick);
  window.addEventListener('pageshow', tick);
}
