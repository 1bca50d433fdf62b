/** Documents of the library that are to go with the message being written: chosen in a menu, shown as chips. */
import { type RefObject, useState } from 'react';
import { mostAttached } from '../../electron/shared/attachments.ts';
import type { DocumentEntry } from '../../electron/shared/contract.ts';
import { useCommands } from '../app/commands.ts';
import { pages } from '../documents/words.ts';
import { useStore } from '../store.ts';
import { IconButton } from '../ui/Button.tsx';
import { Icon } from '../ui/Icon.tsx';
import { Menu, type MenuEntry } from '../ui/Menu.tsx';
import styles from './Attachments.module.css';
import { attachedOf } from './chat-state.ts';

interface AttachProps {
  /** Those that are attached. */
  readonly documents: readonly DocumentEntry[];
  /** Has the focus again afterwards. */
  readonly field: RefObject<HTMLTextAreaElement | null>;
}

/** Without those that have left the library meanwhile. */
export function useAttached(): readonly DocumentEntry[] {
  const attached = useStore(attachedOf);
  const library = useStore((state) => state.documents);
  return attached.flatMap((id) => library?.documents.find((document) => document.id === id) ?? []);
}

const idsWithout = (documents: readonly DocumentEntry[], gone: string) =>
  documents.map(({ id }) => id).filter((id) => id !== gone);

export function AttachMenu({ documents, field }: AttachProps) {
  const { readDocuments, showPage } = useCommands();
  const library = useStore((state) => state.documents?.documents);
  const attachedChanged = useStore((state) => state.attachedChanged);
  const [open, setOpen] = useState(false);

  function entries(): readonly MenuEntry[] {
    const toPage = (label: string) => ({ label, run: () => showPage('documents') });
    if (!library) return [toPage('Show the library')];
    if (library.length === 0) return [toPage('No documents yet: add one')];
    const full = documents.length >= mostAttached;
    return library.flatMap(({ id, title }) => {
      const others = idsWithout(documents, id);
      const checked = others.length < documents.length;
      const run = () => attachedChanged(checked ? others : [...others, id]);
      return full && !checked ? [] : { id, label: title, checked, run };
    });
  }

  return (
    <Menu
      label="Documents to attach"
      entries={entries}
      after={() => field.current}
      open={open}
      onOpenChange={(next) => {
        if (next) readDocuments();
        setOpen(next);
      }}
    >
      <IconButton icon="attach" label="Attach documents" size="large" tip="above-right" />
    </Menu>
  );
}

export function AttachedDocuments({ documents, field }: AttachProps) {
  const attachedChanged = useStore((state) => state.attachedChanged);
  if (documents.length === 0) return null;
  return (
    <ul className={styles.chosen} aria-label="Attached documents">
      {documents.map((document) => (
        <li key={document.id} className={styles.chip}>
          <Icon name="attach" size={14} />
          <span className={styles.title} dir="auto" title={document.title}>
            {document.title}
          </span>
          <span className={styles.size}>{pages(document.pages)}</span>
          <IconButton
            icon="close"
            label={`Remove ${document.title}`}
            size="small"
            tip="above"
            onClick={() => {
              attachedChanged(idsWithout(documents, document.id));
              field.current?.focus();
            }}
          />
        </li>
      ))}
    </ul>
  );
}
