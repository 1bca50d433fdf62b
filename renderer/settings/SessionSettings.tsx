import { useState } from 'react';
import type { SamplingOptions, Session } from '../../electron/shared/contract.ts';
import { useCommands } from '../app/commands.ts';
import { useStore } from '../store.ts';
import { Button } from '../ui/Button.tsx';
import { Disclosure } from '../ui/Disclosure.tsx';
import { inUse } from './in-use.ts';
import { ModelChoice } from './ModelChoice.tsx';
import { NumberField } from './NumberField.tsx';
import { PresetChoice } from './PresetChoice.tsx';
import styles from './Settings.module.css';

/** How this chat is written: by which model, its system line, its sampling, its preset. What is left alone is the model's own. */
export function SessionSettings({ session }: { session: Session }) {
  const { changeSession } = useCommands();
  const model = useStore((state) => state.model);
  const presets = useStore((state) => state.presets);
  const { id } = session;
  if (!model) return null;
  // What is set by itself leaves the preset; the rest of what that said stays.
  const { system, sampling } = inUse(session, presets);
  const set = (change: Partial<SamplingOptions>) =>
    changeSession(id, { system, sampling: { ...sampling, ...change }, preset: null });
  const value = <K extends keyof SamplingOptions>(name: K): SamplingOptions[K] =>
    (sampling[name] ?? model.sampling[name]) as SamplingOptions[K];
  return (
    <div className={styles.settings}>
      <ModelChoice key={`model of ${id}`} session={session} />
      <PresetChoice session={session} />
      <SystemLine
        key={`${id} ${system}`}
        system={system}
        standard={model.defaultSystem ?? ''}
        onChange={(changed) => changeSession(id, { system: changed, sampling, preset: null })}
      />
      <NumberField
        label="Temperature"
        about="0 always takes the likeliest word; higher is more varied."
        value={value('temperature')}
        min={0}
        max={2}
        step={0.05}
        onChange={(temperature) => set({ temperature })}
      />
      <NumberField
        label="Longest reply"
        unit="tokens"
        about="A reply that gets there can be continued."
        value={value('maxTokens')}
        min={1}
        max={100_000}
        step={1}
        onChange={(maxTokens) => set({ maxTokens })}
      />
      <Disclosure summary="More about sampling">
        <div className={styles.settings}>
          <NumberField
            label="Repetition penalty"
            about="Above 1, words that stood lately become less likely."
            value={value('repetitionPenalty')}
            min={0.5}
            max={2}
            step={0.01}
            onChange={(repetitionPenalty) => set({ repetitionPenalty })}
          />
          <NumberField
            label="Top p"
            about="Only the likeliest words that hold this share of the probability."
            value={value('topP')}
            min={0.01}
            max={1}
            step={0.01}
            onChange={(topP) => set({ topP })}
          />
          <NumberField
            label="Min p"
            about="Only words at least this share as likely as the likeliest."
            value={value('minP')}
            min={0}
            max={0.99}
            step={0.01}
            onChange={(minP) => set({ minP })}
          />
          <NumberField
            label="Top k"
            unit="words"
            about="Only the likeliest so many; 0 is all."
            value={value('topK')}
            min={0}
            max={1000}
            step={1}
            onChange={(topK) => set({ topK })}
          />
        </div>
      </Disclosure>
      {Object.keys(sampling).length > 0 && (
        <Button onClick={() => changeSession(id, { system, sampling: {}, preset: null })}>
          Back to the model’s own
        </Button>
      )}
    </div>
  );
}

interface SystemLineProps {
  readonly system: string | null;
  readonly standard: string;
  readonly onChange: (system: string | null) => void;
}

/** Taken when it is left, since every change of it makes the chat be read anew from its beginning. */
function SystemLine({ system, standard, onChange }: SystemLineProps) {
  const [text, setText] = useState(system ?? standard);
  const take = () => {
    const changed = text === standard ? null : text;
    if (changed !== system) onChange(changed);
  };
  return (
    <label className={styles.field}>
      <span>System line</span>
      <textarea rows={3} value={text} onChange={(event) => setText(event.target.value)} onBlur={take} />
      <small>What the model is told before the first message. Changed, the chat is read once more.</small>
    </label>
  );
}
