import { type KeyboardEvent, type RefObject, useEffect, useId, useRef } from 'react';
import { parted } from '../../electron/shared/attachments.ts';
import { useCommands } from '../app/commands.ts';
import { blocked, useStore } from '../store.ts';
import { IconButton } from '../ui/Button.tsx';
import { MenuPlace } from '../ui/Menu.tsx';
import { count } from '../ui/units.ts';
import { AttachedDocuments, AttachMenu, useAttached } from './Attach.tsx';
import styles from './Composer.module.css';
import { draftOf, isEphemeral, keyOf, replyOf, turnsOf } from './chat-state.ts';

/** Where the message is written. It keeps focus and takes text at all times; only sending waits until it is possible. */
export function Composer({ field }: { field: RefObject<HTMLTextAreaElement | null> }) {
  const { send, stop } = useCommands();
  const draft = useStore(draftOf);
  const draftChanged = useStore((state) => state.draftChanged);
  const writing = useStore((state) => replyOf(state) !== null);
  const stopping = useStore((state) => replyOf(state)?.stopping ?? false);
  const cannot = useStore(blocked);
  const lastMessage = useStore((state) => turnsOf(state).findLast((turn) => turn.role === 'user')?.text);
  const ephemeral = useStore(isEphemeral);
  const chat = useStore(keyOf);
  const hint = useId();
  const attached = useAttached();
  const characters = attached.reduce((sum, document) => sum + document.characters, 0);
  const form = useRef<HTMLFormElement>(null);
  const ready = cannot === null && draft.trim() !== '';

  // What had the focus may be gone (an example, a retry button, the page before): then it is the message's.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the moments at which buttons come and go
  useEffect(() => {
    if (document.activeElement === document.body) field.current?.focus();
  }, [field, writing, lastMessage, chat]);

  function submit() {
    if (ready) send(draft.trim(), { documents: attached.map(({ id }) => id) });
  }

  function pressed(event: KeyboardEvent<HTMLTextAreaElement>) {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      submit();
    } else if (event.key === 'ArrowUp' && draft === '' && lastMessage) {
      event.preventDefault();
      draftChanged(parted(lastMessage).text);
    }
  }

  return (
    <form
      ref={form}
      className={styles.composer}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div className={styles.box}>
        <AttachedDocuments documents={attached} field={field} />
        <MenuPlace value={form}>
          <AttachMenu documents={attached} field={field} />
        </MenuPlace>
        <textarea
          ref={field}
          className={styles.field}
          rows={1}
          dir="auto"
          value={draft}
          placeholder="Write a message"
          aria-label="Message"
          aria-describedby={hint}
          spellCheck
          onChange={(event) => draftChanged(event.target.value)}
          onKeyDown={pressed}
        />
        {writing ? (
          <IconButton
            icon="stop"
            label={stopping ? 'Stopping' : 'Stop'}
            keys="Esc"
            look="accent"
            size="large"
            tip="above"
            aria-disabled={stopping}
            onClick={stop}
          />
        ) : (
          <IconButton
            icon="send"
            type="submit"
            label="Send"
            keys="Enter"
            look="accent"
            size="large"
            tip="above"
            aria-disabled={!ready}
          />
        )}
      </div>
      <p id={hint} className={styles.hint}>
        {cannot !== null && !writing
          ? cannot
          : ephemeral
            ? 'Private chat: nothing of it is kept, not even on this computer.'
            : characters > 0
              ? `${count(characters)} characters of documents are read before the reply begins.`
              : 'Enter sends, Shift+Enter starts a new line. Nothing leaves this computer.'}
      </p>
    </form>
  );
}
