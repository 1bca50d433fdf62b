import { useRef } from 'react';
import { useCommands } from '../app/commands.ts';
import { useStore } from '../store.ts';
import { Button } from '../ui/Button.tsx';
import { Notice } from '../ui/Notice.tsx';
import { Progress } from '../ui/Progress.tsx';
import { bytes } from '../ui/units.ts';
import styles from './Documents.module.css';
import type { Addition } from './documents-state.ts';

const readable = '.pdf,.docx,.epub,.html,.htm,.xhtml,.md,.markdown,.txt';

export function AddButton() {
  const { addDocuments } = useCommands();
  const files = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button look="accent" icon="import" onClick={() => files.current?.click()}>
        Add documents
      </Button>
      <input
        ref={files}
        type="file"
        hidden
        multiple
        accept={readable}
        aria-label="Documents to add"
        onChange={(event) => {
          addDocuments([...(event.target.files ?? [])]);
          event.target.value = '';
        }}
      />
    </>
  );
}

/** Files on their way in, and those that did not come. */
export function Additions() {
  const additions = useStore((state) => state.additions);
  return additions.map((addition) => <OnItsWay key={addition.id} addition={addition} />);
}

function OnItsWay({ addition }: { addition: Addition }) {
  const { cancelAddition } = useCommands();
  const { id, name, sent, bytes: size, error } = addition;
  const remove = () => cancelAddition(id);
  if (error) {
    return (
      <Notice
        tone="danger"
        message={`${name} was not added. ${error.message}`}
        hint={error.hint}
        onDismiss={remove}
      />
    );
  }
  // How long taking the text out takes is not known beforehand.
  const sending = sent < size;
  const label = sending
    ? `Copying ${name}: ${bytes(sent)} of ${bytes(size)}`
    : `Taking the text out of ${name}…`;
  return (
    <div className={styles.addition}>
      <Progress label={label} done={sent} total={sending ? size : 0} />
      <Button onClick={remove}>Cancel</Button>
    </div>
  );
}
