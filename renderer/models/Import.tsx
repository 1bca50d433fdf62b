import { type FormEvent, useCallback, useId, useRef, useState } from 'react';
import type { Recognised } from '../../electron/shared/contract.ts';
import type { AppErrorValue } from '../../electron/shared/errors.ts';
import { useCommands } from '../app/commands.ts';
import { useStore } from '../store.ts';
import { Button } from '../ui/Button.tsx';
import { Notice } from '../ui/Notice.tsx';
import { ConvertOptions } from './ConvertOptions.tsx';
import { usualConversion } from './conversion-size.ts';
import { useDrop } from './drop.ts';
import styles from './Models.module.css';
import { recognisedInWords } from './words.ts';

type Looked =
  | { readonly phase: 'nothing' }
  | { readonly phase: 'looking' }
  | { readonly phase: 'found'; readonly found: Recognised }
  | { readonly phase: 'failed'; readonly error: AppErrorValue };

const browserDrop: AppErrorValue = {
  code: 'unsupported',
  message: 'A browser does not tell where a dropped file lies.',
  hint: 'Write its path in the field.',
};

/** A model that lies somewhere on this computer: found, looked at, then brought in. */
export function Import() {
  const { chooseModel, recognise } = useCommands();
  const electron = useStore(({ info }) => info?.host === 'electron');
  const [path, setPath] = useState('');
  const [looked, setLooked] = useState<Looked>({ phase: 'nothing' });
  const field = useRef<HTMLInputElement>(null);
  const asked = useRef(0);
  const id = useId();

  const look = useCallback(
    async (at: string) => {
      const mine = ++asked.current;
      setPath(at);
      setLooked({ phase: 'looking' });
      const answer = await recognise(at);
      // Somebody chose another one meanwhile.
      if (asked.current !== mine) return;
      if (answer.ok) setLooked({ phase: 'found', found: answer.value });
      else setLooked({ phase: 'failed', error: answer.error });
    },
    [recognise],
  );
  const over = useDrop(
    useCallback(
      (dropped) => {
        if (dropped !== null) return void look(dropped);
        setLooked({ phase: 'failed', error: browserDrop });
        field.current?.focus();
      },
      [look],
    ),
  );

  async function choose() {
    const answer = await chooseModel();
    if (!answer.ok) setLooked({ phase: 'failed', error: answer.error });
    else if (answer.value) await look(answer.value.path);
  }
  function submitted(event: FormEvent) {
    event.preventDefault();
    if (path.trim() !== '') void look(path.trim());
  }

  return (
    <div className={styles.drop} data-over={over}>
      <p className={styles.about}>
        {electron
          ? 'Drop a folder or a file here, choose one, or write its path.'
          : 'Write the path of a folder or a file on the computer that runs Llamba.'}{' '}
        Known are: Llamba and Llama in MLX form, the hub’s folders, and GGUF files.
      </p>
      <form className={styles.field} onSubmit={submitted}>
        <label htmlFor={id}>Path of a model</label>
        <input
          ref={field}
          id={id}
          type="text"
          spellCheck={false}
          autoComplete="off"
          placeholder="/path/to/model"
          value={path}
          onChange={(event) => setPath(event.target.value)}
        />
        <Button type="submit" icon="search">
          Look
        </Button>
        {electron && (
          <Button icon="folder" onClick={() => void choose()}>
            Choose…
          </Button>
        )}
      </form>
      {looked.phase === 'looking' && <p role="status">Looking at it…</p>}
      {looked.phase === 'failed' && (
        <Notice tone="danger" message={looked.error.message} hint={looked.error.hint} />
      )}
      {looked.phase === 'found' && (
        <Found
          key={looked.found.path}
          found={looked.found}
          onDone={() => {
            setLooked({ phase: 'nothing' });
            setPath('');
            field.current?.focus();
          }}
        />
      )}
    </div>
  );
}

/** What it is, how it would come in, and the button that does it. */
function Found({ found, onDone }: { found: Recognised; onDone: () => void }) {
  const { importModel } = useCommands();
  const [conversion, setConversion] = useState(usualConversion);
  const [error, setError] = useState<AppErrorValue | null>(null);
  const heading = useId();
  if (found.how === 'refuse') {
    return <Notice tone="danger" message={`${found.name} cannot be imported.`} hint={found.reason} />;
  }
  const { weights } = found;
  async function bring() {
    const answer = await importModel(found.path, weights ? conversion : null);
    if (answer.ok) onDone();
    else setError(answer.error);
  }
  return (
    <section className={styles.found} aria-labelledby={heading}>
      <h4 id={heading}>{found.name}</h4>
      <p role="status">
        {recognisedInWords(found)} {found.reason}
      </p>
      {weights && <ConvertOptions weights={weights} value={conversion} onChange={setConversion} />}
      {error && <Notice tone="danger" message={error.message} hint={error.hint} />}
      <div className={styles.actions}>
        <Button look="accent" icon="import" onClick={() => void bring()}>
          {weights ? 'Convert and import' : 'Import'}
        </Button>
        <Button onClick={onDone}>Cancel</Button>
      </div>
    </section>
  );
}
