import type {JSX} from 'preact';
import type {Alarm, Priority} from '../api/types';
import type {Mark} from '../state/status';

// The marks of states. Each has a shape of its own, so that colour only repeats what the shape says.

const shapes: Readonly<Record<Priority, string>> = {
  1: 'M10 .8 19.2 10 10 19.2 .8 10z', // diamond
  2: 'M10 1.2 19.2 18H.8z', // triangle
  3: 'M2.5 2.5h15v15h-15z', // square
  4: 'M10 1.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z', // circle
};

export function alarmMark(alarm: Alarm): Mark {
  if (alarm.state === 'unacknowledged') return 'alarm';
  return alarm.state === 'rtn_unacknowledged' ? 'returned' : 'acked';
}

// Filled: unacknowledged. Broken outline: has returned, unacknowledged. Plain outline: acknowledged.
export function AlarmMark({priority, mark}: {priority: Priority; mark: Mark}): JSX.Element {
  return (
    <svg class={`mark mark-${mark} prio-${priority}`} viewBox="0 0 20 20" aria-hidden="true">
      <path class="mark-shape" d={shapes[priority]} />
      <text class="mark-number" x="10" y={priority === 2 ? 16 : 14}>
        {priority}
      </text>
    </svg>
  );
}

export function StateMark({mark, priority}: {mark: Mark; priority: Priority | null}): JSX.Element {
  if (priority !== null) return <AlarmMark priority={priority} mark={mark} />;
  return (
    <svg class={`mark mark-${mark}`} viewBox="0 0 20 20" aria-hidden="true">
      {picture(mark)}
    </svg>
  );
}

function picture(mark: Mark): JSX.Element {
  switch (mark) {
    case 'bad':
      return <path class="line" d="M3 3h14v14H3zM6.5 6.5l7 7M13.5 6.5l-7 7" />;
    case 'stale':
      return <path class="line" d="M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15zM10 5.5V10l3.2 2.2" />;
    case 'maintenance':
      return (
        <path
          class="solid"
          d="M17.6 5.3a4.8 4.8 0 0 1-6.3 6l-5.5 5.9a2.1 2.1 0 0 1-3-3l5.9-5.5a4.8
        4.8 0 0 1 6-6.3l-2.9 2.9.4 2.3 2.3.4z"
        />
      );
    case 'withdrawn':
      return <path class="line" d="M5 10h10" />;
    case 'normal':
      return <circle class="line" cx="10" cy="10" r="3" />;
    case 'limit':
    case 'alarm':
    case 'returned':
    case 'acked':
      return <path class="line" d="M10 2 18.5 17.5h-17zM10 7.5v5M10 14.2v1.3" />;
  }
}
