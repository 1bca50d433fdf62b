import type { Resume } from '../../electron/shared/contract.ts';
import { useStore } from '../store.ts';
import { Icon } from '../ui/Icon.tsx';
import { resumeInWords } from './figures.ts';
import styles from './Turns.module.css';

/** A quiet sign: whether the conversation goes on from here at once, or what has to be read first. */
export function ResumeMark({ resume }: { resume: Resume }) {
  const speed = useStore((state) => state.history.at(-1)?.prefillTokensPerSecond ?? null);
  const words = resumeInWords(resume, speed);
  return (
    <span className={styles.mark} title={words} data-resume={resume.tokens === 0 ? 'kept' : 'read'}>
      {resume.tokens === 0 ? (
        <>
          <Icon name="bolt" size={12} />
          <span className="visually-hidden">{words}</span>
        </>
      ) : (
        words
      )}
    </span>
  );
}
