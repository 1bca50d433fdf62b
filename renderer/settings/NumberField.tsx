import { useEffect, useState } from 'react';
import styles from './Settings.module.css';

interface NumberFieldProps {
  readonly label: string;
  readonly unit?: string;
  /** What it does, in a sentence. */
  readonly about: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly onChange: (value: number) => void;
}

/** A number with its unit, taken when it is left or Enter is pressed; one that is out of range is put back. */
export function NumberField({ label, unit, about, value, min, max, step, onChange }: NumberFieldProps) {
  const [text, setText] = useState(String(value));
  useEffect(() => setText(String(value)), [value]);
  function take() {
    const wanted = Number(text);
    const fits = text.trim() !== '' && Number.isFinite(wanted) && wanted >= min && wanted <= max;
    if (!fits || (Number.isInteger(step) && !Number.isInteger(wanted))) setText(String(value));
    else if (wanted !== value) onChange(wanted);
  }
  return (
    <label className={styles.field}>
      <span>
        {label}
        {unit && `, ${unit}`}
      </span>
      <input
        type="number"
        value={text}
        min={min}
        max={max}
        step={step}
        onChange={(event) => setText(event.target.value)}
        onBlur={take}
        onKeyDown={(event) => event.key === 'Enter' && take()}
      />
      <small>{about}</small>
    </label>
  );
}
