import type {JSX} from 'preact';
import type {Point, Priority} from '../api/types';
import {titleOf} from '../state/arrange';
import type {Lang} from '../i18n';
import {pickText} from '../i18n';
import type {Mark, Status} from '../state/status';
import {StateMark} from './marks';
import {RangeBar} from './range_bar';

interface Props {
  readonly point: Point;
  readonly lang: Lang;
  readonly mark: Mark;
  readonly priority: Priority | null;
  readonly pinned: boolean;
  readonly valueState: Status['value'];
  readonly state: string;
  readonly main: string;
  readonly last: string;
  readonly quality: string;
  readonly age: string;
  readonly number: number | null; // for the bar
  readonly outside: string; // a word for that, or nothing
  readonly note: string; // why the row is here although filtered out
  readonly selected: boolean;
  readonly open: boolean; // its trend is shown
  readonly index: number;
  readonly onOpen: (point: Point) => void;
}

export function PointRow(p: Props): JSX.Element {
  const {point, lang} = p;
  const title = titleOf(point, lang);
  const classes = [
    'row',
    `is-${p.mark}`,
    `v-${p.valueState}`,
    p.pinned ? 'pinned' : '',
    p.selected ? 'selected' : '',
    p.open ? 'open' : '',
  ]
    .filter((c) => c !== '')
    .join(' ');
  return (
    <div
      class={classes}
      role="row"
      id={`point-${point.id}`}
      aria-rowindex={p.index + 2}
      aria-selected={p.selected}
      data-point={point.name}
      title={p.note || undefined}
      onClick={() => p.onOpen(point)}
    >
      <span class="cell c-state" role="gridcell">
        <StateMark mark={p.mark} priority={p.priority} />
        <span class="words">{p.state}</span>
      </span>
      <span class="cell c-place" role="gridcell" title={pickText(lang, point.place, point.place_en)}>
        {pickText(lang, point.place, point.place_en)}
      </span>
      <span class="cell c-title" role="gridcell" title={`${title}\n${point.name}\n${point.device}`}>
        <span class="title">{title}</span>
        {p.outside !== '' && <span class="tag">{p.outside}</span>}
        {title !== point.name && <span class="name">{point.name}</span>}
      </span>
      <span class="cell c-value" role="gridcell" title={p.last || undefined}>
        {p.last !== '' && <span class="last">{p.last}</span>}
        <span class="now">{p.main}</span>
      </span>
      <span class="cell c-unit" role="gridcell">
        {point.unit}
      </span>
      <span class="cell c-range" role="gridcell">
        <RangeBar point={point} v={p.number} />
      </span>
      <span class="cell c-quality" role="gridcell" title={p.quality}>
        {p.quality}
      </span>
      <span class="cell c-age" role="gridcell">
        {p.age}
      </span>
    </div>
  );
}
