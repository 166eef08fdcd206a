import type {JSX} from 'preact';

interface Props {
  readonly label: string;
  readonly name: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly onPick: (value: string) => void;
}

export function Select({label, name, value, options, onPick}: Props): JSX.Element {
  return (
    <label class="field">
      {label}
      <select name={name} value={value} onChange={(e) => onPick(e.currentTarget.value)}>
        {options.map(([v, text]) => (
          <option key={v} value={v} selected={v === value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
