import { useEffect, useRef, useState } from 'react';
import { useStore } from '../store.ts';
import { replyOf, turnsOf } from './chat-state.ts';
import { finishedUpTo, spoken } from './sentences.ts';

/** Reads a reply to a screen reader as it is written: finished sentences, not tokens, and then that it is done. */
export function Announcer() {
  const writing = useStore((state) => replyOf(state)?.turnId ?? null);
  const text = useStore((state) => turnsOf(state).find((turn) => turn.id === writing)?.text ?? '');
  const ended = useStore((state) => turnsOf(state).at(-1));
  const [said, setSaid] = useState('');
  const reading = useRef({ turn: '', upTo: 0 });

  useEffect(() => {
    const at = reading.current;
    if (writing === null) {
      if (at.turn === '' || ended?.id !== at.turn) return;
      reading.current = { turn: '', upTo: 0 };
      setSaid(`${spoken(ended.text.slice(at.upTo))} ${ended.error ? '' : 'End of the reply.'}`.trim());
      return;
    }
    const from = at.turn === writing ? at.upTo : 0;
    const upTo = finishedUpTo(text, from);
    reading.current = { turn: writing, upTo };
    if (upTo > from) setSaid(spoken(text.slice(from, upTo)));
  }, [writing, text, ended]);

  return (
    <div className="visually-hidden" aria-live="polite" data-announcer>
      {said}
    </div>
  );
}
