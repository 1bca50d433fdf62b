import { type RefObject, useState } from 'react';
import type { CompareRun } from '../../electron/shared/contract.ts';
import { toErrorValue } from '../../electron/shared/errors.ts';
import { saveFile } from '../app/save.ts';
import { Button } from '../ui/Button.tsx';
import { Notice } from '../ui/Notice.tsx';
import styles from './Compare.module.css';
import { fileName, toCsv, toJson } from './export.ts';
import { pictureOf } from './picture.ts';
import { namesOf } from './words.ts';

interface ExportRunProps {
  readonly run: CompareRun;
  readonly plots: RefObject<HTMLElement | null>;
  /** What stands below them in the picture. */
  readonly notes: readonly string[];
}

/** A run as a file: its plots as they are on the screen, or its figures. */
export function ExportRun({ run, plots, notes }: ExportRunProps) {
  const [failure, setFailure] = useState<string | null>(null);
  async function savePicture() {
    if (!plots.current) return;
    try {
      saveFile(fileName(run, 'png'), [await pictureOf(plots.current, namesOf(run), notes)]);
      setFailure(null);
    } catch (error) {
      setFailure(toErrorValue(error).message);
    }
  }
  return (
    <>
      <div className={styles.actions}>
        <Button icon="download" onClick={() => void savePicture()}>
          PNG
        </Button>
        <Button icon="download" onClick={() => saveFile(fileName(run, 'csv'), [toCsv(run)])}>
          CSV
        </Button>
        <Button icon="download" onClick={() => saveFile(fileName(run, 'json'), [toJson(run)])}>
          JSON
        </Button>
      </div>
      {failure !== null && (
        <Notice
          tone="danger"
          message={`The plots could not be saved as a picture. ${failure}`}
          hint="CSV and JSON have the same figures."
          onDismiss={() => setFailure(null)}
        />
      )}
    </>
  );
}
