import { memo, useState } from 'react';
import { composed, parted } from '../../electron/shared/attachments.ts';
import type { Turn } from '../../electron/shared/contract.ts';
import { useCommands } from '../app/commands.ts';
import { blocked, useStore } from '../store.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { count } from '../ui/units.ts';
import { AttachedTexts } from './AttachedTexts.tsx';
import { BranchSwitch } from './BranchSwitch.tsx';
import { CopyButton } from './CopyButton.tsx';
import { EditField } from './EditField.tsx';
import styles from './Turns.module.css';

/** In characters; a pasted document would push the conversation off the screen. */
const longMessage = 2000;

/** What the user wrote, as it was written, below what was attached to it. Edited, it is sent anew and begins a branch; the old one stays. */
export const UserTurn = memo(function UserTurn({ turn, last }: { turn: Turn; last: boolean }) {
  const { send, reply, deleteTurn } = useCommands();
  const cannot = useStore(blocked);
  const edit = useStore((state) => state.edits[turn.id]);
  const editChanged = useStore((state) => state.editChanged);
  const [whole, setWhole] = useState(false);
  const { documents, text } = parted(turn.text);
  const long = text.length > longMessage;
  if (edit !== undefined) {
    return (
      <>
        <AttachedTexts documents={documents} />
        <EditField
          label="Edit message"
          turn={turn.id}
          text={edit}
          done="Send"
          cannot={cannot}
          onDone={(text) => send(composed({ documents, text }), { parent: turn.parent })}
        />
      </>
    );
  }
  return (
    <article className={`${styles.turn} ${styles.user}`} data-asked>
      <h3 className="visually-hidden">You</h3>
      <AttachedTexts documents={documents} />
      <div className={styles.said}>
        <p dir="auto">{long && !whole ? `${text.slice(0, longMessage / 2)}…` : text}</p>
        {long && (
          <Button aria-expanded={whole} onClick={() => setWhole(!whole)}>
            {whole ? 'Show less' : `Show all ${count(text.length)} characters`}
          </Button>
        )}
      </div>
      <footer className={styles.footer}>
        <BranchSwitch turn={turn} noun="Message" />
        <span className={styles.actions}>
          <IconButton
            icon="edit"
            label="Edit message"
            size="small"
            tip="above-left"
            onClick={() => editChanged(turn.id, text)}
          />
          <CopyButton label="Copy message" text={() => text} tip="above-left" />
          <IconButton
            icon="trash"
            label="Delete message and what follows"
            size="small"
            tip="above-left"
            onClick={() => deleteTurn(turn.id)}
          />
        </span>
        {last && cannot === null && (
          <Button icon="retry" onClick={() => reply(turn.id)}>
            Write a reply
          </Button>
        )}
      </footer>
    </article>
  );
});
