import { NumberField } from './NumberField.tsx';

const GiB = 2 ** 30;

/** How much of the disk something may take: bytes, typed in GiB. */
export function BudgetField(props: {
  readonly label: string;
  readonly about: string;
  readonly bytes: number;
  readonly onChange: (bytes: number) => void;
}) {
  return (
    <NumberField
      label={props.label}
      unit="GiB"
      about={props.about}
      value={Math.round((10 * props.bytes) / GiB) / 10}
      min={0}
      max={10_000}
      step={0.1}
      onChange={(gib) => props.onChange(Math.round(gib * GiB))}
    />
  );
}
