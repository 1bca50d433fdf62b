import type { CompareRun } from '../../electron/shared/contract.ts';
import styles from './Compare.module.css';
import { provenanceInWords } from './words.ts';

/** Where, when and with what each series was measured. */
export function Provenances({ run, overlaid }: { run: CompareRun; overlaid: CompareRun | null }) {
  return (
    <ul className={styles.provenance} aria-label="Where the figures come from">
      <li>This machine: {provenanceInWords(run.provenance)}.</li>
      {overlaid && <li>Drawn faintly: {provenanceInWords(overlaid.provenance)}.</li>}
    </ul>
  );
}
