// Reading one field of an object that came from outside: what is missing or of the wrong kind becomes a safe
// answer.

export type Raw = Readonly<Record<string, unknown>>;

// Characters of any text from outside that are kept: rows are bounded, so is memory.
export const text_max = 300;

export function isRaw(x: unknown): x is Raw {
  return typeof x === 'object' && x !== null && !Array.isArray(x);
}

export function list(x: unknown): readonly unknown[] {
  return Array.isArray(x) ? x : [];
}

// Control characters and direction overrides would let a name rearrange the text around it.
const unruly = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+/g;

export function text(o: Raw, key: string, max = text_max): string {
  const x = o[key];
  const s = typeof x === 'string' ? x : typeof x === 'number' && Number.isFinite(x) ? String(x) : '';
  const cut = s.length > max ? `${s.slice(0, max)}…` : s;
  return cut.replace(unruly, ' ').trim();
}

export function number(o: Raw, key: string): number | null {
  const x = o[key];
  return typeof x === 'number' && Number.isFinite(x) ? x : null;
}

export function flag(o: Raw, key: string): boolean {
  return o[key] === true;
}

// One of the words we know, or the given answer for anything else.
export function word<T extends string, F>(o: Raw, key: string, known: readonly T[], otherwise: F): T | F {
  const x = o[key];
  return known.includes(x as T) ? (x as T) : otherwise;
}
