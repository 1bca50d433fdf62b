import { type ReactNode, useId, useMemo } from 'react';
import type { LoadedModel, Metrics } from '../../electron/shared/contract.ts';
import { sessionOf, turnsOf } from '../chat/chat-state.ts';
import { SessionSettings } from '../settings/SessionSettings.tsx';
import { StorageFacts } from '../settings/StorageFacts.tsx';
import { useStore } from '../store.ts';
import { Disclosure } from '../ui/Disclosure.tsx';
import { Figure } from '../ui/Figure.tsx';
import { StackPlot } from '../ui/StackPlot.tsx';
import { bytes, count, duration, parameters, rate, tokens } from '../ui/units.ts';
import styles from './Inspector.module.css';
import { memoryParts } from './memory.ts';

/** The machine at work: which model, where the memory goes, how fast. */
export function Inspector() {
  return (
    <aside className={styles.inspector} aria-label="Model and machine">
      <ThisChat />
      <ModelFacts />
      <Memory />
      <Speed />
      <Kept />
    </aside>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  const id = useId();
  return (
    <section className={styles.section} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}

function ThisChat() {
  const session = useStore(sessionOf);
  if (!session) return null;
  return (
    <Section title="This chat">
      <Disclosure summary="System line, sampling, presets">
        <SessionSettings session={session} />
      </Disclosure>
    </Section>
  );
}

function Kept() {
  const storage = useStore((state) => state.storage);
  if (!storage) return null;
  return (
    <Section title="Storage">
      <StorageFacts storage={storage} />
    </Section>
  );
}

function ModelFacts() {
  const model = useStore((state) => state.model);
  const device = useStore((state) => state.info?.device);
  return (
    <Section title="Model">
      <dl>
        {model && <Figure name="Size" value={parameters(model.parameters)} />}
        {model && <Figure name="Weights" value={weightsOf(model)} />}
        {model && <Figure name="State" value={stateOf(model)} />}
        {device && <Figure name="Runs on" value={`${device.name} (${backends[device.backend]})`} />}
      </dl>
      {model?.safeLength && (
        <p className={styles.note}>
          Measured fluent up to {tokens(model.safeLength)}: it keeps the drift of a long text, not every
          detail.
        </p>
      )}
    </Section>
  );
}

const weightsOf = ({ bits, weightBytes }: LoadedModel) =>
  bits > 0 ? `${bits}-bit, ${bytes(weightBytes)}` : bytes(weightBytes);

const stateOf = ({ stateBytes, stateBytesPerToken }: LoadedModel) =>
  stateBytesPerToken === 0 ? `${bytes(stateBytes)} at any length` : `${bytes(stateBytesPerToken)} a token`;

const backends = { metal: 'Metal', cuda: 'CUDA', cpu: 'CPU' } as const;

const parts = [
  { key: 'weights', name: 'Weights', colour: 'var(--plot-weights)' },
  { key: 'states', name: 'Conversation states', colour: 'var(--plot-state)' },
  { key: 'scratch', name: 'MLX buffers', colour: 'var(--plot-scratch)' },
  { key: 'rest', name: 'Rest of the engine', colour: 'var(--plot-rest)' },
] as const;

/** The plot's width in ms: the shortest that holds what has been measured. */
const spans = [30_000, 60_000, 180_000];
export const spanOf = (elapsed: number) => spans.find((span) => span >= elapsed) ?? 180_000;

function Memory() {
  const history = useStore((state) => state.history);
  const layers = useMemo(() => {
    const measured = history.map(memoryParts);
    return parts.map(({ key, name, colour }) => ({ name, colour, values: measured.map((at) => at[key]) }));
  }, [history]);
  const times = useMemo(() => history.map((metrics) => metrics.at), [history]);
  const latest = history.at(-1);
  if (!latest) {
    return (
      <Section title="Memory">
        <p className={styles.note}>Nothing measured yet.</p>
      </Section>
    );
  }
  const span = spanOf(latest.at - (times[0] ?? latest.at));
  const ago = span < 60_000 ? `${span / 1000} s ago` : `${span / 60_000} min ago`;
  return (
    <Section title="Memory">
      <p className={styles.reading}>{bytes(latest.footprintBytes)}</p>
      <StackPlot times={times} layers={layers} span={span} format={bytes} ends={[ago, 'now']} />
      <dl>
        {layers.map((layer) => (
          <Figure
            key={layer.name}
            name={layer.name}
            swatch={layer.colour}
            value={bytes(layer.values.at(-1) ?? 0)}
          />
        ))}
      </dl>
      <p className={styles.note}>{rangeInWords(history)}</p>
    </Section>
  );
}

/** The plot's shape in a sentence, for those who cannot see it. */
export function rangeInWords(history: readonly Metrics[]): string {
  const footprints = history.map((metrics) => metrics.footprintBytes);
  const [low, high] = [bytes(Math.min(...footprints)), bytes(Math.max(...footprints))];
  const seconds = ((history.at(-1)?.at ?? 0) - (history[0]?.at ?? 0)) / 1000;
  if (seconds < 1) return `${high} now.`;
  const time = seconds < 90 ? `${count(seconds)} s` : `${count(seconds / 60)} min`;
  return low === high
    ? `${low} throughout the last ${time}.`
    : `Between ${low} and ${high} in the last ${time}.`;
}

function Speed() {
  const latest = useStore((state) => state.history.at(-1));
  const stats = useStore((state) => turnsOf(state).findLast((turn) => turn.stats !== null)?.stats);
  const perToken = useStore((state) => state.model?.stateBytesPerToken);
  const shown = (value: number | null | undefined, format: (value: number) => string) =>
    value === null || value === undefined ? '–' : format(value);
  return (
    <Section title="Speed">
      <dl>
        <Figure name="Writing" value={shown(latest?.decodeTokensPerSecond, rate)} />
        <Figure name="Reading" value={shown(latest?.prefillTokensPerSecond, rate)} />
        <Figure name="First token after" value={shown(latest?.ttftMs, duration)} />
        {stats && <Figure name="Held in the state" value={tokens(stats.stateTokens)} />}
      </dl>
      {(latest?.thermal === 'serious' || latest?.thermal === 'critical') && (
        <p className={styles.note}>This computer is hot and runs slower than it could.</p>
      )}
      {perToken === 0 && (
        <p className={styles.note}>Neither memory nor speed changes with the length of the conversation.</p>
      )}
    </Section>
  );
}
