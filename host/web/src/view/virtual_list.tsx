import type {ComponentChildren, JSX} from 'preact';
import {useLayoutEffect, useRef, useState} from 'preact/hooks';
import {scrollFor, windowOf} from './virtual';

interface Props<T> {
  readonly items: readonly T[];
  readonly rowHeight: number; // in pixels, the same for all
  readonly keyOf: (item: T) => string;
  readonly row: (item: T, index: number) => ComponentChildren;
  // Scroll there when the key changes.
  readonly reveal?: {readonly key: string; readonly index: number} | undefined;
  readonly scroller?: JSX.HTMLAttributes<HTMLDivElement> | undefined;
  readonly class?: string;
}

const spare_rows = 6;

// Draws only the rows in sight, so that 2,000 points or a flood of 10,000 alarms cost no more than a
// screenful.
export function VirtualList<T>(props: Props<T>): JSX.Element {
  const {items, rowHeight, keyOf, row, reveal} = props;
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(0);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const measure = (): void => {
      setHeight(element.clientHeight);
      // A head above the list has to leave out the width of the scroll bar to stand over its columns.
      element.parentElement?.style.setProperty('--bar', `${element.offsetWidth - element.clientWidth}px`);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element || !reveal) return;
    element.scrollTop = scrollFor(reveal.index, element.scrollTop, element.clientHeight, rowHeight);
    // Only the key: a row that changes places by itself must not pull the list along.
  }, [reveal?.key]);

  const {first, last} = windowOf(top, height, rowHeight, items.length, spare_rows);
  return (
    <div
      ref={box}
      class={`virtual ${props.class ?? ''}`}
      onScroll={(e) => setTop(e.currentTarget.scrollTop)}
      {...props.scroller}
    >
      <div class="virtual-space" role="presentation" style={{height: `${items.length * rowHeight}px`}}>
        {items.slice(first, last).map((item, i) => (
          <div
            key={keyOf(item)}
            class="virtual-row"
            role="presentation"
            style={{transform: `translateY(${(first + i) * rowHeight}px)`, height: `${rowHeight}px`}}
          >
            {row(item, first + i)}
          </div>
        ))}
      </div>
    </div>
  );
}
