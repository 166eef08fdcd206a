// How long to wait before attempt `n` (0 is the first after a loss). Short at first, since most losses are a
// restart of the host; never long, since a dispatch room waits for it; spread out, so that desks do not
// return all at once.
const waits_ms = [100, 500, 1000, 2000, 3000, 5000] as const;

export function backoff(n: number, random: number): number {
  const wait = waits_ms[Math.min(Math.max(n, 0), waits_ms.length - 1)] ?? 5000;
  return Math.round(wait * (0.75 + 0.5 * random));
}
