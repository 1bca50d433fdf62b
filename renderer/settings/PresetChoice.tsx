import { useState } from 'react';
import type { Session } from '../../electron/shared/contract.ts';
import { useCommands } from '../app/commands.ts';
import { useStore } from '../store.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { inUse } from './in-use.ts';
import styles from './Settings.module.css';

/** Named settings: one to choose, these to keep under a name. */
export function PresetChoice({ session }: { session: Session }) {
  const { changeSession, savePreset, removePreset } = useCommands();
  const presets = useStore((state) => state.presets);
  const [name, setName] = useState<string | null>(null);
  const { id, preset } = session;
  // What was set for the chat alone would stand above the preset.
  const choose = (chosen: string | null) => changeSession(id, { preset: chosen, system: null, sampling: {} });
  function keep() {
    const called = name?.trim();
    if (!called) return;
    savePreset({ name: called, ...inUse(session, presets) });
    setName(null);
    choose(called);
  }
  return (
    <div className={styles.field}>
      <label className={styles.choice}>
        <span>Preset</span>
        <select value={preset ?? ''} onChange={(event) => choose(event.target.value || null)}>
          <option value="">None</option>
          {presets.map((each) => (
            <option key={each.name}>{each.name}</option>
          ))}
        </select>
      </label>
      {name === null ? (
        <div className={styles.buttons}>
          <Button onClick={() => setName(preset ?? '')}>Save as preset…</Button>
          {preset && (
            <IconButton
              icon="trash"
              label={`Remove preset ${preset}`}
              size="small"
              onClick={() => removePreset(preset)}
            />
          )}
        </div>
      ) : (
        <form
          className={styles.buttons}
          onSubmit={(event) => {
            event.preventDefault();
            keep();
          }}
        >
          <input
            // biome-ignore lint/a11y/noAutofocus: it takes the place of the button that was pressed
            autoFocus
            aria-label="Name of the preset"
            value={name}
            maxLength={100}
            onChange={(event) => setName(event.target.value)}
            onKeyDown={(event) => event.key === 'Escape' && setName(null)}
          />
          <Button type="submit" aria-disabled={name.trim() === ''}>
            Save
          </Button>
        </form>
      )}
    </div>
  );
}
