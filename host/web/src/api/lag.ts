// How late do frames arrive, compared with the quickest of this connection? The host's and the browser's
// clocks differ by an unknown amount, so only a change can be seen: frames held up on the way (a slow line, a
// page that was frozen) arrive with a larger difference than before, and the ages they tell are too small by
// that much.
export class Lag {
  private base: number | null = null; // smallest seen difference between browser and host clock
  private seen_perf = 0;

  // The lag of a frame stamped `server_ms` that arrived at `perf`. Never negative.
  of(server_ms: number, perf: number): number {
    const difference = perf - server_ms;
    // Two clocks drift apart; let the base follow by up to 200 ppm, more than any computer's crystal.
    if (this.base !== null) this.base += (perf - this.seen_perf) * 0.0002;
    this.base = this.base === null ? difference : Math.min(this.base, difference);
    this.seen_perf = perf;
    return difference - this.base;
  }
}
