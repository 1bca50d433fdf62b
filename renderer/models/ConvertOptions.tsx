import { useId } from 'react';
import type { Conversion, Recognised } from '../../electron/shared/contract.ts';
import { bytes } from '../ui/units.ts';
import { sizeAfter } from './conversion-size.ts';
import styles from './Models.module.css';

interface ConvertOptionsProps {
  readonly weights: NonNullable<Recognised['weights']>;
  readonly value: Conversion;
  readonly onChange: (value: Conversion) => void;
}

/** How a full-size model is made smaller: three choices, each with what it costs, and the size that comes of them. */
export function ConvertOptions({ weights, value, onChange }: ConvertOptionsProps) {
  return (
    <div className={styles.options}>
      <Choice
        name="Bits of a weight"
        about="4 takes about half the memory of 8; 8 stays closer to the original."
        choices={[4, 8]}
        value={value.bits}
        onChange={(bits) => onChange({ ...value, bits })}
      />
      <Choice
        name="Weights in a group"
        about="Each group has a scale of its own: smaller groups are more exact and take a little more room."
        choices={[32, 64, 128]}
        value={value.groupSize}
        onChange={(groupSize) => onChange({ ...value, groupSize })}
      />
      <Choice
        name="Bits of the word table"
        about="The table that turns words into numbers: 16 keeps it nearly as it was."
        choices={[4, 8, 16]}
        value={value.embedding}
        onChange={(embedding) => onChange({ ...value, embedding })}
      />
      <p role="status">
        It will take <strong>{bytes(sizeAfter(weights, value))}</strong> on the disk and about as much memory.
      </p>
    </div>
  );
}

interface ChoiceProps<T extends number> {
  readonly name: string;
  readonly about: string;
  readonly choices: readonly T[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}

function Choice<T extends number>({ name, about, choices, value, onChange }: ChoiceProps<T>) {
  const group = useId();
  return (
    <fieldset aria-describedby={`${group}-about`}>
      <legend>{name}</legend>
      <div className={styles.radios}>
        {choices.map((choice) => (
          <label key={choice}>
            <input type="radio" name={group} checked={choice === value} onChange={() => onChange(choice)} />
            {choice}
          </label>
        ))}
      </div>
      <p id={`${group}-about`} className={styles.note}>
        {about}
      </p>
    </fieldset>
  );
}
