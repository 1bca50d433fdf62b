import type { ReactNode } from 'react';
import { useCommands } from '../app/commands.ts';
import { Offer } from '../models/Offer.tsx';
import { blocked, useStore } from '../store.ts';
import { Button } from '../ui/Button.tsx';
import { Mark } from '../ui/Mark.tsx';
import { Notice } from '../ui/Notice.tsx';
import { Progress } from '../ui/Progress.tsx';
import { bytes } from '../ui/units.ts';
import styles from './EmptyState.module.css';
import { SystemPrompt } from './SystemPrompt.tsx';

/** What a model of this size does well: short, everyday, nothing that needs facts. */
const examples = [
  'Write a short thank-you note to a colleague.',
  'How can I sleep better? Give me a few tips.',
  'What makes a good friend?',
];

/** Before the first message: what the model is, what it is good for, and three ways to begin. */
export function EmptyState() {
  const engine = useStore((state) => state.engine);
  const { startEngine } = useCommands();
  if (engine.phase === 'failed') {
    return (
      <Centre>
        <Notice
          tone="danger"
          message={engine.error.message}
          hint={engine.error.hint}
          action={
            <Button icon="retry" onClick={startEngine}>
              Try again
            </Button>
          }
        />
      </Centre>
    );
  }
  if (engine.phase === 'ready') return <Welcome />;
  return (
    <Centre>
      <Mark />
      {engine.phase === 'loading' ? (
        <Progress
          label={`Loading ${engine.model}, ${Math.round((100 * engine.done) / Math.max(1, engine.total))} %`}
          done={engine.done}
          total={engine.total}
        />
      ) : (
        <p className={styles.about}>Starting the engine…</p>
      )}
    </Centre>
  );
}

function Welcome() {
  const model = useStore((state) => state.model);
  const cannot = useStore(blocked);
  const { send } = useCommands();
  return (
    <Centre>
      <Mark />
      <h2 className={styles.title}>What shall we write?</h2>
      {model && (
        <p className={styles.about}>
          {model.name} runs entirely on this computer.{' '}
          {model.architecture === 'llamba' &&
            `It remembers a conversation of any length in ${bytes(model.stateBytes)}. `}
          {model.parameters < 5e8 && 'It is a small model: good with words, unreliable with facts.'}
        </p>
      )}
      <ul className={styles.examples} aria-label="Ways to begin">
        {examples.map((example) => (
          <li key={example}>
            <button type="button" disabled={cannot !== null} onClick={() => send(example)}>
              {example}
            </button>
          </li>
        ))}
      </ul>
      <SystemPrompt />
      <Offer />
    </Centre>
  );
}

function Centre({ children }: { children: ReactNode }) {
  return <div className={styles.centre}>{children}</div>;
}
