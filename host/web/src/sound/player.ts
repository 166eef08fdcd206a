import type {Pattern} from './policy';

export type SoundState = 'blocked' | 'on' | 'absent';

// Makes the tones with WebAudio: no sound files. Browsers keep a page silent until somebody has used it;
// until then the state is `blocked` and the page says so. play() is called at every tick and repeats a
// pattern at its own pace.
export class Player {
  private context: AudioContext | null = null;
  private last: {name: string; perf: number} | null = null;

  constructor(private readonly changed: (state: SoundState) => void) {
    for (const event of ['pointerdown', 'keydown'])
      window.addEventListener(event, () => void this.enable(), true);
  }

  // Needs a user's gesture the first time. Harmless afterwards.
  async enable(): Promise<void> {
    if (this.context?.state === 'running') return;
    try {
      if (!this.context) {
        const context = new AudioContext();
        this.context = context;
        context.onstatechange = () => this.changed(this.state());
      }
      this.changed(this.state());
      await this.context.resume();
    } catch {
      /* no gesture yet, or no audio device: state() says which */
    }
    this.changed(this.state());
  }

  state(): SoundState {
    if (typeof AudioContext === 'undefined') return 'absent';
    return this.context?.state === 'running' ? 'on' : 'blocked';
  }

  play(pattern: Pattern | null, perf: number): void {
    if (!pattern) {
      this.last = null; // the next alarm is heard at once
      return;
    }
    if (this.last?.name === pattern.name && perf - this.last.perf < pattern.every_ms) return;
    if (this.sound(pattern)) this.last = {name: pattern.name, perf};
  }

  // Once, now. False when the browser does not let us.
  sound(pattern: Pattern): boolean {
    const context = this.context;
    if (context?.state !== 'running') return false;
    for (const tone of pattern.tones) {
      const from = context.currentTime + 0.02 + tone.at_s;
      const to = from + tone.for_s;
      const oscillator = context.createOscillator();
      const gain = context.createGain();
      oscillator.type = 'triangle';
      oscillator.frequency.value = tone.hz;
      // Soft edges: a tone that starts at full level clicks.
      gain.gain.setValueAtTime(0, from);
      gain.gain.linearRampToValueAtTime(pattern.loudness, from + 0.015);
      gain.gain.setValueAtTime(pattern.loudness, to - 0.03);
      gain.gain.linearRampToValueAtTime(0, to);
      oscillator.connect(gain).connect(context.destination);
      oscillator.start(from);
      oscillator.stop(to);
      oscillator.onended = () => gain.disconnect();
    }
    return true;
  }
}
