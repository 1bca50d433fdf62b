import type { SearchHit } from '../../electron/shared/contract.ts';
import { useCommands } from '../app/commands.ts';
import { useStore } from '../store.ts';
import styles from './Sidebar.module.css';
import { around } from './snippet.ts';

/** What was found, with the words around it; pressing one opens the chat where it was said. */
export function SearchHits() {
  const hits = useStore((state) => state.hits);
  const query = useStore((state) => state.query);
  if (hits === null) return <p className={styles.empty}>Searching…</p>;
  if (hits.length === 0) return <p className={styles.empty}>Nothing holds “{query.trim()}”.</p>;
  return (
    <nav className={`${styles.list} ${styles.scroll}`} aria-label="Found">
      <p className="visually-hidden" role="status">
        {hits.length} found
      </p>
      {hits.map((hit) => (
        <Hit key={`${hit.session} ${hit.turn}`} hit={hit} />
      ))}
    </nav>
  );
}

function Hit({ hit }: { hit: SearchHit }) {
  const { openSession } = useCommands();
  let at = 0;
  return (
    <button type="button" className={styles.hit} data-row onClick={() => openSession(hit.session, hit.turn)}>
      <span className={styles.title}>{hit.title || 'New chat'}</span>
      {hit.turn !== null && (
        <span className={styles.snippet}>
          {around(hit.snippet).map(({ text, match }) => {
            const key = at;
            at += text.length + 1;
            return match ? <mark key={key}>{text}</mark> : <span key={key}>{text}</span>;
          })}
        </span>
      )}
    </button>
  );
}
