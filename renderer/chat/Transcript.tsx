import { useEffect, useRef } from 'react';
import { useStore } from '../store.ts';
import { IconButton } from '../ui/Button.tsx';
import { useAutoScroll } from './auto-scroll.ts';
import { EmptyState } from './EmptyState.tsx';
import styles from './Transcript.module.css';
import { Reading, ReplyTurn, UserTurn } from './Turns.tsx';

/** The conversation, newest at the end, followed while the reader is there. */
export function Transcript() {
  const turns = useStore((state) => state.turns);
  const unnamed = useStore((state) => state.reply !== null && state.reply.turnId === null);
  const scroller = useRef<HTMLElement>(null);
  const column = useRef<HTMLDivElement>(null);
  const { following, follow } = useAutoScroll(scroller, column);

  // A message just sent is where the user looks, wherever they were reading.
  const last = turns.at(-1);
  const sent = last?.role === 'user' ? last.id : null;
  useEffect(() => {
    if (sent) follow();
  }, [sent, follow]);

  return (
    <div className={styles.frame}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable by keyboard */}
      <section ref={scroller} className={styles.scroller} tabIndex={0} aria-label="Conversation">
        <div ref={column} className={styles.column}>
          {turns.length === 0 && !unnamed && <EmptyState />}
          {turns.map((turn) =>
            turn.role === 'user' ? (
              <UserTurn key={turn.id} turn={turn} />
            ) : (
              <ReplyTurn key={turn.id} turn={turn} last={turn === last} />
            ),
          )}
          {unnamed && <Reading />}
        </div>
      </section>
      {!following && (
        <div className={styles.jump}>
          <IconButton icon="down" label="Go to the end" tip="above" onClick={follow} />
        </div>
      )}
    </div>
  );
}
