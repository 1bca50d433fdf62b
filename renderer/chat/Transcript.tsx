import { useEffect, useRef } from 'react';
import { Virtualizer, type VirtualizerHandle } from 'virtua';
import { useStore } from '../store.ts';
import { IconButton } from '../ui/Button.tsx';
import { useAutoScroll } from './auto-scroll.ts';
import { keyOf, replyOf, turnsOf } from './chat-state.ts';
import { EmptyState } from './EmptyState.tsx';
import { Reading, ReplyTurn } from './ReplyTurn.tsx';
import styles from './Transcript.module.css';
import { UserTurn } from './UserTurn.tsx';

/** The session on the screen, newest at the end, followed while the reader is there. Only what is near is drawn. */
export function Transcript() {
  const chat = useStore(keyOf);
  return <Conversation key={chat} />;
}

/** In px, of a turn that has not been drawn yet: a guess, low enough that what is near is. */
const turnHeight = 200;

/** One session: another begins anew, at its end. */
function Conversation() {
  const turns = useStore(turnsOf);
  const unnamed = useStore((state) => {
    const reply = replyOf(state);
    return reply !== null && reply.turnId === null;
  });
  const sought = useStore((state) => state.sought);
  const seen = useStore((state) => state.seen);
  const scroller = useRef<HTMLElement>(null);
  const column = useRef<HTMLDivElement>(null);
  const list = useRef<VirtualizerHandle>(null);
  const { following, follow, leave } = useAutoScroll(scroller, column);

  // A message just sent is where the user looks, wherever they were reading.
  const last = turns.at(-1);
  const sent = last?.role === 'user' ? last.id : null;
  useEffect(() => {
    if (sent) follow();
  }, [sent, follow]);

  useEffect(() => {
    const at = turns.findIndex(({ id }) => id === sought);
    if (at < 0) return;
    leave();
    list.current?.scrollToIndex(at, { align: 'center' });
    seen();
  }, [sought, turns, leave, seen]);

  return (
    <div className={styles.frame}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable by keyboard */}
      <section ref={scroller} className={styles.scroller} tabIndex={0} aria-label="Conversation">
        <div ref={column} className={styles.column}>
          {turns.length === 0 && !unnamed && <EmptyState />}
          <Virtualizer ref={list} scrollRef={scroller} itemSize={turnHeight}>
            {turns.map((turn) => (
              <div key={turn.id} className={styles.item}>
                {turn.role === 'user' ? (
                  <UserTurn turn={turn} last={turn === last} />
                ) : (
                  <ReplyTurn turn={turn} last={turn === last} />
                )}
              </div>
            ))}
          </Virtualizer>
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
