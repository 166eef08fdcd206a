// Holds the state, applies actions at once, and tells the views at most once per animation frame: however
// many frames the host sends, the page is drawn at the screen's rate. A hidden page is not drawn at all until
// it is seen again.
export class Store<S, A> {
  private readonly listeners = new Set<() => void>();
  private pending = false;

  constructor(
    private readonly reduce: (state: S, action: A) => S,
    private current: S,
    private readonly nextFrame: (run: () => void) => void,
  ) {}

  get state(): S {
    return this.current;
  }

  dispatch(action: A): void {
    const next = this.reduce(this.current, action);
    if (next === this.current) return;
    this.current = next;
    if (this.pending) return;
    this.pending = true;
    this.nextFrame(() => {
      this.pending = false;
      for (const listener of [...this.listeners]) listener();
    });
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
