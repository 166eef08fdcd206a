import type {ComponentChildren, JSX} from 'preact';
import {useEffect, useRef, useState} from 'preact/hooks';

interface Props {
  readonly label: ComponentChildren;
  readonly title: string;
  readonly class?: string;
  readonly children: (close: () => void) => ComponentChildren;
}

// A button that opens a small panel below itself. Escape or a click elsewhere closes it.
export function Menu({label, title, class: cls, children}: Props): JSX.Element {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return undefined;
    const outside = (e: PointerEvent): void => {
      if (e.target instanceof Node && !box.current?.contains(e.target)) setOpen(false);
    };
    window.addEventListener('pointerdown', outside, true);
    return () => window.removeEventListener('pointerdown', outside, true);
  }, [open]);
  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  return (
    <div
      ref={box}
      class="menu"
      onKeyDown={(e) => {
        if (e.key === 'Escape' && open) close();
      }}
    >
      <button
        ref={button}
        type="button"
        class={cls ?? 'quiet'}
        title={title}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {label}
      </button>
      {open && (
        <div class="menu-panel" role="group" aria-label={title}>
          {children(close)}
        </div>
      )}
    </div>
  );
}
