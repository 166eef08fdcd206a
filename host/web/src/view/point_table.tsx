import type {JSX} from 'preact';
import {useCallback, useMemo, useRef} from 'preact/hooks';
import type {Point} from '../api/types';
import {elapsed} from '../clock';
import type {Key} from '../i18n';
import {worstByPoint} from '../state/alarms';
import {type Row, arrange, baseOrder, countShows} from '../state/arrange';
import {isLost} from '../state/link';
import type {Show, SortKey, State} from '../state/state';
import {type Status, pointStatus} from '../state/status';
import {useDesk, useRem, useSelect, useT} from './hooks';
import {PointFilters} from './point_filters';
import {PointRow} from './point_row';
import {valueTexts} from './point_value';
import {VirtualList} from './virtual_list';

const row_rem = 2;
const resort_ms = 5000; // rows that are sorted by value or age change places no more often than this

const columns: readonly (readonly [key: SortKey | null, label: Key, cls: string])[] = [
  ['state', 'col.state', 'c-state'],
  [null, 'col.place', 'c-place'],
  ['title', 'col.title', 'c-title'],
  ['value', 'col.value', 'c-value'],
  [null, 'col.unit', 'c-unit'],
  [null, 'col.range', 'c-range'],
  [null, 'col.quality', 'c-quality'],
  ['age', 'col.age', 'c-age'],
];

// The rows as they are now: which points, in which order, in which state.
function useRows(state: State): {rows: readonly Row[]; counts: Readonly<Record<Show, number>>} {
  const {points, values, alarms, lang, view, now} = state;
  const lost = isLost(state);
  const base = useMemo(() => baseOrder(points.values(), view.group, lang), [points, view.group, lang]);
  const worst = useMemo(() => worstByPoint(alarms), [alarms]);
  const statuses = useMemo(() => {
    const all = new Map<number, Status>();
    for (const p of points.values())
      all.set(p.id, pointStatus(p, values.get(p.id), worst.get(p.id), lost, now));
    return all;
  }, [points, values, worst, lost, now]);
  const sampled = useRef({values, at: now, sort: view.sort});
  if (
    elapsed(sampled.current.at, now) > resort_ms ||
    sampled.current.sort !== view.sort ||
    sampled.current.values.size === 0
  ) {
    sampled.current = {values, at: now, sort: view.sort};
  }
  const rows = arrange({
    base,
    statuses,
    filter: view.filter,
    group: view.group,
    sort: view.sort,
    lang,
    descending: view.descending,
    sampled: sampled.current.values,
    sampled_at: sampled.current.at,
  });
  return {rows, counts: countShows(statuses)};
}

export function PointTable(): JSX.Element {
  const desk = useDesk();
  const t = useT();
  const state = useSelect((s) => s);
  const {view, lang, values, now} = state;
  const {rows, counts} = useRows(state);
  const row_height = Math.round(useRem() * row_rem);

  const open = useCallback((p: Point) => desk.view({selected: p.id, trend: p.id}), [desk]);
  const selected = rows.findIndex((r) => r.kind === 'point' && r.point.id === view.selected);
  const shown = rows.reduce((n, r) => n + Number(r.kind === 'point'), 0);

  const select = (from: number, step: 1 | -1, count: number): void => {
    let index = from;
    for (let left = count; left > 0;) {
      const next = index + step;
      const row = rows[next];
      if (!row) break;
      index = next;
      if (row.kind === 'point') left -= 1;
    }
    const row = rows[index];
    if (row?.kind === 'point') desk.view({selected: row.point.id});
  };
  const onKeyDown = (e: KeyboardEvent): void => {
    const page = 12;
    const row = rows[selected];
    switch (e.key) {
      case 'ArrowDown':
        select(selected, 1, 1);
        break;
      case 'ArrowUp':
        select(selected < 0 ? rows.length : selected, -1, 1);
        break;
      case 'PageDown':
        select(selected, 1, page);
        break;
      case 'PageUp':
        select(selected < 0 ? rows.length : selected, -1, page);
        break;
      case 'Home':
        select(-1, 1, 1);
        break;
      case 'End':
        select(rows.length, -1, 1);
        break;
      case 'Enter':
        if (row?.kind === 'point') open(row.point);
        break;
      default:
        return;
    }
    e.preventDefault();
  };

  const draw = (row: Row, index: number): JSX.Element => {
    if (row.kind === 'group') return <GroupRow row={row} />;
    const {point, status} = row;
    const held = values.get(point.id);
    const texts = valueTexts(point, held, status, lang, now);
    return (
      <PointRow
        point={point}
        lang={lang}
        mark={status.mark}
        priority={status.priority}
        pinned={status.pinned}
        valueState={status.value}
        state={status.words.map((w) => t(w)).join(lang === 'zh' ? '·' : ' · ')}
        {...texts}
        number={status.value === 'ok' ? (held?.value.v ?? null) : null}
        note={row.despite ? t('filter.despite') : ''}
        outside={row.despite ? t('filter.outside') : ''}
        selected={view.selected === point.id}
        open={view.trend === point.id}
        index={index}
        onOpen={open}
      />
    );
  };

  return (
    <section class="points" aria-label={t('tab.points')}>
      <PointFilters shown={shown} counts={counts} />
      <div class={`table by-${view.group}`}>
        <HeadRow />
        {rows.length === 0 && (
          <p class="empty">{t(state.points.size === 0 ? 'filter.no_points' : 'filter.none')}</p>
        )}
        <VirtualList
          items={rows}
          rowHeight={row_height}
          keyOf={(r) => r.key}
          row={draw}
          reveal={selected < 0 ? undefined : {key: `${view.selected}`, index: selected}}
          class="grid"
          scroller={{
            role: 'grid',
            tabIndex: 0,
            'aria-label': t('table.label'),
            onKeyDown,
            'aria-rowcount': rows.length + 1,
            'aria-activedescendant': selected < 0 ? undefined : `point-${view.selected}`,
          }}
        />
      </div>
    </section>
  );
}

function HeadRow(): JSX.Element {
  const desk = useDesk();
  const t = useT();
  const sort = useSelect((s) => s.view.sort);
  const descending = useSelect((s) => s.view.descending);
  const pick = (key: SortKey): void => desk.view({sort: key, descending: sort === key ? !descending : false});
  return (
    <div class="row head">
      {columns.map(([key, label, cls]) => (
        <span key={label} class={`cell ${cls}`}>
          {key === null ? (
            t(label)
          ) : (
            <button
              type="button"
              class="head-button"
              title={t('col.sort', {name: t(label)})}
              aria-pressed={sort === key}
              onClick={() => pick(key)}
            >
              {t(label)}
              <span class="arrow" aria-hidden="true">
                {sort !== key ? '' : descending ? '▼' : '▲'}
              </span>
            </button>
          )}
        </span>
      ))}
    </div>
  );
}

function GroupRow({row}: {row: Extract<Row, {kind: 'group'}>}): JSX.Element {
  const t = useT();
  return (
    <div class="row group" role="row">
      <span class="group-name" role="gridcell">
        {row.label || t('table.no_place')}
      </span>
      <span class="group-count" role="gridcell">
        {t('table.group_count', {n: row.count})}
      </span>
      {row.abnormal > 0 && (
        <span class="group-abnormal" role="gridcell">
          {t('table.group_abnormal', {n: row.abnormal})}
        </span>
      )}
    </div>
  );
}
