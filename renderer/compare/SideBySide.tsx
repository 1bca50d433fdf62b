import { type FormEvent, type KeyboardEvent, useId, useState } from 'react';
import type { Pair } from '../../electron/shared/contract.ts';
import { useCommands } from '../app/commands.ts';
import { Markdown } from '../chat/Markdown.tsx';
import { unready, useStore } from '../store.ts';
import { Button } from '../ui/Button.tsx';
import { Notice } from '../ui/Notice.tsx';
import { bytes, count, duration, rate } from '../ui/units.ts';
import styles from './Compare.module.css';
import type { SideAnswer, Siding } from './compare-state.ts';
import own from './SideBySide.module.css';
import { idsOf } from './words.ts';

/** One prompt, both models answering it at once. */
export function SideBySide({ pair }: { pair: Pair | null }) {
  const siding = useStore((state) => state.siding);
  if (!pair?.twin) return null;
  return (
    <>
      {pair.twin.installed && <Prompt pair={pair} running={siding !== null && siding.phase !== 'done'} />}
      {siding?.error && siding.error.code !== 'cancelled' && (
        <Notice tone="danger" message={siding.error.message} hint={siding.error.hint} />
      )}
      {siding ? (
        <Answers pair={pair} siding={siding} />
      ) : (
        pair.twin.installed && (
          <p className={styles.about}>
            Both are in memory at once and take turns at the processor: compare what they say here, and how
            fast they are under Measure.
          </p>
        )
      )}
    </>
  );
}

function Prompt({ pair, running }: { pair: Pair; running: boolean }) {
  const { askBoth, stopBoth } = useCommands();
  const siding = useStore((state) => state.siding);
  const cannot = useStore(unready);
  const [prompt, setPrompt] = useState(siding?.prompt ?? '');
  const id = useId();
  const ready = cannot === null && prompt.trim() !== '';
  const stopping = siding?.phase === 'stopping';
  function submit(event: FormEvent) {
    event.preventDefault();
    if (ready) askBoth(idsOf(pair), prompt.trim());
  }
  function pressed(event: KeyboardEvent<HTMLTextAreaElement>) {
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) submit(event);
  }
  return (
    <form
      className={own.prompt}
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !running) return;
        event.preventDefault();
        stopBoth();
      }}
    >
      <label htmlFor={id}>A question to both</label>
      <textarea
        id={id}
        rows={2}
        dir="auto"
        value={prompt}
        placeholder="What makes a good friend?"
        onChange={(event) => setPrompt(event.target.value)}
        onKeyDown={pressed}
      />
      <div className={styles.actions}>
        {running ? (
          <Button look="accent" icon="stop" aria-disabled={stopping} onClick={stopBoth}>
            {stopping ? 'Stopping…' : 'Stop'}
          </Button>
        ) : (
          <Button look="accent" icon="send" type="submit" aria-disabled={!ready}>
            Ask both
          </Button>
        )}
        <span className={styles.note}>
          {cannot !== null && !running ? cannot : 'Enter asks, Shift+Enter starts a new line, Esc stops.'}
        </span>
      </div>
    </form>
  );
}

function Answers({ pair, siding }: { pair: Pair; siding: Siding }) {
  const names = new Map([pair.llamba, ...(pair.twin ? [pair.twin] : [])].map(({ id, name }) => [id, name]));
  const done = siding.phase === 'done';
  return (
    <div className={own.answers}>
      <p className="visually-hidden" role="status">
        {done ? 'Both have answered.' : 'Both are answering.'}
      </p>
      {siding.answers.map((answer) => (
        <Answer
          key={answer.model}
          name={names.get(answer.model) ?? answer.model}
          answer={answer}
          writing={!done && answer.result === null}
        />
      ))}
    </div>
  );
}

function Answer({ name, answer, writing }: { name: string; answer: SideAnswer; writing: boolean }) {
  const title = useId();
  const { read, tokens, result } = answer;
  const speed = result ? result.decodeTokensPerSecond : answer.tokensPerSecond;
  const state = result ? result.stateBytes : answer.stateBytes;
  const figures: [string, string][] = [
    ['Tokens', count(result?.tokens ?? tokens)],
    ['Writing', speed === null ? '–' : rate(speed)],
    ['State', state === null ? '–' : bytes(state)],
    ['First token after', result ? duration(result.ttftMs) : '–'],
  ];
  return (
    <section className={styles.card} aria-labelledby={title} data-answer={writing ? 'writing' : 'done'}>
      <h3 id={title}>{name}</h3>
      <dl className={own.counters}>
        {figures.map(([what, value]) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {writing && answer.text === '' && (
        <p className={styles.note}>
          {read ? `Reading: ${count(read.done)} of ${count(read.total)} tokens` : 'Waiting for its turn…'}
        </p>
      )}
      <Markdown text={answer.text} writing={writing} />
    </section>
  );
}
