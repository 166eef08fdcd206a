import type {ComponentChildren, JSX} from 'preact';
import {useEffect, useLayoutEffect, useRef} from 'preact/hooks';

interface Props {
  readonly title: string;
  readonly onClose?: (() => void) | undefined; // absent: it cannot be left, such as the sign-in
  readonly children: ComponentChildren;
  readonly class?: string;
}

const reachable = 'button:not([disabled]), input:not([disabled]), textarea:not([disabled]), select, a[href]';

// A modal box: the keyboard stays inside, Escape leaves, and the focus goes back to where it was. Not a
// <dialog>: its top layer would cover the banner of a lost link.
export function Dialog({title, onClose, children, class: cls}: Props): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement;
    const first =
      box.current?.querySelector<HTMLElement>('[data-first]') ??
      box.current?.querySelector<HTMLElement>(reachable);
    first?.focus();
    return () => {
      // Only after this drawing: until then the page behind is still inert.
      setTimeout(() => {
        const elsewhere = document.activeElement !== null && document.activeElement !== document.body;
        if (!elsewhere && before instanceof HTMLElement && before.isConnected) before.focus();
      });
    };
  }, []);

  // On the window: what had the focus may be gone from the box by now.
  useEffect(() => {
    const onEscape = (e: KeyboardEvent): void => {
      if (e.key === 'Escape') onClose?.();
    };
    window.addEventListener('keydown', onEscape);
    return () => window.removeEventListener('keydown', onEscape);
  }, [onClose]);

  const onKeyDown = (e: KeyboardEvent): void => {
    if (e.key !== 'Tab') return;
    const all = [...(box.current?.querySelectorAll<HTMLElement>(reachable) ?? [])];
    const edge = e.shiftKey ? all[0] : all.at(-1);
    if (document.activeElement !== edge) return;
    e.preventDefault();
    (e.shiftKey ? all.at(-1) : all[0])?.focus();
  };

  return (
    <div class={`dialog-veil ${cls ?? ''}`}>
      <div ref={box} class="dialog" role="dialog" aria-modal="true" aria-label={title} onKeyDown={onKeyDown}>
        <h2 class="dialog-title">{title}</h2>
        {children}
      </div>
    </div>
  );
}
