import type {JSX} from 'preact';
import {useEffect, useMemo, useRef} from 'preact/hooks';
import {type Key, pickText} from '../i18n';
import {placeKey, shows} from '../state/arrange';
import type {Filter, Group, Show} from '../state/state';
import {initialView} from '../state/state';
import {useDesk, useSelect, useT} from './hooks';
import {Select} from './select';

const groups: readonly Group[] = ['place', 'gateway', 'quantity', 'none'];

interface Props {
  readonly shown: number; // rows in the table
  readonly counts: Readonly<Record<Show, number>>;
}

export function PointFilters({shown, counts}: Props): JSX.Element {
  const desk = useDesk();
  const t = useT();
  const lang = useSelect((s) => s.lang);
  const filter = useSelect((s) => s.view.filter);
  const group = useSelect((s) => s.view.group);
  const points = useSelect((s) => s.points);
  const search = useRef<HTMLInputElement>(null);

  const choices = useMemo(() => {
    const places = new Map<string, string>();
    const quantities = new Set<string>();
    const gateways = new Set<string>();
    for (const p of points.values()) {
      if (placeKey(p)) places.set(placeKey(p), pickText(lang, p.place, p.place_en));
      if (p.quantity) quantities.add(p.quantity);
      if (p.gateway) gateways.add(p.gateway);
    }
    const order = new Intl.Collator(lang === 'zh' ? 'zh-CN' : 'en', {numeric: true}).compare;
    const plain = (set: Set<string>): (readonly [string, string])[] =>
      [...set].sort(order).map((x) => [x, x] as const);
    return {
      places: [...places].sort((a, b) => order(a[1], b[1])),
      quantities: plain(quantities),
      gateways: plain(gateways),
    };
  }, [points, lang]);

  useEffect(() => {
    const onKey = (e: KeyboardEvent): void => {
      const typing = e.target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName);
      if (e.key !== '/' || typing || e.ctrlKey || e.altKey || e.metaKey || search.current?.closest('[inert]'))
        return;
      e.preventDefault();
      search.current?.focus();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);

  const set = (change: Partial<Filter>): void => desk.view({filter: {...filter, ...change}});
  const any = (rest: readonly (readonly [string, string])[]): readonly (readonly [string, string])[] => [
    ['', t('filter.any')],
    ...rest,
  ];
  const active = JSON.stringify(filter) !== JSON.stringify(initialView().filter);
  return (
    <div class="filters" role="search">
      <input
        ref={search}
        type="search"
        name="search"
        class="search"
        placeholder={t('filter.search')}
        maxLength={100}
        aria-label={t('filter.search')}
        aria-keyshortcuts="/"
        value={filter.text}
        spellcheck={false}
        onInput={(e) => set({text: e.currentTarget.value})}
      />
      <div class="segments" role="group" aria-label={t('filter.show')}>
        {shows.map((s) => (
          <button
            key={s}
            type="button"
            name={`show-${s}`}
            aria-pressed={filter.show === s}
            onClick={() => set({show: s})}
          >
            {t(`filter.show.${s}`)}
            <span class={`show-count ${s !== 'all' && counts[s] > 0 ? 'some' : ''}`}>{counts[s]}</span>
          </button>
        ))}
      </div>
      <div class="filter-choices">
        <Select
          name="place"
          label={t('filter.place')}
          value={filter.place}
          onPick={(place) => set({place})}
          options={any(choices.places)}
        />
        <Select
          name="quantity"
          label={t('filter.quantity')}
          value={filter.quantity}
          onPick={(quantity) => set({quantity})}
          options={any(choices.quantities)}
        />
        <Select
          name="gateway"
          label={t('filter.gateway')}
          value={filter.gateway}
          onPick={(gateway) => set({gateway})}
          options={any(choices.gateways)}
        />
        <Select
          name="group"
          label={t('filter.group')}
          value={group}
          onPick={(g) => desk.view({group: g as Group})}
          options={groups.map((g) => [g, t(`filter.group.${g}` as Key)])}
        />
        <span class={`filter-count ${active ? 'active' : ''}`}>
          {t('filter.count', {n: shown, all: counts.all})}
        </span>
        <button
          type="button"
          class="quiet"
          disabled={!active}
          onClick={() => desk.view({filter: initialView().filter})}
        >
          {t('filter.clear')}
        </button>
      </div>
    </div>
  );
}
