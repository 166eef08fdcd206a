import {createContext} from 'preact';
import {useContext, useEffect, useLayoutEffect, useRef, useState} from 'preact/hooks';
import type {Desk} from '../desk';
import {type Key, type Params, t} from '../i18n';
import type {State} from '../state/state';

export const DeskContext = createContext<Desk | null>(null);

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error('a view outside of DeskContext');
  return desk;
}

// A part of the state. The view is drawn anew only when that part has become another one.
export function useSelect<T>(select: (state: State) => T): T {
  const {store} = useDesk();
  const [, redraw] = useState(0);
  const value = select(store.state);
  const latest = useRef({select, value});
  latest.current = {select, value};
  useLayoutEffect(() => {
    const check = (): void => {
      if (!Object.is(latest.current.select(store.state), latest.current.value)) redraw((n) => n + 1);
    };
    check();
    return store.subscribe(check);
  }, [store]);
  return value;
}

export type Translate = (key: Key, params?: Params) => string;

export function useT(): Translate {
  const lang = useSelect((s) => s.lang);
  return (key, params) => t(lang, key, params);
}

// Pixels of one rem: the root font grows with the screen, and rows of virtual lists have to know their
// height.
export function useRem(): number {
  const read = (): number => parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
  const [rem, setRem] = useState(read);
  useEffect(() => {
    const update = (): void => setRem(read());
    window.addEventListener('resize', update);
    return () => window.removeEventListener('resize', update);
  }, []);
  return rem;
}
